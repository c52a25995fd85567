//! One report: what is kept of it, and its page.

use crate::{note, place, reach, standing};
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
    /// What the resident saw.
    #[field(personal, max = 6)]
    pub photos: Option<Files>,
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

/// Events that are given by the command of their own name with no more than a reason.
const BUTTONS: [&str; 18] = [
    "accept",
    "refuse",
    "divert",
    "ask-more",
    "supplement",
    "decide",
    "unmerge",
    "start",
    "contact",
    "resume",
    "grant-extension",
    "refuse-extension",
    "verify",
    "rework",
    "close",
    "reopen",
    "acknowledge",
    "withdraw",
];

pub(crate) fn pictures(photos: Files) -> Result<Media, Refusal> {
    let mut media = Media::new("photos");
    for id in photos.ids() {
        media = media.file(File::stored("photo", &stored(*id)?).key(id));
    }
    Ok(media)
}

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
        .line("category", Cell::code(format!("category-{}", category.clone().unwrap_or_default())))
        .line("created", at)
        .line("channel", Cell::code(channel.unwrap_or_default()))
        .line("source", source)
        .line("agency", agency)
        .line("address", address);
    if let Some(within) = within {
        detail = detail.line("place", Cell::text(place::name(within)?));
    }
    let next = allowed(id)?;
    // A public word is given with the form for it, whatever the flow says.
    let events: Vec<String> = next.iter().map(|n| n.event.clone()).filter(|e| e != "inform").collect();
    let standing = standing::section(ctx, id, state.as_deref().unwrap_or_default(), &events)?;
    if standing.is_none() {
        // A matter without rules has no section that says so.
        let state = Cell::status(format!("state-{}", state.clone().unwrap_or_default()));
        detail = detail.line("state", state).line("handoffs", handoffs);
    }
    let mut page = Page::new(Text::plain(title.unwrap_or_default())).add_some(standing).add(detail);
    page = if ctx.purpose.is_empty() {
        page.add(Notice::new(Tone::Info, "words-need-purpose"))
    } else {
        let words = reveal(id, Report::BODY)?;
        let (name, apart) = reach::opened(id)?;
        let contact = match apart {
            Some(apart) => Some(apart),
            // Reports of before contacts were kept apart, and imported ones.
            None => reveal(id, Report::CONTACT)?,
        };
        let photos = reveal(id, Report::PHOTOS)?;
        page.add(
            Section::new("body")
                .empty("words-erased")
                .add_some(words.map(|w| Paragraph::new(Text::plain(w))))
                .add(Detail::new().line("caller-name", name).line("contact", contact))
                .add_some(photos.map(pictures).transpose()?),
        )
    };
    let story = match standing::history(id)? {
        Some(story) => story,
        None => {
            let story = Timeline::new().moment(at, Text::key("resident"), Text::key("state-submitted"));
            match answered {
                Some(answered) => story.moment(answered, Text::key("unit"), Text::key("state-answered")),
                None => story,
            }
        }
    };
    page = page.add(Section::new("history").add(story)).add_some(standing::voices(id)?);
    if let Some(reply) = reply {
        page = page.add(Section::new("reply").add(Paragraph::new(Text::plain(reply))));
    }
    page = page.add_some(crate::open::updates(ctx, id)?).add_some(note::public(id)?).add_some(note::internal(id)?);
    page = page.add_some(rated(ctx, id)?);
    page = intake(ctx, id, page)?;
    if ["unit", "grid-worker", "operator", "admin"].iter().any(|role| ctx.actor.has_role(role)) {
        page = page.add(Form::of::<note::inform>().with("matter", id));
    }
    page = page.add(Form::of::<note::note_internally>().with("matter", id));
    for event in &events {
        page = match event.as_str() {
            "assign" => page.add(Form::of::<crate::change::assign>().with("matter", id)),
            "answer" => {
                let form = Form::of::<crate::change::answer>().with("matter", id);
                let (form, texts) = crate::template::answering(form, category.as_deref().unwrap_or_default())?;
                page.add(form).add_some(texts.map(|texts| fold([texts.into()])))
            }
            "merge" => page.add(Form::of::<crate::steps::merge>().with("matter", id)),
            "decline" => page.add(Form::of::<crate::steps::decline>().with("matter", id)),
            "arbitrate" => page.add(Form::of::<crate::steps::arbitrate>().with("matter", id)),
            "pause" => page.add(Form::of::<crate::steps::pause>().with("matter", id)),
            "ask-extension" => page.add(Form::of::<crate::steps::ask_extension>().with("matter", id)),
            event => match BUTTONS.iter().find(|b| **b == event) {
                Some(command) => page.add(Action::command(button(command), command).with("matter", id).asks_reason()),
                None => page,
            },
        };
    }
    Ok(page)
}

/// For whoever checks, not for whoever was rated: the words of the rating, for a purpose.
fn rated(ctx: &Context, id: EntityId) -> Result<Option<Section>, Refusal> {
    let checks = ["verifier", "official", "admin"].iter().any(|role| ctx.actor.has_role(role));
    if ctx.purpose.is_empty() || !checks {
        return Ok(None);
    }
    let words = crate::rating::words(id)?;
    Ok(words.map(|words| Section::new("rated-words").add(Paragraph::new(Text::plain(words)))))
}

/// The word on a button: that of its command.
fn button(command: &str) -> &str {
    if command == "contact" { "contact-resident" } else { command }
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
