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

fn pictures(photos: Files) -> Result<Media, Refusal> {
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
        let photos = reveal(id, Report::PHOTOS)?;
        page.add(
            Section::new("body")
                .empty("words-erased")
                .add_some(words.map(|w| Paragraph::new(Text::plain(w))))
                .add(Detail::new().line("contact", contact))
                .add_some(photos.map(pictures).transpose()?),
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
