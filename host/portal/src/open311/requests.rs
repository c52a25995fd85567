//! Requests as everybody may see them.

use super::item::Item;
use super::read::{self, cut, shown};
use super::{Asked, Fail, PLUGIN};
use crate::api;
use crate::rows::{self, Line};
use changzhi_model::{EntityId, Micros, Seq, Text as Words, Value};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const DAY: i64 = Micros::DAY;
/// What is listed when no date is given.
const DEFAULT: i64 = 90 * DAY;

/// Asks a view of the plugin as nobody in particular.
pub(super) async fn look(asked: &Asked, view: &str, params: Json) -> Result<Vec<Line>, Fail> {
    let (app, locale) = (&asked.app, asked.about.locale);
    rows::look(app, locale, PLUGIN, view, params).await.map_err(|problem| Fail::of(app, locale, problem))
}

/// The division `jurisdiction_id` names.
pub(super) fn division(asked: &Asked) -> Result<Option<EntityId>, Fail> {
    let Some(code) = asked.get("jurisdiction_id") else { return Ok(None) };
    let mut found = None;
    asked.app.town.read(&mut |r| found = r.find("host.place", "code", &Value::text(code)));
    match found {
        Some(place) => Ok(Some(place)),
        None => Err(Fail::new(
            404,
            format!("jurisdiction_id {:?} was not found: leave it out, or give a division's code", cut(code)),
        )),
    }
}

pub(super) async fn list(asked: &Asked) -> Result<(&'static str, Item), Fail> {
    let mut params = paged(asked)?;
    if let Some(place) = division(asked)? {
        params.insert("place".into(), json!(place.0));
    }
    if let Some(ids) = asked.get("service_request_id") {
        params.insert("ids".into(), json!(ids));
        return shaped(asked, look(asked, "open-requests", Json::Object(params)).await?).await;
    }
    if let Some(services) = asked.get("service_code") {
        params.insert("services".into(), json!(services));
    }
    match asked.get("status").map(str::to_ascii_lowercase).as_deref() {
        None | Some("open,closed" | "closed,open") => {}
        Some(one @ ("open" | "closed")) => drop(params.insert("status".into(), json!(one))),
        Some(other) => return Err(Fail::new(400, format!("status: {:?} is neither open nor closed", cut(other)))),
    }
    let (from, to) = between(asked)?;
    params.insert("from".into(), Value::Time(from).to_json());
    params.insert("to".into(), Value::Time(to).to_json());
    shaped(asked, look(asked, "open-requests", Json::Object(params)).await?).await
}

fn paged(asked: &Asked) -> Result<Map<String, Json>, Fail> {
    let mut params = Map::new();
    for (name, param, most) in [("page", "page", 10_000), ("page_size", "size", 1_000)] {
        if let Some(given) = asked.get(name) {
            match given.parse::<i64>() {
                Ok(n) if n >= 1 => drop(params.insert(param.into(), json!(n.min(most)))),
                _ => return Err(Fail::new(400, format!("{name}: {:?} is no whole number above 0", cut(given)))),
            }
        }
    }
    Ok(params)
}

/// The dates asked for; without any, the last 90 days.
pub(super) fn between(asked: &Asked) -> Result<(Micros, Micros), Fail> {
    let zone = &asked.app.options.zone;
    let date = |name: &str| asked.get(name).map(|text| read::time(name, text, zone)).transpose();
    let to = date("end_date")?.unwrap_or(asked.app.gate.now());
    let from = date("start_date")?.unwrap_or(Micros(to.0.saturating_sub(DEFAULT)));
    if from > to {
        return Err(Fail::new(400, "start_date lies after end_date"));
    }
    Ok((from, to))
}

pub(super) async fn one(asked: &Asked, id: &str) -> Result<(&'static str, Item), Fail> {
    division(asked)?;
    let lines = look(asked, "open-requests", json!({"ids": cut(id)})).await?;
    if lines.is_empty() {
        return Err(Fail::new(404, format!("service_request_id {:?} was not found", cut(id))));
    }
    shaped(asked, lines).await
}

/// A request gets its number at once, so its token is its number.
pub(super) async fn token(asked: &Asked, token: &str) -> Result<(&'static str, Item), Fail> {
    division(asked)?;
    let lines = look(asked, "open-requests", json!({"ids": cut(token)})).await?;
    let Some(id) = lines.first().and_then(|l| l.text("id")) else {
        return Err(Fail::new(404, format!("token {:?} was not found", cut(token))));
    };
    let answer = Item::Record(vec![("service_request_id", Item::text(&id)), ("token", Item::text(token))]);
    Ok(("service_requests", Item::List("request", vec![answer])))
}

/// When each was last changed: the time of its last transaction.
pub(super) async fn changed(asked: &Asked, lines: &[Line]) -> Result<Vec<Option<Micros>>, Fail> {
    let revisions: Vec<Option<Seq>> = lines.iter().map(Line::revision).collect();
    let town = Arc::clone(&asked.app.town);
    let times = api::blocking(move || {
        let time = |seq: &Option<Seq>| seq.and_then(|s| town.transaction(s).ok()).map(|tx| tx.at);
        revisions.iter().map(time).collect::<Vec<_>>()
    });
    times.await.map_err(|p| Fail::of(&asked.app, asked.about.locale, p))
}

async fn shaped(asked: &Asked, lines: Vec<Line>) -> Result<(&'static str, Item), Fail> {
    let changed = changed(asked, &lines).await?;
    let made = asked.app.made();
    let voice = made.words.voice(PLUGIN, asked.about.locale);
    let zone = &asked.app.options.zone;
    let requests = lines.iter().zip(changed).map(|(line, changed)| {
        let time = |at: Option<Micros>| Item::maybe(at.and_then(|at| shown(at, zone)));
        let number = |key: &str| line.number(key).map_or(Item::Null, Item::Number);
        let notes = line.text("state").map(|key| voice.text(&Words::key(&key)));
        Item::Record(vec![
            ("service_request_id", Item::maybe(line.text("id"))),
            ("status", Item::maybe(line.text("status"))),
            ("status_notes", Item::maybe(notes)),
            ("service_name", Item::maybe(line.text("name"))),
            ("service_code", Item::maybe(line.text("service"))),
            // A resident's words are sealed: they are shown to nobody without a purpose.
            ("description", Item::Null),
            ("agency_responsible", Item::maybe(line.text("agency"))),
            ("service_notice", Item::maybe(line.text("notice"))),
            ("requested_datetime", time(line.time("filed"))),
            ("updated_datetime", time(changed)),
            ("expected_datetime", time(line.time("expected"))),
            ("address", Item::maybe(line.text("address"))),
            ("address_id", Item::Null),
            ("zipcode", Item::Null),
            ("lat", number("lat")),
            ("long", number("lon")),
            ("media_url", Item::Null),
        ])
    });
    Ok(("service_requests", Item::List("request", requests.collect())))
}
