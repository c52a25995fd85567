//! A page for paper: the same tree as on the screen, painted in blocks of text instead of markup ([`changzhi_print`]).
//!
//! What is on paper: everything that is read, in the order of the page. What is not: buttons and links (paper does nothing), filters,
//! and the drawings of charts and maps, whose figures and names stand there as on the screen. A form is there to be filled in by hand.
//! Parts that do not read or are beyond a limit say so here too, and are counted as on the screen.
//!
//! A page that begins with a `document` is a formal paper: the document's title is the paper's, it is set as such papers are, who
//! signs stands at its end, and nothing on it says who printed it, so that everybody's copy is the same to the byte.

mod form;
mod map;
mod part;
mod story;

use super::part::Malformed;
use super::prose::{self, Part};
use super::tree::{self, Twig};
use super::{Painter, icon, plain, table};
use crate::shape::{Cell, Chart, Labelled, NodeKind, Notice, Other, Page, Series, Stat, Table, Text, Tone};
use changzhi_print::{Block, Column, Figure, Line, Paper, Run, Tone as PaperTone};

/// What is on a page, and the time of the document on it, if it is one (microseconds since 1970).
pub(crate) fn of(p: &Painter<'_>, page: &Page) -> (Paper, Option<i64>) {
    let twigs = tree::of(&page.nodes);
    let mut out = Sheet {
        p,
        blocks: Vec::new(),
        end: Vec::new(),
        formal: is_formal(&twigs),
        title: p.text(&page.title),
        at: None,
    };
    out.each(&twigs, 1);
    let Sheet { mut blocks, end, formal, title, at, .. } = out;
    blocks.extend(end);
    (Paper { formal, blocks, ..Paper::new(title) }, at)
}

