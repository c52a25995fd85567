//! Alerts in force, for everybody; and one alert with all that is known of it and what may be done next.
//!
//! Everybody sees what we published. What waits, what was thrown away and what others sent is for those who work with it: a received
//! alert may be meant for few, and it is not ours to pass on.

use super::area;
use super::compose::{self, word};
use super::facet::{Alert, AlertArea};
use super::flow::{AUTHOR, CONNECTOR, PUBLISHER};
use super::hands::{self, discard_alert, return_alert, submit_alert, withdraw_alert};
use super::history::Line;
use super::open_view::PUBLIC;
use super::publish::publish_alert;
use super::successor::{cancel_alert, update_alert};
use changzhi_cap::{Limits, Read};
use changzhi_sdk::prelude::*;

const ROWS: u32 = 100;
/// Places shown on the page of one alert.
const PLACES: u32 = 200;
/// Corners a circle is drawn with.
const CORNERS: u16 = 48;

#[derive(Body)]
pub struct About {
    #[field(entity = events, label = "alert")]
    pub alert: EntityId,
}

/// Whose page shows more than what is public.
pub(crate) fn works_here(ctx: &Context) -> bool {
    AUTHOR.iter().chain(PUBLISHER).chain(CONNECTOR).chain(&["unit", "grid-worker"]).any(|role| ctx.actor.has_role(role))
}

#[view(label = "alerts", listed)]
pub fn alerts(ctx: &Context) -> Result<Page, Refusal> {
    let rows = Query::kind("alert")
        .fields(&[&Alert::COLOUR, &Alert::TITLE, &Alert::HEADLINE_EN, &Alert::STATUS, &Alert::MESSAGE])
        .fields(&[&Alert::SENT, &Alert::EXPIRES, &core_fields::WITHIN])
        .filter(core_fields::STATE.is("published"))
        .filter(Alert::ORIGIN.is("own"))
        .filter(Alert::EXPIRES.above(ctx.now))
        .descending(Alert::SENT)
        .limit(ROWS)
        .run()?;
    let table = listed(ctx, &rows, false)?.key("alerts").total(rows.total());
    Ok(Page::new("alerts").add(Section::new("alerts-in-force").empty("no-alerts-in-force").live().add(table)))
}

/// Rows with the columns [`alerts`] asks for. The state is shown where it differs from row to row.
pub(crate) fn listed(ctx: &Context, rows: &Rows, states: bool) -> Result<Table, Refusal> {
    let (colour, title) = (rows.column(Alert::COLOUR)?, rows.column(Alert::TITLE)?);
    let (english, status) = (rows.column(Alert::HEADLINE_EN)?, rows.column(Alert::STATUS)?);
    let (message, sent) = (rows.column(Alert::MESSAGE)?, rows.column(Alert::SENT)?);
    let (expires, within) = (rows.column(Alert::EXPIRES)?, rows.column(core_fields::WITHIN)?);
    let state = if states { Some(rows.column(core_fields::STATE)?) } else { None };
    let mut table = Table::new()
        .opens("alert", "alert")
        .col("colour", "alert-colour")
        .col("title", "alert-headline")
        .col("place", "alert-place")
        .col("status", "alert-status")
        .col("message", "alert-message");
    if states {
        table = table.col("state", "state");
    }
    table = table.col("sent", "alert-sent").col("expires", "alert-expires");
    for (row, id) in rows.ids().enumerate() {
        let headline = english.get(row).filter(|_| ctx.locale.starts_with("en")).or(title.get(row)).unwrap_or_default();
        let place = within.get(row).map(area::name).transpose()?;
        let mut cells = vec![
            colour.get(row).map_or(Cell::none(), Cell::code),
            headline.into(),
            place.into(),
            Cell::code(status.get(row).unwrap_or_default()),
            Cell::code(message.get(row).unwrap_or_default()),
        ];
        if let Some(state) = &state {
            cells.push(Cell::status(shown_state(state.get(row).unwrap_or_default(), expires.get(row), ctx.now)));
        }
        cells.extend([Cell::from(sent.get(row)), Cell::from(expires.get(row))]);
        table = table.row(id, cells);
    }
    Ok(table)
}

