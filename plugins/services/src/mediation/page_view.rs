//! The page of a dispute: the same for everybody who may open it, with what each may do.

use super::alike::alike;
use super::case::{Case, caucuses, opened};
use super::dispute::{Dispute, OfDispute, Party, SigningCode, Terms};
use super::page_after::{follow_ups, performance};
use super::page_deeds::{button, deeds};
use super::page_statements::statements;
use super::signing::{newest_code, signatures};
use super::{answer_for_party, signed_on_paper};
use crate::place;
use changzhi_sdk::prelude::*;
use changzhi_sdk::{clocks, story};

/// Roles that may open any dispute; its words still open only for a purpose, its talk for its members.
pub(super) const STAFF: [&str; 5] = ["operator", "mediator", "official", "verifier", "admin"];

/// Who looks.
pub(super) struct Reader {
    pub(super) staff: bool,
    pub(super) desk: bool,
    pub(super) mediating: bool,
    /// Their side, if they are a party or with one.
    pub(super) side: Option<String>,
    pub(super) decides: bool,
    /// Serves beside the mediator.
    pub(super) serves: bool,
}

impl Reader {
    /// # Errors
    /// Neither staff nor of this dispute: as if it were not there.
    pub(super) fn of(ctx: &Context, case: &Case) -> Result<Reader, Refusal> {
        let staff = STAFF.iter().any(|role| ctx.actor.has_role(role));
        let own = case.person(ctx);
        let serves = case.serving(ctx.actor.id).is_some();
        if !staff && own.is_none() && !serves && !case.is_mediator(ctx) && case.registrar != Some(ctx.actor.id) {
            return Err(Refusal::not_found("no-such-dispute"));
        }
        Ok(Reader {
            staff,
            desk: ctx.actor.has_role("operator") || ctx.actor.has_role("admin"),
            mediating: case.is_mediator(ctx),
            side: own.map(|p| p.side.clone()),
            decides: case.deciding(ctx).is_ok(),
            serves,
        })
    }
}

pub(super) fn side(side: &str) -> Text {
    Text::key(&format!("side-{side}"))
}

#[view(name = "dispute", label = "dispute")]
pub fn dispute_view(ctx: &Context, about: OfDispute) -> Result<Page, Refusal> {
    let id = about.dispute;
    let case = Case::of(id)?;
    let reader = Reader::of(ctx, &case)?;
    let (code, title) = get(id, (Dispute::CODE, Dispute::TITLE))?;
    let mut page = Page::new(Text::plain(title.unwrap_or_default()))
        .add(standing(ctx, &case, &reader)?)
        .add(deeds(ctx, &case, &reader)?)
        .add(registered(ctx, &case, code)?)
        .add(parties(ctx, &case, &reader)?)
        .add_some(if reader.desk && case.state == "registered" { alike(&case)? } else { None })
        .add_some(super::parts::section(ctx, &case, reader.desk || case.leading(ctx).is_ok())?)
        .add_some(rooms(ctx, &case, &reader)?)
        .add_some(statements(&case, &reader)?)
        .add_some(terms(ctx, &case, &reader)?)
        .add_some(performance(ctx, &case, &reader)?)
        .add_some(follow_ups(ctx, &case, &reader)?);
    if reader.staff || reader.side.is_some() {
        page = page.add(history(id)?);
    }
    Ok(page)
}

