//! The first page: what waits for me (待办), what I did (已办), what I filed (我发起), what I am kept informed of (抄送).
//!
//! What waits is said by the plugins: a view called `tasks` shows, as its first table, what waits for whoever looks, for the roles
//! they hold and where they hold; its total is the count, and a cell of the kind *due* says by when. The host asks every plugin
//! that has one and lays the answers under each other; one that fails says so and costs only its own part. The other three are read
//! from the trail of the journal and from who follows what. Nobody's number is ever set against another's.

use super::matter::{describe, followed, table};
use super::{Looking, Visit, act, division, layout, paint, sent};
use crate::layer::About;
use crate::render::Here;
use crate::shape::{Cell, NodeKind, Page};
use crate::state::App;
use crate::words::Voice;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_model::{Manifest, Micros, Seq, body};
use maud::{Markup, html};
use std::sync::Arc;

/// The conventional name of the view that shows what waits.
pub(super) const TASKS: &str = "tasks";
/// Matters shown of a list the host keeps.
const SHOWN: usize = 50;
/// Less time left than this is close, as everywhere else.
const CLOSE: i64 = Micros::DAY;
/// Tasks of one plugin shown here; its own page has the rest.
const FIRST: usize = 5;

/// How the limits of a list stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Lights {
    total: u64,
    over: u64,
    close: u64,
}

impl Lights {
    /// Counted over the rows of the page.
    fn of(page: &Page) -> Lights {
        let mut lights = Lights::default();
        let mut tables = 0;
        for node in &page.nodes {
            match &node.kind {
                NodeKind::Table(table) => {
                    tables += 1;
                    if tables == 1 {
                        lights.total = table.total.max(u64::from(node.children));
                    }
                }
                NodeKind::Row(row) if tables == 1 => {
                    for due in row.cells.iter().filter_map(|c| if let Cell::Due(due) = c { Some(due) } else { None }) {
                        let left = due.limit.saturating_sub(due.at);
                        if left < 0 {
                            lights.over += 1;
                        } else if left <= CLOSE {
                            lights.close += 1;
                        }
                    }
                }
                _ => {}
            }
        }
        lights
    }
}

/// What one plugin says waits.
struct Waiting {
    plugin: Arc<Manifest>,
    /// The page and the revision it is good for, or why there is none.
    page: Result<(Page, Seq), String>,
}

impl Waiting {
    fn looking<'a>(&'a self, app: &'a App, visit: &'a Visit) -> Looking<'a> {
        looking(app, visit, &self.plugin)
    }

    fn lights(&self) -> Lights {
        self.page.as_ref().map(|(page, _)| Lights::of(page)).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.page.is_ok() && self.lights().total == 0
    }
}

fn looking<'a>(app: &'a App, visit: &'a Visit, plugin: &'a Manifest) -> Looking<'a> {
    let (session, locale) = (&visit.session, visit.locale);
    Looking { app, session, locale, plugin: &plugin.id, name: TASKS, purpose: None }
}

/// Asks each plugin with a view of tasks that this visitor may open.
async fn waiting(app: &App, visit: &Visit) -> Vec<Waiting> {
    let mut out = Vec::new();
    for m in visit.made.manifests() {
        let Some(decl) = m.view(TASKS).filter(|v| !v.purpose && !v.params.iter().any(|p| p.required)) else { continue };
        if !app.gate.is_served(&visit.session, &m.id, &decl.roles) {
            continue;
        }
        let mut pairs = Vec::new();
        division::default_place(visit, Some(m), TASKS, &mut pairs);
        let page = looking(app, visit, m).look(&pairs).await;
        let page = page.map_err(|no| no.problem().title(&visit.voice(&m.id)));
        out.push(Waiting { plugin: Arc::clone(m), page });
    }
    out
}

