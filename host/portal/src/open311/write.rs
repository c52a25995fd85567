//! A new request.

use super::item::Item;
use super::read::{Medium, cut, number};
use super::requests::division;
use super::{Asked, Fail, PLUGIN};
use crate::api;
use crate::files::{Sent, keep, takes_files};
use changzhi_gate::{Ask, Session};
use changzhi_model::Value;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Characters of a description, by the standard.
const DESCRIPTION: usize = 4_000;
const ATTRIBUTES: usize = 200;

/// Whose token the api_key is.
pub(super) fn session(asked: &Asked, bearer: Option<&str>) -> Result<Arc<Session>, Fail> {
    let key = asked.get("api_key").or(bearer);
    let Some(key) = key else {
        return Err(Fail::new(403, "api_key was not provided: send an API token as api_key"));
    };
    asked.app.gate.by_token(key).ok_or_else(|| Fail::new(403, "api_key is not valid (any more): make a new API token"))
}

/// Gives a command and waits until it is durable.
pub(super) async fn command(
    asked: &Asked,
    session: Arc<Session>,
    name: &'static str,
    body: Map<String, Json>,
    key: Option<String>,
) -> Result<api::Done, Fail> {
    let locale = asked.about.locale;
    let checked = api::decide(&asked.app, PLUGIN, move |gate| {
        let ask = Ask {
            plugin: PLUGIN,
            command: name,
            purpose: None,
            place: None,
            key: key.as_deref(),
            locale: locale.tag(),
        };
        gate.check(&session, &ask, &Json::Object(body))
    });
    let checked = checked.await.map_err(|p| Fail::of(&asked.app, locale, p))?;
    let private = checked.private.clone();
    let mut done = api::run(&asked.app, checked).await.map_err(|p| Fail::of(&asked.app, locale, p))?;
    done.answer.extend(private);
    Ok(done)
}

pub(super) async fn request(
    mut asked: Asked,
    bearer: Option<String>,
    key: Option<String>,
) -> Result<(&'static str, Item), Fail> {
    let media = std::mem::take(&mut asked.media);
    let asked = &asked;
    let session = session(asked, bearer.as_deref())?;
    division(asked)?;
    let mut wrong: Vec<String> = Vec::new();
    let mut body = Map::new();
    match asked.get("service_code") {
        Some(code) => drop(body.insert("service".into(), json!(cut(code)))),
        None => wrong.push("service_code was not provided".into()),
    }
    located(asked, &mut body, &mut wrong);
    if let Some(words) = asked.get("description") {
        if words.chars().count() > DESCRIPTION {
            wrong.push(format!("description has more than {DESCRIPTION} characters"));
        }
        body.insert("description".into(), json!(words));
    }
    if let Some(url) = asked.get("media_url") {
        let web = url.starts_with("https://") || url.starts_with("http://");
        if !web || url.len() > 250 || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            wrong.push("media_url must be a web address of at most 250 bytes".into());
        }
        body.insert("media".into(), json!(url));
    }
    let name = ["first_name", "last_name"].map(|n| asked.get(n).unwrap_or("")).join(" ");
    let contact = [name.trim(), asked.get("phone").unwrap_or(""), asked.get("email").unwrap_or("")];
    let contact = contact.into_iter().filter(|c| !c.is_empty()).collect::<Vec<_>>().join(", ");
    if !contact.is_empty() {
        body.insert("contact".into(), json!(contact));
    }
    let answers = answers(asked, &mut wrong);
    if !answers.is_empty() {
        body.insert("answers".into(), json!(answers));
    }
    if !wrong.is_empty() {
        return Err(Fail::all(400, wrong));
    }
    if !media.is_empty() {
        body.insert("photos".into(), json!(kept(asked, &session, media, key.as_deref()).await?));
    }
    // An extension, for whoever asks for it: the standard's answer has no place for a PIN.
    let tells_pin = matches!(asked.get("pin"), Some("true" | "1"));
    body.insert("tells-pin".into(), json!(tells_pin));
    let done = command(asked, session, "open-request", body, key).await?;
    let told =
        |name: &str| done.answer.iter().find(|n| n.name == name).and_then(|n| n.value.as_text().map(str::to_owned));
    let mut answer = vec![
        ("service_request_id", Item::maybe(told("code"))),
        ("service_notice", Item::maybe(told("notice"))),
        ("account_id", Item::Null),
    ];
    if tells_pin {
        answer.push(("pin", Item::maybe(told("pin"))));
    }
    let answer = Item::Record(answer);
    Ok(("service_requests", Item::List("request", vec![answer])))
}

/// Ids of the files, in the name of the account that sends them. Under the key of the request: sent again they are the same files.
/// What no request takes in the end is removed like any other file that nothing took.
async fn kept(asked: &Asked, session: &Arc<Session>, media: Vec<Medium>, key: Option<&str>) -> Result<Vec<u64>, Fail> {
    let fail = |p| Fail::of(&asked.app, asked.about.locale, p);
    takes_files(&asked.app, session, PLUGIN).map_err(fail)?;
    let key = key.map_or_else(crate::render::fresh_key, str::to_owned);
    let mut ids = Vec::new();
    for (n, Medium { bytes, name }) in media.into_iter().enumerate() {
        let sent = Sent { plugin: PLUGIN.to_owned(), bytes, name, key: format!("open311 {key} {n}"), of: None };
        ids.push(keep(&asked.app, session, sent).await.map_err(fail)?.id.0);
    }
    Ok(ids)
}

fn located(asked: &Asked, body: &mut Map<String, Json>, wrong: &mut Vec<String>) {
    let (lat, lon) = (asked.get("lat"), asked.get("long").or_else(|| asked.get("lon")));
    match (lat, lon) {
        (Some(lat), Some(lon)) => match (number("lat", lat, -90.0, 90.0), number("long", lon, -180.0, 180.0)) {
            (Ok(lat), Ok(lon)) => {
                let point = changzhi_model::Point { lon, lat };
                body.insert("position".into(), Value::Point(point).to_json());
            }
            (lat, lon) => wrong.extend([lat.err(), lon.err()].into_iter().flatten().flat_map(Fail::into_said)),
        },
        (None, None) => {}
        _ => wrong.push("lat and long are given together or not at all".into()),
    }
    for (name, param) in [("address_string", "address"), ("address_id", "place-code")] {
        if let Some(value) = asked.get(name) {
            body.insert(param.into(), json!(value));
        }
    }
    if lat.is_none() && lon.is_none() && !body.contains_key("address") && !body.contains_key("place-code") {
        wrong.push("one of lat and long, address_string or address_id was not provided".into());
    }
}

/// `attribute[code]=…` and `attribute[code][]=…`, one a line.
fn answers(asked: &Asked, wrong: &mut Vec<String>) -> String {
    let mut lines = Vec::new();
    for (name, value) in &asked.pairs {
        let Some(code) = name.strip_prefix("attribute[") else { continue };
        let code = code.strip_suffix("[]").unwrap_or(code);
        let Some(code) = code.strip_suffix(']').filter(|c| !c.is_empty() && !c.contains(['=', '\n', '[', ']'])) else {
            wrong.push(format!("{:?} is no attribute: write attribute[code]", cut(name)));
            continue;
        };
        if lines.len() == ATTRIBUTES {
            wrong.push(format!("there are more than {ATTRIBUTES} attributes"));
            break;
        }
        if !value.trim().is_empty() {
            lines.push(format!("{code}={}", value.replace(['\n', '\r'], " ")));
        }
    }
    lines.join("\n")
}
