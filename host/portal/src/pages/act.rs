//! A command of the host's own domain, sent from a page of its own: the same gate and the same rules as from anywhere else.

use super::{Visit, form, sent};
use crate::api::{self, Declared, Done, ask, decide};
use crate::problem::Problem;
use crate::state::App;
use crate::words::Voice;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use changzhi_gate::HOST;
use changzhi_model::{Named, Text, Value, body};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) type Sent = Result<Bytes, BytesRejection>;
pub(super) type Pairs = Vec<(String, String)>;

/// The fields of a form of our own page, after the checks every form passes.
pub(super) fn read(app: &App, visit: &Visit, headers: &HeaderMap, bytes: Sent) -> Result<Pairs, Problem> {
    form::read(app, visit, headers, bytes)
}

/// Gives one command in the visitor's name. `pairs` are its fields as a form sends them; `key` makes pressing twice one request.
pub(super) async fn act(
    app: &Arc<App>,
    visit: &Visit,
    command: &'static str,
    pairs: Pairs,
    key: Option<&str>,
) -> Result<(Done, Vec<Named>), Problem> {
    let (session, zone, locale) = (Arc::clone(&visit.session), app.options.zone.clone(), visit.locale);
    let given = Declared { key: key.map(str::to_owned), ..Declared::default() };
    let checked = decide(app, &HOST, move |gate| {
        gate.check_with(&session, &ask(&HOST, command, &given, locale), |f| body::parse_form(f, &pairs, &zone))
    })
    .await?;
    let private = checked.private.clone();
    api::run(app, checked).await.map(|done| (done, private))
}

/// A field that the page itself finds wrong.
pub(super) fn wrong(field: &str, key: &str) -> Problem {
    let problem = changzhi_model::Problem { field: field.into(), message: Text::key(key) };
    Problem { fields: vec![problem], plugin: HOST.to_string(), ..Problem::new(422, "invalid", "") }
}

/// What went wrong, above a form: each line leads to its field.
pub(super) fn summary(problem: &Problem, voice: &Voice<'_>) -> Markup {
    html! {
        div.summary role="alert" tabindex="-1" {
            h2 { (problem.title(voice)) }
            @if let Some(said) = problem.said(voice) { p { (said) } }
            p { (problem.mend(voice)) }
            @if !problem.fields.is_empty() {
                ul { @for f in &problem.fields {
                    li { a href={"#f-" (f.field)} { (voice.name(&format!("host-field-{}", f.field))) ": " (voice.text(&f.message)) } }
                } }
            }
        }
    }
}

/// The account of a login, as people know each other by.
pub(super) fn account_of(app: &App, login: &str) -> Option<changzhi_model::EntityId> {
    let (wanted, mut found) = (Value::text(login.trim()), None);
    app.town.read(&mut |r| found = r.find("host.account", "login", &wanted));
    found
}

/// A button that is a whole form: one command, nothing to fill in.
pub(super) fn button(visit: &Visit, to: &str, label: &str, class: &str, fields: &[(&str, String)]) -> Markup {
    html! {
        form.inline method="post" action=(to) {
            input type="hidden" name="_csrf" value=(visit.csrf());
            input type="hidden" name="_key" value=(crate::render::fresh_key());
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button class=(class) { (label) }
        }
    }
}

/// One pair, for [`act`].
pub(super) fn pair(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

/// A pair the form sent, under the same name.
pub(super) fn same(pairs: &Pairs, name: &str) -> (String, String) {
    (name.to_owned(), sent(pairs, name).unwrap_or_default().to_owned())
}