/// Whether the first part that is read is a document.
fn is_formal(twigs: &[Twig<'_>]) -> bool {
    let mut read = twigs.iter().filter(|t| !matches!(t.node.kind, NodeKind::Action(_) | NodeKind::Notice(_)));
    match read.next().map(|t| (t, &t.node.kind)) {
        Some((_, NodeKind::Other(o))) => o.kind == "document",
        Some((t, NodeKind::Group(_))) => is_formal(&t.under),
        _ => false,
    }
}

/// The blocks so far.
struct Sheet<'p, 'a> {
    p: &'p Painter<'a>,
    blocks: Vec<Block>,
    /// What stands at the end of a formal paper.
    end: Vec<Block>,
    formal: bool,
    title: String,
    at: Option<i64>,
}

impl Sheet<'_, '_> {
    /// Siblings; `level` is the next heading's.
    fn each(&mut self, twigs: &[Twig<'_>], level: u8) {
        for twig in twigs {
            if let Some(beyond) = twig.beyond {
                self.beyond(twig, &self.p.say(beyond.key()));
                continue;
            }
            match &twig.node.kind {
                NodeKind::Group(_) | NodeKind::Detail => self.each(&twig.under, level),
                NodeKind::Section(s) => {
                    self.heading(level, self.p.text(&s.title));
                    if let Some(help) = &s.help {
                        self.small(self.p.text(help));
                    }
                    if twig.under.is_empty() {
                        self.small(s.empty.as_ref().map_or_else(|| self.p.say("view-empty"), |e| self.p.text(e)));
                    }
                    self.each(&twig.under, (level + 1).min(6));
                }
                NodeKind::Stat(s) => self.stat(s),
                NodeKind::Table(t) => self.table(twig, t),
                NodeKind::Row(r) => {
                    self.prose(r.cells.iter().map(|c| value(self.p, c)).collect::<Vec<_>>().join(" · "))
                }
                NodeKind::Labelled(l) => self.line(line(self.p, l)),
                NodeKind::Form(f) => self.form(twig, f, level),
                NodeKind::Input(i) => self.input(i),
                NodeKind::Notice(n) => self.notice(n),
                NodeKind::Paragraph(t) => self.text(t),
                // Paper does nothing.
                NodeKind::Action(_) => {}
                NodeKind::Chart(c) => self.chart(twig, c),
                NodeKind::Series(s) => self.small(self.p.text(&s.label)),
                NodeKind::Timeline => self.timeline(twig, level),
                NodeKind::Moment(m) => self.moment(twig, m),
                NodeKind::Progress => self.progress(twig),
                NodeKind::Step(s) => self.step(twig, s),
                NodeKind::Map => self.map(twig),
                NodeKind::Layer(l) => self.layer(l),
                NodeKind::Tree => self.tree(&twig.under, 0, level),
                NodeKind::Branch(b) => self.branch(twig, b, 0, level),
                NodeKind::Other(o) => self.other(twig, o, level),
            }
        }
    }

    fn heading(&mut self, level: u8, text: String) {
        self.blocks.push(Block::Heading { level, text });
    }

    fn small(&mut self, text: String) {
        if !text.is_empty() {
            self.blocks.push(Block::Small { text });
        }
    }

    fn prose(&mut self, text: String) {
        self.blocks.push(Block::Prose { runs: vec![Run::plain(text)] });
    }

    /// Messages have paragraphs and lists, data has its line breaks.
    fn text(&mut self, text: &Text) {
        let words = self.p.text(text);
        let Text::Msg(_) = text else { return self.prose(words) };
        for part in prose::parts(&words) {
            self.blocks.push(match part {
                Part::Paragraph(words) => Block::Prose { runs: runs(words) },
                Part::Items(items) => Block::Items { items: items.into_iter().map(runs).collect() },
            });
        }
    }

    /// Lines that follow each other share a list.
    fn line(&mut self, line: Line) {
        match self.blocks.last_mut() {
            Some(Block::Lines { lines }) => lines.push(line),
            _ => self.blocks.push(Block::Lines { lines: vec![line] }),
        }
    }

    fn lines(&mut self, under: &[Twig<'_>]) {
        lines(self.p, under).into_iter().for_each(|l| self.line(l));
    }

    fn stat(&mut self, s: &Stat) {
        let level = s.level.map(|l| self.p.name(&format!("level-{}", l.clamp(1, 4))));
        let delta = s.delta.as_ref().map(|d| value(self.p, d));
        let note = [level, delta].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let figure = Figure { label: self.p.text(&s.label), value: value(self.p, &s.value), note };
        match self.blocks.last_mut() {
            Some(Block::Figures { figures }) => figures.push(figure),
            _ => self.blocks.push(Block::Figures { figures: vec![figure] }),
        }
    }

    fn notice(&mut self, n: &Notice) {
        let (tone, key) = match n.tone {
            Tone::Info => (PaperTone::Info, "view-tone-info"),
            Tone::Good => (PaperTone::Good, "view-tone-good"),
            Tone::Warning => (PaperTone::Warning, "view-tone-warning"),
            Tone::Danger => (PaperTone::Danger, "view-tone-danger"),
        };
        let words = self.p.text(&n.text);
        let runs = match &n.text {
            Text::Plain(_) => vec![Run::plain(words)],
            Text::Msg(_) => notice_runs(&words),
        };
        self.blocks.push(Block::Notice { tone, label: self.p.say(key), runs });
    }

    /// What the host has to say about a part.
    fn warning(&mut self, words: String) {
        let label = self.p.say("view-tone-warning");
        self.blocks.push(Block::Notice { tone: PaperTone::Warning, label, runs: vec![Run::plain(words)] });
    }

    fn table(&mut self, twig: &Twig<'_>, t: &Table) {
        let p = self.p;
        let shown = table::shown(p, twig, t);
        if shown.rows.is_empty() {
            return self.small(p.say("view-empty"));
        }
        let columns = t.cols.iter().map(|c| Column { label: p.text(&c.label), numeric: c.numeric }).collect();
        let cells = shown.rows.iter().map(|(_, row)| row.cells.iter().map(|c| value(p, c)).collect()).collect();
        self.blocks.push(Block::Table { columns, rows: cells });
        let mut notes = Vec::new();
        if t.total > 0 {
            notes.push(p.say_number("view-total", t.total));
        }
        if t.next.is_some() || t.total > shown.rows.len() as u64 {
            notes.push(p.say_number("view-shown", shown.rows.len()));
            notes.push(p.say("print-more"));
        }
        if shown.sent > shown.rows.len() {
            notes.push(p.say_number("view-rows-cut", table::ROWS_MAX));
        }
        self.small(notes.join(" · "));
    }

    /// The figures: they are what can be read off paper.
    fn chart(&mut self, twig: &Twig<'_>, c: &Chart) {
        let p = self.p;
        let series: Vec<&Series> = twig.under.iter().filter_map(series).collect();
        let longest = series.iter().map(|s| s.xs.as_slice()).max_by_key(|xs| xs.len()).unwrap_or_default();
        if longest.is_empty() {
            return self.small(p.say("view-empty"));
        }
        let unit = p.text(&c.unit);
        let with_unit = |label: String| if unit.is_empty() { label } else { format!("{label} ({unit})") };
        let mut columns = vec![Column { label: p.text(&c.x), numeric: false }];
        columns.extend(series.iter().map(|s| Column { label: with_unit(p.text(&s.label)), numeric: true }));
        let figure =
            |ys: &[f64], i: usize| ys.get(i).copied().filter(|y| y.is_finite()).map_or("–".into(), plain::decimal);
        let row = |(i, x): (usize, &String)| {
            let mut row = vec![p.name(x)];
            row.extend(series.iter().map(|s| figure(&s.ys, i)));
            row
        };
        self.blocks.push(Block::Table { columns, rows: longest.iter().enumerate().map(row).collect() });
        self.limits(twig, &unit);
    }

    /// A part that is not shown says so and why.
    fn beyond(&mut self, twig: &Twig<'_>, why: &str) {
        self.p.count_wrong();
        let title = match &twig.node.kind {
            NodeKind::Section(s) => format!("{}: ", self.p.text(&s.title)),
            _ => String::new(),
        };
        let words = format!("{title}{} {why}", self.p.say("core-not-shown"));
        self.warning(words);
    }

    fn malformed(&mut self, o: &Other, wrong: &Malformed) {
        self.p.count_wrong();
        tracing::warn!(plugin = self.p.plugin, kind = o.kind, %wrong, "a part of a paper does not read: its fallback is printed");
        let said = self.p.say_about("view-malformed", self.p.plugin);
        self.warning(format!("{} {said}", self.p.text(&o.fallback)));
    }
}

fn series<'n>(twig: &Twig<'n>) -> Option<&'n Series> {
    let node = twig.node;
    match &node.kind {
        NodeKind::Series(s) => Some(s),
        _ => None,
    }
}

fn runs(words: &str) -> Vec<Run> {
    prose::pieces(words).into_iter().map(|(strong, text)| Run { text, strong }).collect()
}

/// A notice is one block: its paragraphs and items are lines of it.
fn notice_runs(words: &str) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let mut add = |before: &str, line: &str| {
        let before = if out.is_empty() { before.to_owned() } else { format!("\n{before}") };
        out.push(Run::plain(before));
        out.extend(runs(line));
    };
    for part in prose::parts(words) {
        match part {
            Part::Paragraph(words) => add("", words),
            Part::Items(items) => items.into_iter().for_each(|item| add("· ", item)),
        }
    }
    out
}

fn line(p: &Painter<'_>, l: &Labelled) -> Line {
    Line { label: p.text(&l.label), value: value(p, &l.value) }
}

/// The labelled lines among some children.
fn lines(p: &Painter<'_>, under: &[Twig<'_>]) -> Vec<Line> {
    let of = |t: &Twig<'_>| match &t.node.kind {
        NodeKind::Labelled(l) => Some(line(p, l)),
        _ => None,
    };
    under.iter().filter_map(of).collect()
}

/// One value as it is read on the page, masked as there.
fn value(p: &Painter<'_>, cell: &Cell) -> String {
    match cell {
        Cell::None => "–".into(),
        Cell::Int(i) => plain::grouped(*i),
        Cell::Money(n) => format!("¥{}", plain::money(*n)),
        other => plain::words(p, other),
    }
}

/// A time with what comes before it, where there is one.
fn state_at(p: &Painter<'_>, state: &str, at: Option<i64>) -> String {
    let word = icon::State::of(state).map_or_else(|| p.name(state), |s| p.say(s.key()));
    at.map_or(word.clone(), |at| format!("{word} {}", super::time(at, p.zone, super::TIME)))
}
