//! Service request updates (an extension that cities' and mySociety's systems speak): how requests moved on, and what their reporters add.
//!
//! Each step that led a request somewhere is a line, under its own number and the step's: whoever asks for a time gets all of it, however
//! seldom they ask, and the same line under the same number each time. Words are in none of them.

use super::item::Item;
use super::read::{self, cut, shown};
use super::requests::{between, division, look};
use super::write::{command, session};
use super::{Asked, Fail, PLUGIN};
use changzhi_model::{Text, Value};
use serde_json::{Map, json};

/// States in the extension's words.
const STATES: [(&str, &str); 15] = [
    ("state-submitted", "OPEN"),
    ("state-accepted", "OPEN"),
    ("state-assigned", "IN_PROGRESS"),
    ("state-handling", "IN_PROGRESS"),
    ("state-answered", "IN_PROGRESS"),
    ("state-closed", "CLOSED"),
    ("state-not-accepted", "NOT_COUNCILS_RESPONSIBILITY"),
    ("state-withdrawn", "NO_FURTHER_ACTION"),
    ("state-reopened", "REOPEN"),
    ("state-awaiting", "OPEN"),
    ("state-paused", "ACTION_SCHEDULED"),
    ("state-arbitration", "INTERNAL_REFERRAL"),
    ("state-verified", "IN_PROGRESS"),
    ("state-merged", "DUPLICATE"),
    ("state-diverted", "NOT_COUNCILS_RESPONSIBILITY"),
];

pub(super) async fn list(asked: &Asked) -> Result<(&'static str, Item), Fail> {
    let (from, to) = between(asked)?;
    let mut params = Map::from_iter([
        ("from".to_owned(), Value::Time(from).to_json()),
        ("to".to_owned(), Value::Time(to).to_json()),
    ]);
    if let Some(place) = division(asked)? {
        params.insert("place".into(), json!(place.0));
    }
    let made = asked.app.made();
    let voice = made.words.voice(PLUGIN, asked.about.locale);
    let mut updates = Vec::new();
    for line in look(asked, "open-changes", params.into()).await? {
        let (Some(id), Some(number), Some(state), Some(at)) =
            (line.text("id"), line.int("number"), line.text("state"), line.time("at"))
        else {
            continue;
        };
        let status = STATES.iter().find(|(s, _)| *s == state).map_or("OPEN", |(_, name)| *name);
        updates.push(Item::Record(vec![
            ("update_id", Item::text(format!("{id}-{number}"))),
            ("service_request_id", Item::text(id)),
            ("status", Item::text(status)),
            ("updated_datetime", Item::maybe(shown(at, &asked.app.options.zone))),
            ("description", Item::text(voice.text(&Text::key(&state)))),
            ("media_url", Item::Null),
        ]));
    }
    Ok(("service_request_updates", Item::List("request_update", updates)))
}

pub(super) async fn add(
    asked: &Asked,
    bearer: Option<String>,
    key: Option<String>,
) -> Result<(&'static str, Item), Fail> {
    let session = session(asked, bearer.as_deref())?;
    division(asked)?;
    let mut body = Map::new();
    let mut wrong = Vec::new();
    if !asked.media.is_empty() {
        wrong.push("media: an update takes no files, and nothing was added: send media_url".into());
    }
    for (name, param) in [("service_request_id", "code"), ("update_id", "update-id")] {
        match asked.get(name) {
            Some(value) => drop(body.insert(param.into(), json!(cut(value)))),
            None => wrong.push(format!("{name} was not provided")),
        }
    }
    if let Some(status) = asked.get("status") {
        body.insert("status".into(), json!(cut(status).to_ascii_lowercase()));
    }
    if let Some(at) = asked.get("updated_datetime") {
        match read::time("updated_datetime", at, &asked.app.options.zone) {
            Ok(at) => drop(body.insert("at".into(), Value::Time(at).to_json())),
            Err(fail) => wrong.extend(fail.into_said()),
        }
    }
    let words = [asked.get("description"), asked.get("media_url")];
    let words = words.into_iter().flatten().collect::<Vec<_>>().join("\n");
    if words.is_empty() {
        wrong.push("description was not provided".into());
    } else {
        body.insert("words".into(), json!(words));
    }
    if !wrong.is_empty() {
        return Err(Fail::all(400, wrong));
    }
    let done = command(asked, session, "open-update", body, key).await?;
    let id = done.answer.iter().find(|n| n.name == "update").and_then(|n| n.value.as_text().map(str::to_owned));
    let answer = Item::Record(vec![("update_id", Item::maybe(id))]);
    Ok(("service_request_updates", Item::List("request_update", vec![answer])))
}
