//! Two renders of the same page beside each other: what somebody saw, and what is there now.
//!
//! Pages are flattened to lines named by where they stand (headings, labels, columns, keys of rows), so that a moved part is no
//! difference and a changed value is one.

use super::tree::{self, Twig};
use super::{Painter, plain};
use crate::shape::{NodeKind, Page};
use std::collections::BTreeMap;

/// One thing that is not as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Difference {
    pub(crate) what: String,
    /// Empty: it was not there.
    pub(crate) saw: String,
    pub(crate) now: String,
}

/// Differences shown at most; a screen of more is not read.
const DIFFERENCES_MAX: usize = 50;

pub(crate) fn differences(p: &Painter<'_>, saw: &Page, now: &Page) -> Vec<Difference> {
    let (saw, now) = (lines(p, saw), lines(p, now));
    let keys: std::collections::BTreeSet<&Vec<String>> = saw.keys().chain(now.keys()).collect();
    let of = |lines: &BTreeMap<Vec<String>, String>, key: &Vec<String>| lines.get(key).cloned().unwrap_or_default();
    let differ = keys.into_iter().filter(|key| saw.get(*key) != now.get(*key));
    differ
        .take(DIFFERENCES_MAX)
        .map(|key| Difference { what: key.join(" · "), saw: of(&saw, key), now: of(&now, key) })
        .collect()
}

fn lines(p: &Painter<'_>, page: &Page) -> BTreeMap<Vec<String>, String> {
    let mut out = BTreeMap::new();
    let title = p.text(&page.title);
    flatten(p, &tree::of(&page.nodes), &mut vec![title], &mut out);
    out
}

fn flatten(p: &Painter<'_>, twigs: &[Twig<'_>], at: &mut Vec<String>, out: &mut BTreeMap<Vec<String>, String>) {
    let (mut moments, mut words) = (0, 0);
    for twig in twigs {
        let mut put = |name: String, value: String| {
            let mut key = at.clone();
            key.push(name);
            out.insert(key, value);
        };
        let below = match &twig.node.kind {
            NodeKind::Section(s) => Some(p.text(&s.title)),
            NodeKind::Stat(s) => {
                put(p.text(&s.label), plain::words(p, &s.value));
                None
            }
            NodeKind::Labelled(l) => {
                put(p.text(&l.label), plain::words(p, &l.value));
                None
            }
            NodeKind::Branch(b) => {
                put(p.text(&b.label), plain::words(p, &b.value));
                Some(p.text(&b.label))
            }
            NodeKind::Table(t) => {
                table(p, twig, t, at, out);
                continue;
            }
            NodeKind::Moment(m) => {
                moments += 1;
                put(format!("#{moments}"), format!("{} {}", p.text(&m.actor), p.text(&m.text)));
                None
            }
            NodeKind::Step(s) => {
                put(p.text(&s.label), p.name(&s.state));
                None
            }
            NodeKind::Paragraph(t) => {
                words += 1;
                put(format!("¶{words}"), p.text(t));
                None
            }
            NodeKind::Notice(n) => {
                words += 1;
                put(format!("¶{words}"), p.text(&n.text));
                None
            }
            NodeKind::Other(o) => {
                let value = |n: &crate::shape::Named| format!("{} {}", n.name, p.argument_text(&n.value));
                put(p.text(&o.fallback), o.attributes.iter().map(value).collect::<Vec<_>>().join(", "));
                None
            }
            _ => None,
        };
        let named = below.is_some();
        at.extend(below);
        flatten(p, &twig.under, at, out);
        if named {
            at.pop();
        }
    }
}

fn table(
    p: &Painter<'_>,
    twig: &Twig<'_>,
    t: &crate::shape::Table,
    at: &[String],
    out: &mut BTreeMap<Vec<String>, String>,
) {
    let labels: Vec<String> = t.cols.iter().map(|c| p.text(&c.label)).collect();
    for child in &twig.under {
        let NodeKind::Row(r) = &child.node.kind else { continue };
        for (i, cell) in r.cells.iter().enumerate() {
            let mut key = at.to_vec();
            key.push(child.key().to_owned());
            key.push(labels.get(i).cloned().unwrap_or_default());
            out.insert(key, plain::words(p, cell));
        }
    }
}