/// Step, whose turn it is, day 12 of 30, when the session is, how far signing is.
fn standing(ctx: &Context, case: &Case, reader: &Reader) -> Result<Section, Refusal> {
    let running = clocks(case.id)?;
    let mut detail = Detail::new().line("step", Cell::status(format!("state-{}", case.state)));
    if let Some(owner) = running.first().map(|c| c.owner.clone()) {
        detail = detail.line("who-has-it", Cell::text(Text::key(&format!("role-{owner}"))));
    }
    if let Some(whole) = running.iter().max_by_key(|c| c.days).filter(|c| c.days > 0) {
        let day = Text::key("day-of").with("day", i64::from(whole.day)).with("days", i64::from(whole.days));
        detail = detail.line("day", Cell::text(day));
    }
    if let Some(first) = running.first() {
        detail = detail.line("due", Cell::due(changzhi_sdk::Due { at: ctx.now, limit: first.due }));
    }
    let (at, mode, at_place) = get(case.id, (Dispute::SESSION_AT, Dispute::SESSION_MODE, Dispute::SESSION_PLACE))?;
    if case.state == "scheduled" || case.state == "in-session" {
        detail = detail
            .line("session-at", at)
            .line("session-mode", mode.map_or(Cell::none(), Cell::code))
            .line("session-place", at_place);
    }
    let (seat, effective, guided) = get(case.id, (Dispute::SEAT, Dispute::EFFECTIVE, Dispute::GUIDED_TO))?;
    if let Some(seat) = seat {
        let (shown, organisation) = get(seat, (super::dispute::Seat::SHOWN, super::dispute::Seat::ORGANISATION))?;
        detail = detail.line("role-mediator", shown).line("organisation", organisation);
    }
    if let Some(effective) = effective {
        detail = detail.line("effective", effective);
    }
    if let Some(guided) = guided {
        detail = detail.line("guided-to", Cell::code(guided));
    }
    let mut section = Section::new("standing").live().add(detail);
    if let Some(code) = get(case.id, Dispute::CODE)?
        && (reader.mediating || reader.serves || reader.side.is_some())
    {
        section = section.add_some(super::session::appointment(case, &code)?);
    }
    if let Some(own) = &reader.side {
        section = section.add(Notice::new(Tone::Info, Text::key("you-are").with("side", own.to_uppercase())));
    }
    Ok(section)
}

fn registered(ctx: &Context, case: &Case, code: Option<String>) -> Result<Section, Refusal> {
    let (category, at, within) = get(case.id, (core_fields::CATEGORY, core_fields::AT, core_fields::WITHIN))?;
    let (channel, claim) = get(case.id, (Dispute::CHANNEL, Dispute::CLAIM))?;
    let mut detail = Detail::new()
        .line("code", code)
        .line("category", Cell::code(category.unwrap_or_default()))
        .line("created", at)
        .line("channel", channel.map_or(Cell::none(), |c| Cell::code(format!("channel-{c}"))));
    if let Some(claim) = claim {
        detail = detail.line("claim", Cell::money(claim));
    }
    if let Some(within) = within {
        detail = detail.line("place", Cell::text(place::name(within)?));
    }
    let section = Section::new("registered").add(detail);
    Ok(if ctx.purpose.is_empty() {
        section
    } else {
        section.add_some(opened(case.id, Dispute::FACTS)?.map(|w| Paragraph::new(Text::plain(w))))
    })
}

fn parties(ctx: &Context, case: &Case, reader: &Reader) -> Result<Section, Refusal> {
    let mut table = Table::new().key("parties").total(case.people.len() as u64);
    table = table.col("side", "side").col("part", "part").col("consent", "consent").col("name", "name");
    if reader.desk || reader.mediating {
        table = table.col("invitation", "invitation");
    }
    for person in &case.people {
        let name = if ctx.purpose.is_empty() { None } else { opened(person.id, Party::NAME)? };
        let consent = if person.left { "party-has-left".to_owned() } else { format!("consent-{}", person.consent) };
        let mut cells = vec![
            Cell::text(side(&person.side)),
            Cell::code(person.part.clone()),
            Cell::status(consent),
            name.map_or(Cell::none(), |n| Cell::text(Text::plain(n))),
        ];
        if reader.desk || reader.mediating {
            cells.push(get(person.id, Party::INVITATION)?.map_or(Cell::none(), |i| Cell::text(Text::plain(i))));
        }
        table = table.plain_row(person.id, cells);
    }
    let mut section = Section::new("parties").add(table);
    if ctx.purpose.is_empty() && reader.staff {
        section = section.add(Notice::new(Tone::Info, "names-need-purpose"));
    }
    if case.state == "consent" && (reader.desk || reader.mediating) {
        for person in case.deciders().filter(|p| p.account.is_none() && p.consent == "asked") {
            section = section
                .add(Paragraph::new(side(&person.side)))
                .add(Form::of::<answer_for_party>().with("dispute", case.id).with("party", person.id));
        }
    }
    Ok(section)
}