/// The state by the time itself: what is over is over, also before anybody's hand has closed it.
pub(crate) fn shown_state(state: &str, expires: Option<Micros>, now: Micros) -> String {
    let over = matches!(state, "published" | "received") && expires.is_some_and(|at| at <= now);
    format!("state-alert-{}", if over { "expired" } else { state })
}

#[view(name = "alert", label = "alert")]
pub fn alert_page(ctx: &Context, about: About) -> Result<Page, Refusal> {
    let id = about.alert;
    let (kind, state, origin) = get(id, (core_fields::KIND, core_fields::STATE, Alert::ORIGIN))?;
    let (state, origin) = (state.unwrap_or_default(), origin.unwrap_or_default());
    let staff = works_here(ctx);
    let public = PUBLIC.contains(&state.as_str()) && origin == "own";
    if kind.as_deref() != Some("alert") || !(public || staff) {
        return Err(Refusal::not_found("no-such-alert-message"));
    }
    let (alert, category, place) = hands::read(id)?;
    let (cap, gaps, history, sent) = get(id, (Alert::CAP, Alert::GAPS, Alert::HISTORY, Alert::SENT))?;
    let message = cap.as_deref().and_then(|text| changzhi_cap::read(text, Limits::default()).ok());
    let mut page = Page::new("alert");
    if alert.status != "status-actual" {
        page = page.add(Notice::new(Tone::Warning, Text::key(&format!("alert-notice-{}", alert.status))));
    }
    if origin == "received" {
        page = page.add(Notice::new(Tone::Info, "alert-notice-received"));
    }
    page = page.add(head(ctx, id, &alert, &category, &state, sent, message.as_ref())?);
    page = words(page, &alert, message.as_ref());
    page = page.add_some(map(id, &alert, place, message.as_ref())?);
    page = page.add(places(id)?);
    if let Some(history) = history {
        page = page.add(then(&history)?);
    }
    if let Some(gaps) = gaps.filter(|_| staff) {
        page = page.add(missing(&gaps));
    }
    if staff { steps(ctx, page, id, &alert, &category, place, &origin) } else { Ok(page) }
}

fn head(
    ctx: &Context,
    id: EntityId,
    alert: &Alert,
    category: &str,
    state: &str,
    sent: Option<Micros>,
    message: Option<&Read>,
) -> Result<Detail, Refusal> {
    let (identifier, author, submitter, publisher) =
        get(id, (Alert::IDENTIFIER, Alert::AUTHOR, Alert::SUBMITTER, Alert::PUBLISHER))?;
    let mut detail = Detail::new()
        .line("alert-headline", alert.title.as_str())
        .line("state", Cell::status(shown_state(state, alert.expires, ctx.now)))
        .line("alert-colour", alert.colour.as_deref().map_or(Cell::none(), Cell::code))
        .line("level", Cell::level(compose::level(alert.colour.as_deref())))
        .line("alert-status", Cell::code(&alert.status))
        .line("alert-message", Cell::code(&alert.message))
        .line("alert-category", Cell::code(category))
        .line("alert-event", alert.event.as_str());
    if let Some(code) = &alert.event_code {
        detail = detail.line("alert-event-code", code.as_str());
    }
    detail = detail
        .line("alert-urgency", Cell::code(&alert.urgency))
        .line("alert-severity", Cell::code(&alert.severity))
        .line("alert-certainty", Cell::code(&alert.certainty))
        .line("alert-sent", sent)
        .line("alert-onset", alert.onset)
        .line("alert-expires", alert.expires);
    if let Some(note) = &alert.note {
        detail = detail.line("alert-note", note.as_str());
    }
    let identifier = identifier.or_else(|| message.map(|m| m.alert.identifier.clone()));
    if let Some(identifier) = identifier {
        detail = detail.line("alert-identifier", identifier);
    }
    if let Some(read) = message {
        detail = detail.line("alert-sender-address", read.alert.sender.as_str());
        if !read.alert.references.is_empty() {
            let all: Vec<String> = read.alert.references.iter().map(ToString::to_string).collect();
            detail = detail.line("alert-references", all.join("\n"));
        }
    }
    if works_here(ctx) {
        for (label, person) in
            [("alert-author", author), ("alert-submitter", submitter), ("alert-publisher", publisher)]
        {
            if let Some(person) = person {
                detail = detail.line(label, Cell::person(person));
            }
        }
    }
    Ok(detail)
}

