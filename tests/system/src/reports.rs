//! Reports as a client sends them and sees them.

use crate::client::Client;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The body of a `services/file-report`.
pub fn body(title: &str) -> Value {
    json!({
        "title": title,
        "category": "street-light",
        "channel": "web",
        "body": "路灯不亮，晚上看不清路。",
        "contact": "0791-00000000",
    })
}

/// How many reports the city has, with these filters (`state=closed`).
pub fn count(client: &Client, filter: &str) -> Result<u64> {
    let page = view(client, &format!("reports?{filter}"))?;
    let total = find(&page, &|v| v.get("total").and_then(Value::as_u64));
    total.with_context(|| format!("no total in: {page}"))
}

/// The overview's page as it came.
pub fn overview(client: &Client) -> Result<Value> {
    view(client, "overview")
}

/// The overview's counts under a table's key, by the rows' own keys.
pub fn rows_by(client: &Client, table: &str) -> Result<BTreeMap<String, u64>> {
    rows_of(&overview(client)?, table)
}

/// All pages of the counts by grid with these filters, by the grid's id.
pub fn grids(client: &Client, filter: &str) -> Result<BTreeMap<String, u64>> {
    let mut all = BTreeMap::new();
    for page in 0.. {
        let rows = rows_of(&view(client, &format!("grids?page={page}&{filter}"))?, "by-grid")?;
        if rows.is_empty() {
            break;
        }
        let before = all.len();
        let fresh = rows.len();
        all.extend(rows);
        ensure!(all.len() == before + fresh, "page {page} shows a grid again");
    }
    Ok(all)
}

fn rows_of(page: &Value, table: &str) -> Result<BTreeMap<String, u64>> {
    let nodes = page["nodes"].as_array().context("a page without nodes")?;
    let is_table = |n: &Value| find(&n["kind"], &|v| v.get("cols").cloned()).is_some();
    let at = nodes.iter().position(|n| n["key"] == table && is_table(n));
    let at = at.with_context(|| format!("no table {table} in: {page}"))?;
    let len = nodes.get(at).and_then(|n| n["children"].as_u64()).context("a table without children")?;
    let mut counts = BTreeMap::new();
    for row in nodes.iter().skip(at + 1).take(usize::try_from(len)?) {
        let cells = find(row, &|v| v.get("cells").and_then(Value::as_array).cloned()).context("a row without cells")?;
        let count = cells.last().and_then(|cell| find(cell, &Value::as_u64)).context("a row without a count")?;
        *counts.entry(row["key"].as_str().unwrap_or_default().to_owned()).or_default() += count;
    }
    Ok(counts)
}

fn view(client: &Client, view: &str) -> Result<Value> {
    let reply = client.get(&format!("/api/v1/services/{view}"))?;
    ensure!(reply.status == 200, "{view}: {reply:?}");
    Ok(reply.json()["page"].take())
}

/// The first place, from the outside in, where `what` finds something.
fn find<T>(value: &Value, what: &impl Fn(&Value) -> Option<T>) -> Option<T> {
    what(value).or_else(|| match value {
        Value::Array(items) => items.iter().find_map(|item| find(item, what)),
        Value::Object(fields) => fields.values().find_map(|field| find(field, what)),
        _ => None,
    })
}
