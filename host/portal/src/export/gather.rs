//! All rows of a table, page after page.

use super::{PAGES_MAX, ROWS_MAX, Sheet};
use crate::pages::{Looking, NoPage, Visit};
use crate::render::{Painter, Plain, find_table};
use crate::shape::{Call, Page, Value};
use changzhi_model::Micros;

/// The table with this id in the markup, from the first page shown on; `None`: the page has no such table.
pub(super) async fn gather(
    looking: &Looking<'_>,
    visit: &Visit,
    all: &[(String, String)],
    pairs: &[(String, String)],
    table: &str,
) -> Result<Option<Sheet>, NoPage> {
    let voice = visit.voice(looking.plugin);
    let (page, seq) = looking.look(pairs).await?;
    let painter = looking.painter(&voice, String::new(), looking.here(all), seq);
    let Some((head, first)) = find_table(&page.nodes, table) else { return Ok(None) };
    let cells = |rows: Vec<Vec<crate::shape::Cell>>| -> Vec<Vec<Plain>> {
        rows.iter().map(|r| r.iter().map(|c| Plain::of(&painter, c)).collect()).collect()
    };
    let mut sheet = Sheet {
        title: painter.text(&page.title),
        head: head.cols.iter().map(|c| painter.text(&c.label)).collect(),
        rows: cells(first),
        cut: None,
    };
    let (mut next, mut pages) = (head.next, 1);
    while let Some(call) = next {
        if sheet.rows.len() >= ROWS_MAX || pages >= PAGES_MAX {
            sheet.cut = Some(voice.say("view-export-cut"));
            break;
        }
        // Only ever on in the same view: another one is another look.
        if call.name != looking.name && call.name != format!("{}/{}", looking.plugin, looking.name) {
            break;
        }
        let (page, _) = looking.look(&further(&call)).await?;
        let Some((more, rows)) = find_table(&page.nodes, table) else { break };
        sheet.rows.extend(cells(rows));
        (next, pages) = (more.next, pages + 1);
    }
    if sheet.rows.len() > ROWS_MAX {
        sheet.rows.truncate(ROWS_MAX);
        sheet.cut = Some(voice.say("view-export-cut"));
    }
    Ok(Some(sheet))
}

/// The table as it stands on one page.
pub(super) fn of_page(p: &Painter<'_>, page: &Page, table: &str) -> Option<Sheet> {
    let (head, rows) = find_table(&page.nodes, table)?;
    Some(Sheet {
        title: p.text(&page.title),
        head: head.cols.iter().map(|c| p.text(&c.label)).collect(),
        rows: rows.iter().map(|r| r.iter().map(|c| Plain::of(p, c)).collect()).collect(),
        cut: None,
    })
}

/// The arguments of a call, as the address of a page has them.
fn further(call: &Call) -> Vec<(String, String)> {
    let mut out = Vec::with_capacity(call.args.len());
    for arg in call.args.iter().filter(|a| !a.name.starts_with('_')) {
        let name = arg.name.clone();
        match &arg.value {
            Value::None => {}
            Value::Flag(b) => out.push((name, b.to_string())),
            Value::Int(i) => out.push((name, i.to_string())),
            Value::Num(n) => out.push((name, n.to_string())),
            Value::Text(s) => out.push((name, s.clone())),
            Value::Time(t) => out.push((name, Micros(*t).to_rfc3339())),
            Value::Entity(e) => out.push((name, e.to_string())),
            Value::Point(p) => {
                out.push((format!("{name}.lon"), p.lon.to_string()));
                out.push((format!("{name}.lat"), p.lat.to_string()));
            }
        }
    }
    out
}
