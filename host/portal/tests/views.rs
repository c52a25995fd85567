//! The renderer on a real server, read by a real HTML parser: hostile strings, broken trees, every part in every look, files, data,
//! and pages that have grown old.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

#[path = "views/acting.rs"]
mod acting;
#[path = "views/data.rs"]
mod data;
#[path = "views/export.rs"]
mod export;
#[path = "views/gallery.rs"]
mod gallery;
#[path = "views/hostile.rs"]
mod hostile;
#[path = "views/limits.rs"]
mod limits;
#[path = "views/nodes.rs"]
mod nodes;
#[path = "views/printing.rs"]
mod printing;

use changzhi_portal::PortalOptions;
use changzhi_portal::shape::*;
use scraper::{Html, Selector};
use support::*;

fn host() -> Host {
    Host::start(PortalOptions::default())
}

fn get(h: &Host, cookie: &str, path: &str) -> Reply {
    h.send("GET", path, &[("Cookie", cookie), ("Accept", "text/html")], b"")
}

fn post(h: &Host, cookie: &str, path: &str, body: &str) -> Reply {
    let headers = [
        ("Cookie", cookie),
        ("Accept", "text/html"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    h.send("POST", path, &headers, body.as_bytes())
}

fn show(h: &Host, nodes: Vec<Node>) {
    *h.city.page.lock().unwrap() = Page { title: plain("t"), nodes };
}

fn plain(s: &str) -> Text {
    Text::Plain(s.to_owned())
}

fn node(key: &str, children: u32, kind: NodeKind) -> Node {
    Node { key: key.to_owned(), children, kind }
}

fn arg(name: &str, value: Value) -> Named {
    Named { name: name.to_owned(), value }
}

fn call(name: &str, args: Vec<Named>) -> Call {
    Call { name: name.to_owned(), args }
}

fn other(key: &str, children: u32, kind: &str, fallback: &str, attributes: Vec<Named>) -> Node {
    node(key, children, NodeKind::Other(Other { kind: kind.to_owned(), attributes, fallback: plain(fallback) }))
}

fn text(s: &str) -> Value {
    Value::Text(s.to_owned())
}

fn section(key: &str, children: u32) -> Node {
    let head = Section { title: plain(key), help: None, empty: None, live: false };
    node(key, children, NodeKind::Section(head))
}

fn table(key: &str, cols: &[&str], rows: Vec<Vec<Cell>>, next: Option<Call>) -> Vec<Node> {
    let cols = cols
        .iter()
        .map(|c| Col { key: (*c).to_owned(), label: plain(c), priority: 1, sortable: true, numeric: false })
        .collect();
    let total = 0;
    let mut out = vec![node(key, rows.len() as u32, NodeKind::Table(Table { cols, total, next }))];
    for (i, cells) in rows.into_iter().enumerate() {
        out.push(node(&i.to_string(), 0, NodeKind::Row(Row { cells, open: None })));
    }
    out
}

fn words(s: &str) -> Cell {
    Cell::Text(plain(s))
}

fn count(html: &str, selector: &str) -> usize {
    Html::parse_document(html).select(&Selector::parse(selector).unwrap()).count()
}

fn texts(html: &str, selector: &str) -> Vec<String> {
    let doc = Html::parse_document(html);
    let selector = Selector::parse(selector).unwrap();
    doc.select(&selector)
        .map(|e| e.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}
