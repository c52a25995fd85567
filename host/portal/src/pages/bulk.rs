//! One command for each of the rows somebody has chosen. Each row is a request of its own, with a key made from the form's key and
//! the row: sending the form twice does nothing twice, and one refused row does not stop the others.

use super::form::{Pairs, parts, read, receipt};
use super::{Visit, layout, see_other, sent};
use crate::api::{self, Declared, Saw, ask, decide};
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_model::body;
use maud::html;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Rows of one form: a table shows no more.
const ROWS_MAX: usize = crate::render::ROWS_MAX;

pub(super) async fn submit(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let rows: Vec<&str> = pairs.iter().filter(|(n, _)| n == "_row").map(|(_, v)| v.as_str()).take(ROWS_MAX).collect();
    let Some(param) = sent(&pairs, "_param").filter(|p| !p.is_empty() && !p.starts_with('_')) else {
        return Err(Problem::new(400, "form", "the form names no parameter for its rows").into_response());
    };
    if rows.is_empty() {
        return Ok(told(&app, &visit, &plugin, &pairs, 0, &[(String::new(), visit.voice("").say("view-bulk-none"))]));
    }
    let (given, own) = parts(&pairs);
    let (mut done, mut last, mut refused) = (0_usize, 0_u64, Vec::new());
    for row in rows {
        let one = Declared {
            purpose: given.purpose.clone(),
            place: given.place,
            key: given.key.as_deref().map(|key| row_key(key, row)),
            saw: given.saw.as_ref().map(|saw| Saw { revision: saw.revision, about: None }),
        };
        let mut body: Pairs = own.iter().filter(|(n, _)| n != param).cloned().collect();
        body.push((param.to_owned(), row.to_owned()));
        match one_row(&app, &visit, &plugin, &name, one, body).await {
            Ok(seq) => (done, last) = (done + 1, seq),
            Err(problem) => {
                let voice = visit.voice(&plugin);
                let mut why = problem.title(&voice);
                for said in
                    problem.said(&voice).into_iter().chain(problem.fields.iter().map(|f| voice.text(&f.message)))
                {
                    why.push_str(": ");
                    why.push_str(&said);
                }
                let stop = problem.retry_after.is_some();
                refused.push((row.to_owned(), why));
                if stop {
                    break;
                }
            }
        }
    }
    if refused.is_empty() {
        return Ok(see_other(&receipt(sent(&pairs, "_back"), last)));
    }
    Ok(told(&app, &visit, &plugin, &pairs, done, &refused))
}

fn row_key(key: &str, row: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(key.as_bytes());
    hash.update([0]);
    hash.update(row.as_bytes());
    hex::encode(hash.finalize())
}

async fn one_row(
    app: &Arc<App>,
    visit: &Visit,
    plugin: &str,
    command: &str,
    given: Declared,
    body: Pairs,
) -> Result<u64, Problem> {
    let (session, zone, locale) = (Arc::clone(&visit.session), app.options.zone.clone(), visit.locale);
    let (to, of) = (plugin.to_owned(), command.to_owned());
    let saw = given.clone();
    let mut checked = decide(app, plugin, move |gate| {
        gate.check_with(&session, &ask(&to, &of, &given, locale), |fields| body::parse_form(fields, &body, &zone))
    })
    .await?;
    saw.expect(&mut checked);
    Ok(api::run(app, checked).await?.seq.0)
}

/// What was done and what was not, and why.
fn told(app: &App, visit: &Visit, plugin: &str, pairs: &Pairs, done: usize, refused: &[(String, String)]) -> Response {
    let voice = visit.voice(plugin);
    let title = voice.say("view-bulk-result");
    let back = sent(pairs, "_back").filter(|b| super::view::of_address(b).is_some()).unwrap_or("/");
    let main = html! {
        h1 { (title) }
        p { (voice.say("core-done")) ": " (done) }
        div.notice.warning role="alert" { div {
            p { (voice.say("view-bulk-refused")) ": " (refused.len()) }
            ul { @for (row, why) in refused { li { @if !row.is_empty() { code { (row) } " " } (why) } } }
        } }
        p { a.button.primary href=(back) { (voice.say("core-continue")) } }
    };
    (StatusCode::CONFLICT, layout(app, visit.appearance, &voice, Some(visit), &title, &main)).into_response()
}

#[cfg(test)]
mod tests {
    use super::row_key;

    #[test]
    fn each_row_has_a_key_of_its_own_and_always_the_same() {
        assert_eq!(row_key("k", "1"), row_key("k", "1"));
        assert_ne!(row_key("k", "1"), row_key("k", "2"));
        assert_ne!(row_key("k1", ""), row_key("k", "1"), "no two pairs run together");
        assert_eq!(row_key("k", "1").len(), 64);
    }
}