/// What it says, each language by itself: of a published or received one as the message has it.
fn words(mut page: Page, alert: &Alert, message: Option<&Read>) -> Page {
    let section = |title: Text, texts: [Option<&str>; 3]| {
        let said: Vec<&str> = texts.into_iter().flatten().filter(|t| !t.is_empty()).collect();
        let body = |s: Section, t: &&str| s.add(Paragraph::new((*t).to_owned()));
        (!said.is_empty()).then(|| said.iter().fold(Section::new(title), body))
    };
    if let Some(read) = message {
        for info in &read.alert.infos {
            let title = Text::key("alert-words").with("language", info.language.as_str());
            let texts = [info.headline.as_deref(), info.description.as_deref(), info.instruction.as_deref()];
            page = page.add_some(section(title, texts));
        }
        return page;
    }
    let zh = [Some(alert.title.as_str()), alert.description.as_deref(), alert.instruction.as_deref()];
    let en = [alert.headline_en.as_deref(), alert.description_en.as_deref(), alert.instruction_en.as_deref()];
    for (language, texts) in [("zh-CN", zh), ("en", en)] {
        page = page.add_some(section(Text::key("alert-words").with("language", language), texts));
    }
    page
}

fn map(id: EntityId, alert: &Alert, place: EntityId, message: Option<&Read>) -> Result<Option<WorldMap>, Refusal> {
    let level = compose::level(alert.colour.as_deref());
    let mut drawn: Vec<(String, changzhi_cap::Ring)> = Vec::new();
    if let Some(info) = message.and_then(|read| read.alert.infos.first()) {
        for area in &info.areas {
            drawn.extend(area.polygons.iter().map(|ring| (area.desc.clone(), ring.clone())));
            drawn.extend(area.circles.iter().map(|circle| (area.desc.clone(), circle.ring(CORNERS))));
        }
    } else if message.is_none() {
        for ring in compose::polygons(alert.polygons.as_deref().unwrap_or("")).unwrap_or_default() {
            drawn.push((alert.area_name.clone().unwrap_or_default(), ring));
        }
        if drawn.is_empty()
            && place != EntityId::default()
            && let Some(ring) = area::ring(place)?
        {
            drawn.push((area::name(place)?, ring));
        }
    }
    if drawn.is_empty() {
        // Codes only: the boundaries of what they were resolved to.
        for (place, ..) in touched(id)? {
            if let Some(ring) = area::ring(place)? {
                drawn.push((area::name(place)?, ring));
            }
        }
    }
    if drawn.is_empty() {
        return Ok(None);
    }
    let point = |p: &changzhi_cap::Point| Point { lon: p.lon, lat: p.lat };
    let shape = |map: WorldMap, (name, ring): (String, changzhi_cap::Ring)| {
        let name = if name.is_empty() { Text::key("alert-area") } else { Text::plain(name) };
        map.area(Area::new(name, ring.0.iter().map(point)).level(level))
    };
    Ok(Some(drawn.into_iter().take(40).fold(WorldMap::new(), shape)))
}

/// Place, how, what was written.
fn touched(id: EntityId) -> Result<Vec<(EntityId, String, String)>, Refusal> {
    let rows = Query::kind("alert-area")
        .fields(&[&AlertArea::PLACE, &AlertArea::BY, &AlertArea::WRITTEN])
        .filter(AlertArea::ALERT.is(id))
        .limit(PLACES)
        .run()?;
    let (place, by) = (rows.column(AlertArea::PLACE)?, rows.column(AlertArea::BY)?);
    let written = rows.column(AlertArea::WRITTEN)?;
    let line = |row: usize| {
        let text = |t: Option<&str>| t.unwrap_or_default().to_owned();
        place.get(row).map(|place| (place, text(by.get(row)), text(written.get(row))))
    };
    Ok((0..rows.len()).filter_map(line).collect())
}

