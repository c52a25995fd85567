//! Tables: sorted, filtered, paged, chosen from and taken away as files. On a narrow page each row is a card.
//!
//! Under a `table` node stand its `row`s, and as `other` nodes: `filters` (inputs) and `bulk` (actions on chosen rows). The host
//! sorts a table that is whole; one that is paged is sorted by its view, if the view declares a parameter `sort`.

use super::node::Scope;
use super::part::{Attributes, other};
use super::tree::{self, Twig};
use super::{Painter, action, cell, form, frame, icon};
use crate::shape::{Cell, Col, Node, NodeKind, Row, Table};
use maud::{Markup, Render, html};
use std::cmp::Ordering;

/// Rows of one table on one page; more are for the next page.
pub(crate) const ROWS_MAX: usize = 500;

struct Head<'a> {
    col: &'a Col,
    label: String,
}

/// A column to sort by, and which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct By {
    col: usize,
    ascending: bool,
}

/// `KEY` ascending, `-KEY` descending.
fn by(t: &Table, given: &str) -> Option<By> {
    let (ascending, key) = given.strip_prefix('-').map_or((true, given), |key| (false, key));
    t.cols.iter().position(|c| c.sortable && c.key == key).map(|col| By { col, ascending })
}

/// How the columns of this table can be sorted.
enum Sorting {
    /// By the host: every row is here.
    Here(Option<By>),
    /// By the view, under its own parameter.
    There(Option<By>),
    No,
}

fn sorting(p: &Painter<'_>, twig: &Twig<'_>, t: &Table, rows: usize) -> Sorting {
    if p.here.takes("sort") {
        return Sorting::There(p.here.value("sort").and_then(|s| by(t, s)));
    }
    let whole = t.next.is_none() && t.total <= rows as u64;
    if !whole || rows < 2 || p.here.path.is_empty() {
        return Sorting::No;
    }
    let given = p.here.value("_sort").and_then(|s| s.strip_prefix(&twig.html_id())?.strip_prefix('.'));
    Sorting::Here(given.and_then(|s| by(t, s)))
}

