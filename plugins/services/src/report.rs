//! One report: what is kept of it, and its page.

use crate::place;
use changzhi_sdk::prelude::*;

/// What is kept of a report. The matter's category, state, time and place are core fields.
#[derive(Facet, Default)]
#[facet(name = "services.report", on = events, label = "report")]
pub struct Report {
    #[field(unique, max_len = 16)]
    pub code: String,
    /// The way it came in: `portal`, or the source of an import.
    #[field(code, internal)]
    pub source: String,
    /// `SOURCE:KEY` of an imported report.
    #[field(unique, internal)]
    pub reference: Option<String>,
    /// What the import made of the row, to tell a changed row from the same one.
    #[field(internal, max_len = 64)]
    pub digest: Option<String>,
    #[field(internal)]
    pub title: String,
    /// The resident's own words: they may hold names and numbers, so they are sealed.
    #[field(long_text, personal)]
    pub body: Option<String>,
    #[field(code)]
    pub channel: String,
    #[field(internal)]
    pub address: Option<String>,
    #[field(code)]
    pub agency: Option<String>,
    pub answered: Option<Micros>,
    #[field(long_text, internal)]
    pub reply: Option<String>,
    #[field(personal)]
    pub contact: Option<String>,
    /// Times the matter went from one unit to another.
    #[field(min = 0)]
    pub handoffs: Option<i64>,
    #[field(name = "voices-for", min = 0)]
    pub voices_for: Option<i64>,
    #[field(name = "voices-against", min = 0)]
    pub voices_against: Option<i64>,
    /// The account that answered: whoever closes must be another.
    #[field(entity = people, internal)]
    pub handler: Option<EntityId>,
    /// Version of its category when it was filed; 0: the built-in one.
    #[field(name = "category-version", min = 0, internal)]
    pub category_version: Option<i64>,
    /// Somebody confirmed or corrected its category: it is learned from.
    #[field(name = "category-decided", internal)]
    pub category_decided: Option<bool>,
}

#[derive(Body)]
pub struct About {
    #[field(entity = events)]
    pub matter: EntityId,
}

/// Commands that a flow's event is given by, with whether it asks for a reason or answer on its own form.
const BUTTONS: [(&str, &str); 6] = [
    ("accept", "accept"),
    ("refuse", "refuse"),
    ("start", "start"),
    ("close", "close"),
    ("reopen", "reopen"),
    ("withdraw", "withdraw"),
];

#[view(name = "report", label = "report", roles = ["operator", "admin", "unit", "grid-worker", "mediator", "verifier", "official"])]
pub fn report_view(ctx: &Context, about: About) -> Result<Page, Refusal> {
    let id = about.matter;
    let core = (core_fields::CATEGORY, core_fields::STATE, core_fields::AT, core_fields::WITHIN, core_fields::KIND);
    let (category, state, at, within, kind) = get(id, core)?;
    if kind.as_deref() != Some("matter") {
        return Err(Refusal::not_found("no-such-matter"));
    }
    let (code, source, title, channel) = get(id, (Report::CODE, Report::SOURCE, Report::TITLE, Report::CHANNEL))?;
    let (agency, answered, reply, handoffs, address) =
        get(id, (Report::AGENCY, Report::ANSWERED, Report::REPLY, Report::HANDOFFS, Report::ADDRESS))?;
    let at = at.unwrap_or_default();
    let mut detail = Detail::new()
        .line("code", code)
        .line("category", Cell::code(format!("category-{}", category.unwrap_or_default())))
        .line("state", Cell::status(format!("state-{}", state.clone().unwrap_or_default())))
        .line("created", at)
        .line("channel", channel)
        .line("source", source)
        .line("agency", agency)
        .line("address", address)
        .line("handoffs", handoffs);
    if let Some(within) = within {
        detail = detail.line("place", Cell::text(place::name(within)?));
    }
    let mut page = Page::new(Text::plain(title.unwrap_or_default())).add(detail);
    page = if ctx.purpose.is_empty() {
        page.add(Notice::new(Tone::Info, "words-need-purpose"))
    } else {
        let words = reveal(id, Report::BODY)?;
        let contact = reveal(id, Report::CONTACT)?;
        page.add(
            Section::new("body")
                .empty("words-erased")
                .add_some(words.map(|w| Paragraph::new(Text::plain(w))))
                .add(Detail::new().line("contact", contact)),
        )
    };
    let mut story = Timeline::new().moment(at, Text::key("resident"), Text::key("state-submitted"));
    if let Some(answered) = answered {
        story = story.moment(answered, Text::key("unit"), Text::key("state-answered"));
    }
    page = page.add(Section::new("history").add(story));
    if let Some(reply) = reply {
        page = page.add(Section::new("reply").add(Paragraph::new(Text::plain(reply))));
    }
    page = page.add_some(crate::open::updates(ctx, id)?);
    page = intake(ctx, id, page)?;
    for next in allowed(id)? {
        page = match next.event.as_str() {
            "assign" => page.add(Form::of::<crate::change::assign>().with("matter", id)),
            "answer" => page.add(Form::of::<crate::change::answer>().with("matter", id)),
            event => match BUTTONS.iter().find(|b| b.0 == event) {
                Some((_, command)) => page.add(Action::command(*command, command).with("matter", id).asks_reason()),
                None => page,
            },
        };
    }
    Ok(page)
}

/// States in which the desk still asks what it is and whether it is known already.
const INTAKE: [&str; 3] = ["submitted", "accepted", "reopened"];

/// For the desk, while a report waits there: the proposal, and matters that may be the same.
fn intake(ctx: &Context, id: EntityId, page: Page) -> Result<Page, Refusal> {
    let (category, state, at, within) =
        get(id, (core_fields::CATEGORY, core_fields::STATE, core_fields::AT, core_fields::WITHIN))?;
    let (title, decided) = get(id, (Report::TITLE, Report::CATEGORY_DECIDED))?;
    let desk = ctx.actor.has_role("operator") || ctx.actor.has_role("admin");
    if !desk || !state.is_some_and(|s| INTAKE.contains(&s.as_str())) {
        return Ok(page);
    }
    let (lon, lat) = get(id, (core_fields::LON, core_fields::LAT))?;
    let (title, category) = (title.unwrap_or_default(), category.unwrap_or_default());
    let about = crate::routing::About {
        matter: Some(id),
        title: &title,
        category: &category,
        at: at.unwrap_or_default(),
        within,
        position: lon.zip(lat).map(|(lon, lat)| Point { lon, lat }),
    };
    let taught = crate::routing::Taught::of_the_city(Some(id))?;
    let page = page.add(crate::routing::same(&taught, &about)?);
    if decided == Some(true) {
        Ok(page)
    } else {
        Ok(page.add(crate::routing::proposal(&taught, id, &title, &category)?))
    }
}
