//! The page of a dispute: the same for everybody who may open it, with what each may do.

use super::after::{Due, plan};
use super::calling::calls;
use super::case::{Case, caucuses, opened};
use super::dispute::{Dispute, OfDispute, Party, SigningCode, Terms};
use super::facts::{Stated, stated};
use super::mediator::proposed;
use super::signing::{newest_code, signatures};
use super::{
    add_party, answer_for_party, answer_invitation, ask_more_time, court_answers, follow_up, give_word, guide,
    merge_dispute, open_caucus, plan_instalment, schedule, signed_on_paper, state,
};
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
}

impl Reader {
    /// # Errors
    /// Neither staff nor of this dispute: as if it were not there.
    pub(super) fn of(ctx: &Context, case: &Case) -> Result<Reader, Refusal> {
        let staff = STAFF.iter().any(|role| ctx.actor.has_role(role));
        let own = case.person(ctx);
        if !staff && own.is_none() && !case.is_mediator(ctx) && case.registrar != Some(ctx.actor.id) {
            return Err(Refusal::not_found("no-such-dispute"));
        }
        Ok(Reader {
            staff,
            desk: ctx.actor.has_role("operator") || ctx.actor.has_role("admin"),
            mediating: case.is_mediator(ctx),
            side: own.map(|p| p.side.clone()),
            decides: case.deciding(ctx).is_ok(),
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
        .add_some(rooms(&case, &reader)?)
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
    if let Some(own) = &reader.side {
        section = section.add(Notice::new(Tone::Info, Text::key("you-are").with("side", own.to_uppercase())));
    }
    Ok(section)
}

/// One button: a command about this dispute.
fn button(command: &'static str, case: &Case) -> Action {
    Action::command(command, command).with("dispute", case.id)
}

/// What the reader may do next.
fn deeds(ctx: &Context, case: &Case, reader: &Reader) -> Result<Section, Refusal> {
    let id = case.id;
    let mut section = Section::new("next-step").empty("nothing-to-do");
    let state_is = |all: &[&str]| all.contains(&case.state.as_str());
    if reader.desk {
        match case.state.as_str() {
            "registered" => {
                section = section
                    .add(button("screen", case))
                    .add(Form::of::<guide>().with("dispute", id))
                    .add(Form::of::<merge_dispute>().with("dispute", id));
            }
            "merged" => section = section.add(button("unmerge-dispute", case)),
            "confirming" => section = section.add(Form::of::<court_answers>().with("dispute", id)),
            "performed" => section = section.add(button("close-dispute", case)),
            "closed" | "guided" | "not-agreed" | "failed" | "enforcing" => {
                section = section.add(button("reopen-dispute", case).asks_reason());
            }
            _ => {}
        }
    }
    if reader.desk || (reader.staff && ctx.actor.has_role("mediator")) {
        if state_is(&["screened"]) {
            section = section.add(button("invite", case));
        }
        if state_is(&["consent"]) {
            section = section.add(button("invite-again", case));
        }
        if state_is(&["registered", "screened", "consent"]) {
            section = section.add(Form::of::<add_party>().with("dispute", id));
        }
    }
    if reader.decides {
        section = party_deeds(ctx, case, section)?;
    }
    if state_is(&["accepted"]) && (reader.desk || reader.decides) {
        section = section.add(choices(case, reader)?);
    }
    if reader.mediating {
        section = mediator_deeds(case, section);
    }
    Ok(section)
}

fn party_deeds(ctx: &Context, case: &Case, mut section: Section) -> Result<Section, Refusal> {
    let id = case.id;
    let own = case.deciding(ctx)?;
    match case.state.as_str() {
        "consent" if own.consent == "asked" => {
            section = section
                .add(Notice::new(Tone::Info, "consent-is-free"))
                .add(Form::of::<answer_invitation>().with("dispute", id));
        }
        "agreed" if !own.asks_court => section = section.add(button("ask-court", case).confirm("ask-court-means")),
        "breached" => section = section.add(button("enforce", case).style(Style::Danger).confirm("enforce-means")),
        _ => {}
    }
    let leaving =
        ["accepted", "mediator-set", "preparing", "scheduled", "in-session", "drafting", "reading", "signing"];
    if leaving.contains(&case.state.as_str()) {
        let asked = clocks(id)?.iter().any(|c| c.name == "mediation");
        if asked && next_is(case, "grant-extension")? {
            section = section.add(button("grant-more-time", case));
        }
        section = section
            .add(button("leave-mediation", case).style(Style::Danger).confirm("leaving-means"))
            .add(Action::open("open-packet", "packet").with("dispute", id));
    }
    if ["registered", "screened"].contains(&case.state.as_str()) && own.side == "a" {
        section = section.add(button("withdraw-dispute", case).style(Style::Danger).confirm("withdrawing-means"));
    }
    Ok(section)
}

fn next_is(case: &Case, event: &str) -> Result<bool, Refusal> {
    Ok(allowed(case.id)?.iter().any(|n| n.event == event))
}

fn mediator_deeds(case: &Case, mut section: Section) -> Section {
    let id = case.id;
    let plain = |event: &'static str| button(event, case);
    match case.state.as_str() {
        "mediator-set" => section = section.add(plain("prepare")),
        "preparing" => {
            section = section
                .add(Form::of::<schedule>().with("dispute", id))
                .add(Action::open("open-drafting", "drafting").with("dispute", id));
        }
        "scheduled" => section = section.add(plain("hold")).add(Form::of::<schedule>().with("dispute", id)),
        "in-session" => {
            section = section
                .add(Form::of::<give_word>().with("dispute", id))
                .add(Form::of::<open_caucus>().with("dispute", id))
                .add(Action::open("open-drafting", "drafting").with("dispute", id))
                .add(plain("adjourn").asks_reason());
        }
        "drafting" => {
            section = section
                .add(Action::open("open-drafting", "drafting").with("dispute", id))
                .add(Form::of::<plan_instalment>().with("dispute", id));
            if case.terms.is_some() {
                section = section.add(plain("offer-terms"));
            }
        }
        "reading" | "signing" => section = section.add(plain("redraft").asks_reason()),
        "agreed" | "confirmed" => {
            section = section.add(Form::of::<plan_instalment>().with("dispute", id)).add(plain("all-performed"));
        }
        "breached" => section = section.add(plain("remediate")),
        _ => {}
    }
    if ["preparing", "in-session"].contains(&case.state.as_str()) {
        section = section.add(Form::of::<ask_more_time>().with("dispute", id));
    }
    if ["mediator-set", "preparing", "scheduled"].contains(&case.state.as_str()) {
        section = section.add(plain("recuse").asks_reason());
    }
    if ["accepted", "mediator-set", "preparing", "scheduled", "in-session", "drafting"].contains(&case.state.as_str()) {
        section = section.add(plain("end-mediation").style(Style::Danger).asks_reason());
    }
    section
}

/// Three mediators with what is known of each; a party picks, the desk appoints.
fn choices(case: &Case, reader: &Reader) -> Result<Section, Refusal> {
    let command = if reader.decides { "pick-mediator" } else { "appoint-mediator" };
    let mut section = Section::new("mediators-proposed").help("mediators-proposed-help").empty("no-mediator-there");
    for seat in proposed(case)? {
        let detail = Detail::new()
            .line("role-mediator", seat.shown)
            .line("organisation", seat.organisation)
            .line("under-way", i64::try_from(seat.under_way).unwrap_or(i64::MAX));
        section = section.add(detail).add(button(command, case).with("seat", seat.id));
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

fn rooms(case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    if case.mediator.is_none() || !(reader.mediating || reader.side.is_some()) {
        return Ok(None);
    }
    let mut section = Section::new("rooms").add(Action::open("joint-room", "room").with("room", case.id));
    for (room, of) in caucuses(case.id)? {
        // Whether another side has a caucus is that side's own affair.
        if reader.mediating || reader.side.as_deref() == Some(of.as_str()) {
            let label = Text::key("caucus-of").with("side", of.to_uppercase());
            section = section.add(Action::open(label, "room").with("room", room));
        }
    }
    Ok(Some(section))
}

pub(super) fn statement_rows(all: &[Stated], table: Table) -> Table {
    all.iter().fold(table, |table, one| {
        let takes = one.takes().into_iter().map(|(side, mark)| format!("{} {mark}", side.to_uppercase()));
        let text = one.text.clone().map_or(Cell::none(), |t| Cell::text(Text::plain(t)));
        let cells = [Cell::code(format!("sort-{}", one.sort)), text, Cell::tags(takes.collect::<Vec<String>>())];
        table.plain_row(one.id, cells)
    })
}

/// Agreed and contested, side by side.
fn statements(case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    if case.mediator.is_none() || !(reader.mediating || reader.side.is_some()) {
        return Ok(None);
    }
    let all = stated(case.id)?;
    let (agreed, open): (Vec<Stated>, Vec<Stated>) = all.into_iter().partition(|s| s.is_admitted_by_all(case));
    let table = |key: &str, rows: &[Stated]| {
        let head = Table::new().key(key).total(rows.len() as u64);
        statement_rows(rows, head.col("sort", "sort").col("text", "text").col("takes", "takes"))
    };
    let mut section = Section::new("statements")
        .add(Section::new("agreed-facts").empty("none-yet").add(table("agreed", &agreed)))
        .add(Section::new("contested-facts").empty("none-yet").add(table("open", &open)));
    if reader.decides {
        for one in &open {
            let words: String = one.text.as_deref().unwrap_or_default().chars().take(40).collect();
            section = section.add(Paragraph::new(Text::plain(words)));
            for take in ["admits", "contests"] {
                let action = Action::command(take, "take-statement").with("dispute", case.id);
                section = section.add(action.with("statement", one.id).with("take", take).style(Style::Plain));
            }
        }
    }
    Ok(Some(section.add(Form::of::<state>().with("dispute", case.id))))
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

fn performance(ctx: &Context, case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    let all = plan(case.id)?;
    if all.is_empty() || !(reader.mediating || reader.side.is_some() || reader.staff) {
        return Ok(None);
    }
    let mut section = Section::new("performance").live().add(plan_table(Some(ctx.now), &all));
    let sealed = ["agreed", "confirmed", "performing", "breached"].contains(&case.state.as_str());
    let Some(own) = reader.side.as_deref().filter(|_| sealed) else { return Ok(Some(section)) };
    for one in all.iter().filter(|i| i.confirmed.is_none()) {
        let with = |command: &'static str| button(command, case).with("instalment", one.id);
        let mut doable = Vec::new();
        if one.from_side == own && one.proved.is_none() {
            doable.push(with("prove-instalment"));
        }
        if one.to_side == own {
            doable.push(with("confirm-instalment"));
            if one.due.plus(5 * Micros::DAY) <= ctx.now {
                doable.push(with("report-breach").style(Style::Danger));
            }
        }
        if !doable.is_empty() {
            section = section.add(Paragraph::new(Text::plain(one.what.clone())));
            section = doable.into_iter().fold(section, Section::add);
        }
    }
    Ok(Some(section))
}

/// `now`: how each step stands by then; a paper has none, and says the same on every day.
pub(super) fn plan_table(now: Option<Micros>, all: &[Due]) -> Table {
    let mut table = Table::new()
        .key("plan")
        .total(all.len() as u64)
        .col("what", "what")
        .num_col("amount", "amount")
        .col("due", "due")
        .col("from-side", "from-side")
        .col("to-side", "to-side");
    if now.is_some() {
        table = table.col("state", "state");
    }
    for one in all {
        let mut cells = vec![
            Cell::text(Text::plain(one.what.clone())),
            one.amount.map_or(Cell::none(), Cell::money),
            Cell::date(one.due),
            Cell::text(side(&one.from_side)),
            Cell::text(side(&one.to_side)),
        ];
        cells.extend(now.map(|now| Cell::status(one.state(now).to_owned())));
        table = table.plain_row(one.id, cells);
    }
    table
}

fn follow_ups(ctx: &Context, case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    let all = calls(case.id)?;
    if all.is_empty() || !reader.staff {
        return Ok(None);
    }
    let mut table =
        Table::new().key("calls").total(all.len() as u64).col("days", "days").col("due", "due").col("kept", "kept");
    for call in &all {
        let kept = call.kept.clone().map_or(Cell::none(), Cell::status);
        table = table.plain_row(call.id, [call.days.into(), Cell::date(call.due), kept]);
    }
    let mut section = Section::new("follow-ups").add(table);
    let next = all.iter().find(|c| c.kept.is_none() && c.due <= ctx.now);
    if let Some(call) = next.filter(|_| reader.desk && !reader.mediating) {
        section = section.add(Form::of::<follow_up>().with("dispute", case.id).with("call", call.id));
    }
    Ok(Some(section))
}

fn history(id: EntityId) -> Result<Section, Refusal> {
    let mut timeline = Timeline::new();
    for one in story(id)? {
        let text = if one.event.is_empty() { "state-registered".to_owned() } else { format!("event-{}", one.event) };
        timeline = timeline.moment(one.at, Text::plain(one.reason), Text::key(&text));
    }
    Ok(Section::new("history").add(timeline))
}