/// Rows as they are shown: ordered as asked, within the limit.
pub(super) struct Shown<'t, 'n> {
    pub(super) rows: Vec<(&'t Twig<'n>, &'n Row)>,
    /// How many there were.
    pub(super) sent: usize,
    sorting: Sorting,
}

pub(super) fn shown<'t, 'n>(p: &Painter<'_>, twig: &'t Twig<'n>, t: &Table) -> Shown<'t, 'n> {
    let mut rows: Vec<(&Twig<'_>, &Row)> = rows(twig).collect();
    let sent = rows.len();
    rows.truncate(ROWS_MAX);
    if sent > ROWS_MAX {
        p.count_wrong();
    }
    let sorting = sorting(p, twig, t, rows.len());
    if let Sorting::Here(Some(by)) = sorting {
        rows.sort_by(|(_, a), (_, b)| {
            let order = compare(p, a.cells.get(by.col), b.cells.get(by.col));
            if by.ascending { order } else { order.reverse() }
        });
    }
    Shown { rows, sent, sorting }
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, t: &Table, scope: Scope<'_>) -> Markup {
    let id = twig.html_id();
    let Shown { rows, sent, sorting } = shown(p, twig, t);
    let heads: Vec<Head<'_>> = t.cols.iter().map(|col| Head { col, label: p.text(&col.label) }).collect();
    let openings = openings(&heads);
    let bulk = twig.under.iter().find_map(|c| other(c, "bulk").map(|o| (c, o)));
    let filters = twig.under.iter().filter_map(|c| other(c, "filters").map(|o| (c, o)));
    let body = html! {
        div.scroll tabindex="0" role="group" aria-label=(p.say("view-table")) {
            table.view id=(id) {
                thead { tr {
                    @if bulk.is_some() { th.choose scope="col" { span.sr { (p.say("view-choose")) } } }
                    @for head in &heads { (column(p, &id, head, &sorting, &heads)) }
                } }
                tbody { @for (twig, row) in &rows { (Line { p, twig, row, openings: &openings, choose: bulk.is_some() }) } }
            }
        }
    };
    html! {
        div.table {
            @for (c, o) in filters { (form::filters(p, c, o)) }
            @if sent > ROWS_MAX {
                div.notice.warning { (icon::warning()) p { (p.say_number("view-rows-cut", ROWS_MAX)) } }
            }
            @if rows.is_empty() { (frame::empty(p, scope)) }
            @else if let Some((c, o)) = bulk { (chosen(p, c, Attributes(o), &body)) }
            @else { (body) }
            (foot(p, twig, t, rows.len()))
        }
    }
}

fn rows<'n, 't>(twig: &'t Twig<'n>) -> impl Iterator<Item = (&'t Twig<'n>, &'n Row)> {
    twig.under.iter().filter_map(|c| match &c.node.kind {
        NodeKind::Row(r) => Some((c, r)),
        _ => None,
    })
}

fn column(p: &Painter<'_>, id: &str, head: &Head<'_>, sorting: &Sorting, heads: &[Head<'_>]) -> Markup {
    let at = heads.iter().position(|h| std::ptr::eq(h, head));
    let (now, name) = match sorting {
        Sorting::Here(now) => (*now, "_sort"),
        Sorting::There(now) => (*now, "sort"),
        Sorting::No => (None, ""),
    };
    let here = now.filter(|by| Some(by.col) == at);
    let next = format!(
        "{}{}{}",
        if name == "_sort" { format!("{id}.") } else { String::new() },
        if here.is_some_and(|by| by.ascending) { "-" } else { "" },
        head.col.key
    );
    let aria = here.map(|by| if by.ascending { "ascending" } else { "descending" });
    html! {
        th.num[head.col.numeric].minor[head.col.priority > 4].least[head.col.priority > 6] scope="col" aria-sort=[aria] {
            @if head.col.sortable && !name.is_empty() {
                a href={(p.here.with(&[(name, Some(&next))])) "#" (id)} {
                    (head.label) @if let Some(by) = here { " " (icon::sorted(by.ascending)) }
                }
            } @else { (head.label) }
        }
    }
}

/// What all cells of a column begin with. Cards on a phone: each cell carries its column's name.
fn openings(heads: &[Head<'_>]) -> Vec<String> {
    let opening = |h: &Head<'_>| {
        let cell =
            html! { td.num[h.col.numeric].minor[h.col.priority > 4].least[h.col.priority > 6] data-label=(h.label) {} };
        cell.0.strip_suffix("</td>").unwrap_or(&cell.0).to_owned()
    };
    heads.iter().map(opening).collect()
}

/// One row, written where it stands.
struct Line<'a> {
    p: &'a Painter<'a>,
    twig: &'a Twig<'a>,
    row: &'a Row,
    openings: &'a [String],
    choose: bool,
}

impl Render for Line<'_> {
    fn render_to(&self, out: &mut String) {
        let p = self.p;
        out.push_str("<tr>");
        if self.choose {
            let key = self.twig.key();
            let choice = html! {
                td.choose { label { span.sr { (p.say("view-choose")) " " (key) } input type="checkbox" name="_row" value=(key); } }
            };
            choice.render_to(out);
        }
        for (i, cell) in self.row.cells.iter().enumerate() {
            out.push_str(self.openings.get(i).map_or("<td>", String::as_str));
            content(p, self.row, i, cell, out);
            out.push_str("</td>");
        }
        out.push_str("</tr>");
    }
}

fn content(p: &Painter<'_>, row: &Row, i: usize, cell: &Cell, out: &mut String) {
    match &row.open {
        Some(open) if i == 0 => action::link(p, Some(open), &html! { (cell::Shown(p, cell)) }).render_to(out),
        _ => cell::Shown(p, cell).render_to(out),
    }
}

pub(super) fn lone_row(p: &Painter<'_>, twig: &Twig<'_>, row: &Row) -> Markup {
    html! { table.view { tbody { (Line { p, twig, row, openings: &[], choose: false }) } } }
}

/// One form around the rows, one button for each thing to do with the chosen ones.
fn chosen(p: &Painter<'_>, twig: &Twig<'_>, a: Attributes<'_>, body: &Markup) -> Markup {
    let param = match a.text("row-param") {
        Ok(param) => param.unwrap_or("id"),
        Err(wrong) => return html! { (super::part::malformed(p, a.0, &wrong)) (body) },
    };
    html! {
        form.bulk method="post" {
            input type="hidden" name="_csrf" value=(p.csrf);
            input type="hidden" name="_key" value=(super::fresh_key());
            input type="hidden" name="_back" value=(p.here.address());
            input type="hidden" name="_rev" value=(p.rev.0);
            input type="hidden" name="_param" value=(param);
            @if !p.purpose.is_empty() { input type="hidden" name="_purpose" value=(p.purpose); }
            (body)
            div.bulk-bar {
                p { (p.say("view-bulk")) }
                @for child in &twig.under { @if let NodeKind::Action(act) = &child.node.kind {
                    @if let crate::shape::Deed::Command(call) = &act.deed {
                        button class=(action::class(act.style)) formaction=(p.bulk_address(call)) { (p.text(&act.label)) }
                    }
                } }
            }
        }
    }
}

fn foot(p: &Painter<'_>, twig: &Twig<'_>, t: &Table, shown: usize) -> Markup {
    let from = |kind: &str| p.here.with(&[("_export", Some(kind)), ("_table", Some(&twig.html_id())), ("_done", None)]);
    let paged = ["page", "after", "cursor"].iter().any(|n| p.here.value(n).is_some());
    html! {
        @if shown > 0 || t.next.is_some() {
            div.foot {
                p.muted {
                    @if t.total > 0 { (p.say_number("view-total", t.total)) " · " }
                    (p.say_number("view-shown", shown))
                }
                @if t.next.is_some() || paged { div.pages {
                    @if paged { a.button.plain href=(p.here.with(&[("page", None), ("after", None), ("cursor", None)])) rel="first" { (p.say("view-first")) } }
                    @if let Some(next) = &t.next { a.button.plain href=(p.view_address(next)) rel="next" { (p.say("core-next")) } }
                } }
                @if !p.here.path.is_empty() { p.export {
                    a href=(from("csv")) download { (p.say("view-export-csv")) } " "
                    a href=(from("xlsx")) download { (p.say("view-export-xlsx")) }
                } }
            }
        }
    }
}

/// By kind of value first; what has no order of its own is ordered by its words.
fn compare(p: &Painter<'_>, a: Option<&Cell>, b: Option<&Cell>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return a.is_some().cmp(&b.is_some()) };
    match (a, b) {
        (Cell::None, Cell::None) => Ordering::Equal,
        (Cell::None, _) => Ordering::Less,
        (_, Cell::None) => Ordering::Greater,
        (Cell::Level(x), Cell::Level(y)) => x.cmp(y),
        (Cell::Due(x), Cell::Due(y)) => x.limit.cmp(&y.limit),
        (
            Cell::Int(x) | Cell::Time(x) | Cell::Date(x) | Cell::Duration(x),
            Cell::Int(y) | Cell::Time(y) | Cell::Date(y) | Cell::Duration(y),
        ) => x.cmp(y),
        (Cell::Num(x) | Cell::Money(x) | Cell::Percent(x), Cell::Num(y) | Cell::Money(y) | Cell::Percent(y)) => {
            x.total_cmp(y)
        }
        _ => crate::sound::compare(&super::plain::words(p, a), &super::plain::words(p, b)),
    }
}

/// A table of a page by its id in the markup.
pub(crate) fn find(nodes: &[Node], id: &str) -> Option<(Table, Vec<Vec<Cell>>)> {
    fn within<'t, 'n>(twigs: &'t [Twig<'n>], id: &str) -> Option<(&'n Table, &'t Twig<'n>)> {
        twigs.iter().find_map(|t| match &t.node.kind {
            NodeKind::Table(table) if t.html_id() == id => Some((table, t)),
            _ => within(&t.under, id),
        })
    }
    let tree = tree::of(nodes);
    let (table, twig) = within(&tree, id)?;
    Some((table.clone(), rows(twig).map(|(_, r)| r.cells.clone()).collect()))
}