fn places(id: EntityId) -> Result<Section, Refusal> {
    let mut table =
        Table::new().key("places").col("place", "alert-place").col("by", "alert-by").col("written", "alert-written");
    for (n, (place, by, written)) in touched(id)?.into_iter().enumerate() {
        table = table.plain_row(n, [area::name(place)?.into(), Cell::code(by), written.into()]);
    }
    Ok(Section::new("alert-places").empty("alert-no-places").add(table))
}

/// What its codes and areas meant when it was sent, and what that is today.
fn then(history: &str) -> Result<Section, Refusal> {
    let mut table = Table::new()
        .key("history")
        .col("then", "alert-then")
        .col("why", "alert-then-why")
        .col("place", "alert-then-today")
        .col("since", "alert-then-since")
        .col("note", "alert-then-note");
    for (n, line) in history.lines().filter_map(Line::read).enumerate() {
        let (name, code) = (area::name(line.place)?, get(line.place, area::PLACE_CODE)?.unwrap_or_default());
        let today = format!("{name} {code}");
        let cells = [
            line.then.into(),
            Cell::text(Text::key(&line.why)),
            today.into(),
            Cell::date(line.since),
            line.note.into(),
        ];
        table = table.plain_row(n, cells);
    }
    Ok(Section::new("alert-history").help("alert-history-help").add(table))
}

/// What has no place here, and why where that is known.
fn missing(gaps: &str) -> Section {
    let mut table =
        Table::new().key("gaps").col("gap", "alert-gap").col("why", "alert-gap-why").col("since", "alert-gap-since");
    for (n, gap) in gaps.lines().enumerate() {
        let mut parts = gap.split('\t');
        let what = parts.next().unwrap_or_default();
        let why = parts.next().map_or(Cell::none(), |why| Cell::text(Text::key(why)));
        let since = parts.next().and_then(|at| at.parse().ok()).map_or(Cell::none(), |at| Cell::date(Micros(at)));
        table = table.plain_row(n, [what.into(), why, since]);
    }
    Section::new("alert-gaps").help("alert-gaps-help").add(table)
}

/// What whoever looks may do next, and why not where it is for somebody else.
fn steps(
    ctx: &Context,
    mut page: Page,
    id: EntityId,
    alert: &Alert,
    category: &str,
    place: EntityId,
    origin: &str,
) -> Result<Page, Refusal> {
    if origin != "own" {
        return Ok(page);
    }
    let own_hand = hands::hands(id)?.contains(&ctx.actor.id);
    let author = AUTHOR.iter().any(|role| ctx.actor.has_role(role));
    let mut names: Vec<String> = allowed(id)?.into_iter().map(|n| n.event).collect();
    names.dedup();
    for next in &names {
        page = match next.as_str() {
            "submit" => page.add(Form::of::<submit_alert>().with("alert", id)),
            "publish" if own_hand => page.add(Notice::new(Tone::Info, "alert-second-person")),
            "publish" => page.add(
                Action::command(Text::key("publish-alert"), <publish_alert as changzhi_sdk::export::Command>::NAME)
                    .with("alert", id)
                    .confirm(Text::key(&format!("alert-confirm-{}", word("status", &alert.status)))),
            ),
            "return" if !own_hand => page.add(Form::of::<return_alert>().with("alert", id)),
            "withdraw" if author => page.add(Form::of::<withdraw_alert>().with("alert", id)),
            "edit" => page.add(Section::new("alert-edit").add(super::form::write(Some((id, alert, category, place)))?)),
            "discard" => page.add(Form::of::<discard_alert>().with("alert", id)),
            _ => page,
        };
    }
    let in_force = get(id, core_fields::STATE)?.as_deref() == Some("published")
        && alert.expires.is_none_or(|at| at > ctx.now)
        && alert.message != "message-cancel";
    if in_force && author {
        page = page
            .add(
                Section::new("update-alert")
                    .help("alert-update-help")
                    .add(Form::of::<update_alert>().with("alert", id)),
            )
            .add(
                Section::new("cancel-alert")
                    .help("alert-cancel-help")
                    .add(Form::of::<cancel_alert>().with("alert", id)),
            );
    }
    Ok(page)
}
