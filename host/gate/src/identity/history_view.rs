//! Codes and boundaries with their dates: the page of a division, or of the whole city.

use super::Call;
use super::history::{Book, Old};
use changzhi_divisions::{Step, plain, since};
use changzhi_model::{EntityId, Micros, Value};
use changzhi_pipeline::view;

/// Divisions on one page: a district has some dozen streets.
const SHOWN: usize = 300;
/// Steps and boundaries on one page.
const ROWS: usize = 500;

/// `place`: it and what lies directly in it; else the outermost divisions and what lies directly in them.
pub(super) fn page(call: &Call<'_>) -> view::Page {
    let book = Book::open(call.records);
    let wanted = call.at(0).as_entity();
    let codes: Vec<(EntityId, String)> = shown(call, wanted).into_iter().map(|id| (id, code(call, id))).collect();
    let concerns = |code: &str| wanted.is_none() || codes.iter().any(|(_, c)| c == code);
    let mut nodes = section("host-divisions-now", "host-divisions-now-help");
    nodes.extend(table("now", &NOW, codes.iter().map(|(id, code)| place_row(call, &book, *id, code)).collect()));
    let mut steps: Vec<&(EntityId, Step)> =
        book.steps.iter().filter(|(_, s)| concerns(&s.old) || concerns(&s.new)).collect();
    steps.sort_by(|(_, a), (_, b)| (b.at, &a.old, &a.new).cmp(&(a.at, &b.old, &b.new)));
    steps.truncate(ROWS);
    nodes.extend(section("host-successions", "host-successions-help"));
    nodes.extend(table("steps", &STEPS, steps.into_iter().map(|(id, s)| step_row(&book, *id, s)).collect()));
    // A place's own page shows what was there before it as well.
    let before = |b: &Old| book.steps.iter().any(|(_, s)| s.old == b.code && concerns(&s.new));
    let mut old: Vec<&Old> = book.boundaries.iter().filter(|b| concerns(&b.code) || before(b)).collect();
    old.sort_by(|a, b| (b.until, &a.code).cmp(&(a.until, &b.code)));
    old.truncate(ROWS);
    nodes.extend(section("host-boundaries", "host-boundaries-help"));
    nodes.extend(table("boundaries", &BOUNDARIES, old.into_iter().map(|b| boundary_row(&book, b)).collect()));
    view::Page { title: key("host-view-divisions"), nodes }
}

const NOW: [(&str, &str); 4] = [
    ("name", "host-field-name"),
    ("code", "host-field-code"),
    ("since", "host-column-code-since"),
    ("boundary", "host-column-boundary-since"),
];
const STEPS: [(&str, &str); 5] = [
    ("old", "host-field-old"),
    ("new", "host-field-new"),
    ("effective", "host-field-effective"),
    ("ends", "host-field-old-ends"),
    ("note", "host-field-note"),
];
const BOUNDARIES: [(&str, &str); 4] = [
    ("code", "host-field-code"),
    ("name", "host-field-name"),
    ("since", "host-field-since"),
    ("until", "host-field-until"),
];

fn shown(call: &Call<'_>, wanted: Option<EntityId>) -> Vec<EntityId> {
    let all = call.records.newest("division", wanted, 10_000);
    let within = |id: EntityId| call.records.core(id).and_then(|c| c.within);
    let mut out: Vec<EntityId> = match wanted {
        Some(place) => all.into_iter().filter(|id| *id == place || within(*id) == Some(place)).collect(),
        None => all.into_iter().filter(|id| within(*id).is_none_or(|above| within(above).is_none())).collect(),
    };
    out.extend(wanted.filter(|place| !out.contains(place)));
    out.sort_by_key(|id| code(call, *id));
    out.truncate(SHOWN);
    out
}

fn code(call: &Call<'_>, place: EntityId) -> String {
    match call.records.value(place, "host.place", "code") {
        Value::Text(code) => plain(&code),
        _ => String::new(),
    }
}

fn place_row(call: &Call<'_>, book: &Book<'_>, id: EntityId, code: &str) -> view::Node {
    let Ok(since) = since(book, code);
    let drawn = call.records.value(id, "host.extent", "since").as_time();
    // Unsaid, a boundary holds since the last one before it ended.
    let drawn = drawn.or_else(|| book.boundaries.iter().filter(|b| b.code == code).map(|b| b.until).max());
    let name = match call.records.value(id, "host.place", "name") {
        Value::Text(name) => name,
        _ => id.to_string(),
    };
    let open = view::Call {
        name: "divisions".into(),
        args: vec![view::Named { name: "place".into(), value: view::Value::Entity(id.0) }],
    };
    let cells = vec![plain_text(&name), plain_text(code), date(since.map(Micros)), date(drawn)];
    row(id, cells, Some(open))
}

fn step_row(book: &Book<'_>, id: EntityId, step: &Step) -> view::Node {
    let Ok(ended) = changzhi_divisions::until(book, &step.old, i64::MAX);
    let old = if step.old_name.is_empty() { step.old.clone() } else { format!("{} {}", step.old, step.old_name) };
    let cells = vec![
        plain_text(&old),
        plain_text(&step.new),
        date(Some(Micros(step.at))),
        view::Cell::Flag(ended == Some(step.at)),
        plain_text(&step.note),
    ];
    row(id, cells, None)
}

fn boundary_row(book: &Book<'_>, old: &Old) -> view::Node {
    // Unsaid, it began where the one before it ended.
    let before = book.boundaries.iter().filter(|b| b.code == old.code && b.until < old.until).map(|b| b.until).max();
    let cells = vec![plain_text(&old.code), plain_text(&old.name), date(old.since.or(before)), date(Some(old.until))];
    row(old.id, cells, None)
}

fn section(title: &str, help: &str) -> Vec<view::Node> {
    let section = view::Section {
        title: key(title),
        help: Some(key(help)),
        empty: Some(key("host-divisions-none")),
        live: false,
    };
    vec![view::Node { key: title.into(), children: 1, kind: view::NodeKind::Section(section) }]
}

fn table(name: &str, cols: &[(&str, &str)], rows: Vec<view::Node>) -> Vec<view::Node> {
    let col = |(name, label): &(&str, &str)| view::Col {
        key: (*name).into(),
        label: key(label),
        priority: 1,
        sortable: false,
        numeric: false,
    };
    let children = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let table = view::Table { cols: cols.iter().map(col).collect(), total: u64::from(children), next: None };
    let head = view::Node { key: name.into(), children, kind: view::NodeKind::Table(table) };
    std::iter::once(head).chain(rows).collect()
}

fn row(id: EntityId, cells: Vec<view::Cell>, open: Option<view::Call>) -> view::Node {
    view::Node { key: id.to_string(), children: 0, kind: view::NodeKind::Row(view::Row { cells, open }) }
}

fn plain_text(text: &str) -> view::Cell {
    if text.is_empty() { view::Cell::None } else { view::Cell::Text(view::Text::Plain(text.to_owned())) }
}

fn date(at: Option<Micros>) -> view::Cell {
    at.map_or(view::Cell::None, |at| view::Cell::Date(at.0))
}

fn key(key: &str) -> view::Text {
    view::Text::Msg(view::Msg { key: key.into(), args: Vec::new() })
}