fn rooms(ctx: &Context, case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    if case.mediator.is_none() || !(reader.mediating || reader.serves || reader.side.is_some()) {
        return Ok(None);
    }
    let mut section = Section::new("rooms").add(Action::open("joint-room", "room").with("room", case.id));
    for (room, of) in caucuses(case.id)? {
        // Whether another side has a caucus is that side's own affair.
        let inside = get(room, super::dispute::RoomKept::MEMBERS)?.unwrap_or_default().has(ctx.actor.id);
        if inside || reader.mediating || reader.side.as_deref() == Some(of.as_str()) {
            let label = Text::key("caucus-of").with("side", of.to_uppercase());
            section = section.add(Action::open(label, "room").with("room", room));
        }
    }
    Ok(Some(section))
}

fn terms(ctx: &Context, case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    let Some(terms) = case.terms.filter(|_| reader.mediating || reader.side.is_some()) else { return Ok(None) };
    let Some(text) = opened(terms, Terms::TEXT)? else { return Ok(None) };
    let digest = get(terms, Terms::DIGEST)?;
    let signed = signatures(terms)?;
    let document = document(case, terms)?;
    let mut section = Section::new("terms").live();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        section = section.add(Paragraph::new(Text::plain(line)));
    }
    section = section.add(document).add(Action::open("open-agreement", "agreement").with("dispute", case.id));
    if reader.decides && case.state == "reading" {
        section = section
            .add(Notice::new(Tone::Info, "reading-means"))
            .add(button("waive-reading", case).confirm("waiving-means"));
    }
    if reader.decides && case.state == "signing" {
        let own = case.deciding(ctx)?;
        if !signed.iter().any(|s| s.party == own.id) {
            section = signing(ctx, case, own.id, terms, digest.unwrap_or_default(), section)?;
        }
    }
    if reader.mediating && case.state == "signing" {
        for person in case.deciders().filter(|p| p.account.is_none() && !signed.iter().any(|s| s.party == p.id)) {
            section = section
                .add(Paragraph::new(side(&person.side)))
                .add(Form::of::<signed_on_paper>().with("dispute", case.id).with("party", person.id));
        }
    }
    Ok(Some(section))
}

/// The agreement as a paper that is signed: which version, what it says by its hash, who has signed and who has not.
pub(super) fn document(case: &Case, terms: EntityId) -> Result<Document, Refusal> {
    let (number, digest, at) = get(terms, (Terms::NUMBER, Terms::DIGEST, core_fields::AT))?;
    let signed = signatures(terms)?;
    let sealed = get(case.id, Dispute::EFFECTIVE)?.is_some();
    let how = match case.state.as_str() {
        "signing" => DocumentState::Signing,
        _ if sealed => DocumentState::Sealed,
        _ => DocumentState::Draft,
    };
    let version = u32::try_from(number.unwrap_or(1)).unwrap_or(1);
    let mut document =
        Document::new("agreement", how).version(version, at.unwrap_or_default()).hash(digest.unwrap_or_default());
    for person in case.deciders() {
        document = match signed.iter().find(|s| s.party == person.id) {
            Some(one) => document.signed(side(&person.side), one.at),
            None => document.awaits(side(&person.side)),
        };
    }
    Ok(document)
}

/// The party's code, if there is one, and where to sign.
fn signing(
    ctx: &Context,
    case: &Case,
    party: EntityId,
    terms: EntityId,
    digest: String,
    section: Section,
) -> Result<Section, Refusal> {
    let ask = button("ask-signing-code", case).style(Style::Plain);
    let code = newest_code(party, terms)?.filter(|(_, until)| *until > ctx.now);
    let Some((code, until)) = code else { return Ok(section.add(Notice::new(Tone::Info, "signing-means")).add(ask)) };
    let shown = opened(code, SigningCode::CODE)?.unwrap_or_default();
    let pad = Input::new("stroke", "stroke", "stroke").required().hint("stroke-hint");
    let form = Form::new("sign", "sign")
        .with("dispute", case.id)
        .with("digest", digest)
        .input(Input::new("signing-code", "text", "signing-code").required())
        .input(pad);
    Ok(section.add(Detail::new().line("your-signing-code", shown).line("code-until", until)).add(form).add(ask))
}

fn history(id: EntityId) -> Result<Section, Refusal> {
    let mut timeline = Timeline::new();
    for one in story(id)? {
        let text = if one.event.is_empty() { "state-registered".to_owned() } else { format!("event-{}", one.event) };
        timeline = timeline.moment(one.at, Text::plain(one.reason), Text::key(&text));
    }
    Ok(Section::new("history").add(timeline))
}
