//! Where one can go: the listed views of the installed plugins this visitor's roles open, by plugin, and the host's own pages.

use super::{Visit, jobs, layout, shell};
use crate::layer::About;
use crate::state::App;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_gate::HOST;
use changzhi_model::{Manifest, ViewDecl};
use maud::{Markup, html};
use std::sync::Arc;

/// Listed views of a plugin this visitor may open without further parameters.
pub(super) fn open_to<'a>(app: &'a App, visit: &'a Visit, m: &'a Manifest) -> impl Iterator<Item = &'a ViewDecl> {
    let open = |v: &&ViewDecl| v.listed && !v.params.iter().any(|p| p.required);
    m.views.iter().filter(open).filter(|v| app.gate.is_served(&visit.session, &m.id, &v.roles))
}

/// A heading and its ways on.
struct Group {
    title: String,
    ways: Vec<(String, String)>,
}

/// Work first, then each plugin by the name it has in the visitor's language, then what is about the host.
fn groups(app: &App, visit: &Visit) -> Vec<Group> {
    let host = visit.voice("");
    let way = |to: &str, key: &str| (to.to_owned(), host.say(key));
    let mut work = vec![way("/", "core-home"), way("/notices", "shell-notices")];
    if visit.session.is_city_wide("admin") || jobs::startable(app, visit).next().is_some() {
        work.push(way("/jobs", "job-title"));
    }
    let mut plugins: Vec<Group> = Vec::new();
    for m in visit.made.manifests().iter().filter(|m| m.id != HOST) {
        let voice = visit.voice(&m.id);
        let ways: Vec<_> =
            open_to(app, visit, m).map(|v| (format!("/p/{}/{}", m.id, v.name), voice.name(&v.label))).collect();
        if !ways.is_empty() {
            plugins.push(Group { title: voice.name(&m.label), ways });
        }
    }
    plugins.sort_by(|a, b| a.title.cmp(&b.title));
    let mut own = vec![way("/me", "shell-me"), way("/status", "status-title"), way("/help", "help-title")];
    // Of the host's own views accounts have a page that does more.
    let manifests = visit.made.manifests();
    let host_views = manifests.iter().filter(|m| m.id == HOST).flat_map(|m| open_to(app, visit, m));
    let host_views = host_views.filter(|v| v.name != "accounts");
    own.extend(host_views.map(|v| way(&format!("/p/{HOST}/{}", v.name), v.label.as_str())));
    if visit.session.holds_any(&["admin".into()]) {
        own.push(way("/admin/accounts", "accounts-title"));
    }
    if visit.session.is_city_wide("admin") {
        own.push(way("/admin", "core-admin"));
    }
    let mut all = vec![Group { title: host.say("shell-work"), ways: work }];
    all.append(&mut plugins);
    all.push(Group { title: host.say("shell-system"), ways: own });
    all
}

fn link(visit: &Visit, to: &str, label: &str) -> Markup {
    let current = (*visit.path == *to).then_some("page");
    html! { a href=(to) aria-current=[current] { (label) } }
}

fn lists(app: &App, visit: &Visit) -> Markup {
    html! {
        @for group in groups(app, visit) {
            h2 { (group.title) }
            ul { @for (to, label) in &group.ways { li { (link(visit, to, label)) } } }
        }
    }
}

/// At the left of a desk.
pub(super) fn side(app: &App, visit: &Visit) -> Markup {
    html! { nav.side aria-label=(visit.voice("").say("core-navigation")) { (lists(app, visit)) } }
}

/// At the foot of a phone: five at most.
pub(super) fn bar(visit: &Visit, unread: usize) -> Markup {
    let host = visit.voice("");
    let notices = host.say("shell-notices");
    let notices = if unread > 0 { format!("{notices} {unread}") } else { notices };
    html! {
        nav.bar aria-label=(host.say("shell-bar")) {
            ul {
                li { (link(visit, "/", &host.say("core-home"))) }
                li { (link(visit, "/search", &host.say("shell-search"))) }
                li { (link(visit, "/notices", &notices)) }
                li { (link(visit, "/me", &host.say("shell-me"))) }
                li { (link(visit, "/more", &host.say("shell-more"))) }
            }
        }
    }
}

/// Everything the bar of a phone has no room for.
pub(super) async fn more(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let host = visit.voice("");
    let title = host.say("shell-more");
    let main = html! {
        h1 { (title) }
        div.more { (lists(&app, &visit)) }
        h2 { (host.say("shell-look")) }
        (shell::looks(visit.appearance, &host))
        (super::look::choices(visit.appearance, &host))
        form method="post" action="/sign-out" {
            input type="hidden" name="_csrf" value=(visit.csrf());
            button { (host.say("core-sign-out")) }
        }
    };
    Ok(layout(&app, visit.appearance, &host, Some(&visit), &title, &main).into_response())
}