pub(super) async fn home(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    let host = visit.voice("");
    let name = app.gate.own_name(&visit.session).unwrap_or_else(|| visit.session.login.to_string());
    let waits = waiting(&app, &visit).await;
    let (trail, account) = (app.town.trail(), visit.session.account);
    let mut lights = Lights::default();
    for one in waits.iter().map(|w| w.lights()) {
        lights.total += one.total;
        lights.over += one.over;
        lights.close += one.close;
    }
    let filed = describe(&app, &visit, &trail.filed(account), true);
    let done = describe(&app, &visit, &trail.handled(account), false);
    let follows = followed(&app, account);
    let copied = describe(&app, &visit, &follows.iter().map(|f| f.0).collect::<Vec<_>>(), false);
    let chosen = sent(&pairs, "box").filter(|b| ["done", "mine", "copied"].contains(b)).unwrap_or("todo");
    let tab = |name: &str, count: u64, more: Markup| {
        html! { li { a href={"/?box=" (name)} aria-current=[(chosen == name).then_some("true")] {
            span.label { (host.say(&format!("home-{name}"))) } " " strong { (count) } (more)
        } } }
    };
    let lit = html! {
        @if lights.over > 0 { " " span.due.over { (host.say("due-light-over")) " " (lights.over) } }
        @if lights.close > 0 { " " span.due.close { (host.say("due-light-close")) " " (lights.close) } }
    };
    let unfollow = |m: &super::matter::Matter| {
        act::button(
            &visit,
            "/follow",
            &host.say("follow-stop"),
            "",
            &[("matter", m.id.to_string()), ("_stop", "1".into())],
        )
    };
    let list = |matters: &[super::matter::Matter], empty: &str, more: &dyn Fn(&super::matter::Matter) -> Markup| {
        let shown = matters.get(..matters.len().min(SHOWN)).unwrap_or_default();
        html! {
            @if matters.is_empty() { p.muted { (host.say(empty)) } } @else { (table(&app, &visit, shown, more)) }
            @if matters.len() > SHOWN { p.muted { (host.say("core-total")) " " (matters.len()) } }
        }
    };
    let follow = |m: &super::matter::Matter| {
        if m.ended || follows.iter().any(|f| f.0 == m.id) {
            return html! {};
        }
        act::button(&visit, "/follow", &host.say("follow-start"), "", &[("matter", m.id.to_string())])
    };
    let welcome = [("name", fluent_bundle::FluentValue::from(name.as_str()))].into_iter().collect();
    let welcome = host.with("core-welcome", &welcome);
    let main = html! {
        (paint::receipt(&host, &pairs))
        h1 { (welcome) }
        nav.boxes aria-label=(host.say("home-boxes")) { ul {
            (tab("todo", lights.total, lit))
            (tab("done", done.len() as u64, html! {}))
            (tab("mine", filed.len() as u64, html! {}))
            (tab("copied", copied.len() as u64, html! {}))
        } }
        @if chosen == "todo" { (todo(&app, &visit, &waits)) } @else {
            section.panel {
                h2 { (host.say(&format!("home-{chosen}"))) }
                @match chosen {
                    "done" => (list(&done, "home-done-none", &follow)),
                    "mine" => (list(&filed, "home-mine-none", &|_| html! {})),
                    _ => (list(&copied, "home-copied-none", &unfollow)),
                }
                @if trail.upto() < app.town.fresh().durable { p.notice { (host.say("trail-behind")) } }
            }
        }
    };
    Ok(layout(&app, visit.appearance, &host, Some(&visit), &host.say("core-home"), &main).into_response())
}

/// The page with the first rows of its first table; the table still says how many there are.
fn first(page: &Page) -> Page {
    let table = page.nodes.iter().position(|n| matches!(n.kind, NodeKind::Table(_)));
    let rows = table.map_or(0..0, |at| {
        let begin = at + 1;
        let rows = page.nodes.iter().skip(begin).take_while(|n| matches!(n.kind, NodeKind::Row(_))).count();
        begin + rows.min(FIRST)..begin + rows
    });
    let mut nodes: Vec<_> =
        page.nodes.iter().enumerate().filter(|(i, _)| !rows.contains(i)).map(|(_, node)| node.clone()).collect();
    if let Some(node) = table.and_then(|at| nodes.get_mut(at)) {
        let sent = node.children;
        node.children = sent.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        if let NodeKind::Table(shown) = &mut node.kind {
            shown.total = shown.total.max(u64::from(sent));
            shown.next = None;
        }
    }
    Page { title: page.title.clone(), nodes }
}

fn all_of(host: &Voice<'_>, what: String) -> String {
    host.with("home-all", &[("what", fluent_bundle::FluentValue::from(what))].into_iter().collect())
}

fn todo(app: &App, visit: &Visit, waits: &[Waiting]) -> Markup {
    let host = visit.voice("");
    html! {
        @for w in waits.iter().filter(|w| !w.is_empty()) {
            @let voice = visit.voice(&w.plugin.id);
            @match &w.page {
                Err(why) => { h3 { (voice.name(&w.plugin.label)) } div.notice.danger { p { (why) } } },
                Ok((page, seq)) => {
                    @let looking = w.looking(app, visit);
                    @let here = Here { path: format!("/p/{}/{TASKS}", w.plugin.id), ..Here::default() };
                    @let painter = looking.painter(&voice, visit.csrf(), here, *seq);
                    (painter.page(&first(page)))
                    p.all { a href={"/p/" (w.plugin.id) "/" (TASKS)} { (all_of(&host, painter.text(&page.title))) } }
                },
            }
        }
        @if waits.iter().all(Waiting::is_empty) {
            section.panel { h2 { (host.say("home-todo")) }
                p.muted { (host.say(if waits.is_empty() { "home-todo-nothing" } else { "home-todo-none" })) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Due, Node, Row, Table, Text};

    fn page() -> Page {
        let hour = 3_600 * Micros::SECOND;
        let row = |limit: i64| Node {
            key: limit.to_string(),
            children: 0,
            kind: NodeKind::Row(Row { cells: vec![Cell::Due(Due { at: 100 * hour, limit })], open: None }),
        };
        let table = |total| NodeKind::Table(Table { cols: Vec::new(), total, next: None });
        let mut nodes = vec![Node { key: "t".into(), children: 7, kind: table(9) }];
        nodes.extend([99, 101, 124, 125, 300, 400, 500].map(|h| row(h * hour)));
        // What stands in a second table is no task.
        nodes.push(Node { key: "u".into(), children: 1, kind: table(1) });
        nodes.push(row(1));
        Page { title: Text::Plain(String::new()), nodes }
    }

    #[test]
    fn limits_are_counted_as_over_close_or_well() {
        assert_eq!(Lights::of(&page()), Lights { total: 9, over: 1, close: 2 });
    }

    #[test]
    fn the_first_page_shows_the_first_rows_and_says_how_many_there_are() {
        let first = first(&page());
        assert_eq!(first.nodes.len(), 1 + 5 + 2, "five rows, and what follows the table is whole");
        assert_eq!((first.nodes[0].children, Lights::of(&first).total), (5, 9));
        assert_eq!(first.nodes[6].children, 1);
    }
}
