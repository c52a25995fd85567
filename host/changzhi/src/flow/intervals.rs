//! How long each step of an alarm took, from the events of alarms and tasks in the journal: of calls, never of whoever answered them.
//!
//! Median and p90 are observed values (nearest rank; Hyndman and Fan 1996, definition 1): the smallest one that at least so many of all do not exceed. An
//! interval that did not end takes no part; one that ended before it began takes no part either and is counted apart.

use super::all;
use crate::town::Town;
use changzhi_flow::Event;
use changzhi_model::{EntityId, Micros, Value};
use changzhi_world::Cell;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Interval and what it says.
const NAMES: [(&str, &str); 7] = [
    ("rung-taken", "rung → acknowledged by name"),
    ("taken-sent", "acknowledged → a unit is asked"),
    ("rung-sent", "rung → a unit is asked"),
    ("sent-set-out", "asked → on the way"),
    ("set-out-arrived", "on the way → there"),
    ("rung-arrived", "rung → there"),
    ("sent-done", "asked → done"),
];

/// Microseconds of each interval, in the order of [`NAMES`], sorted; and how many ran backwards.
pub struct Report {
    spans: [Vec<i64>; NAMES.len()],
    backwards: usize,
}

/// When an event came first.
fn first(story: &[Event], name: &str) -> Option<Micros> {
    story.iter().find(|e| e.name == name).map(|e| e.at)
}

/// The first of `of` that at least `percent` of a hundred do not exceed.
fn rank(sorted: &[i64], percent: usize) -> Option<i64> {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied()
}

/// Reads the events of every alarm and of every task back from the journal. Exercises take no part.
pub fn report(town: &Town) -> anyhow::Result<Report> {
    let mut report = Report { spans: Default::default(), backwards: 0 };
    let mut alarms: HashMap<EntityId, (Option<Micros>, Option<Micros>)> = HashMap::new();
    for alarm in all(town, "alarm")? {
        if cell(town, alarm, "command.alarm", "exercise") == Some(Value::Flag(true)) {
            continue;
        }
        let story = town.city.story(alarm).map_err(anyhow::Error::msg)?;
        let (rung, taken) = (story.first().map(|e| e.at), first(&story, "acknowledge"));
        report.add(0, rung, taken);
        alarms.insert(alarm, (rung, taken));
    }
    for task in all(town, "task")? {
        let Some(Value::Entity(alarm)) = cell(town, task, "command.task", "alarm") else { continue };
        let Some((rung, taken)) = alarms.get(&alarm).copied() else { continue };
        let story = town.city.story(task).map_err(anyhow::Error::msg)?;
        let (sent, out) = (story.first().map(|e| e.at), first(&story, "set-out"));
        let (there, done) = (first(&story, "arrive"), first(&story, "finish"));
        for (n, (from, to)) in [(taken, sent), (rung, sent), (sent, out), (out, there), (rung, there), (sent, done)]
            .into_iter()
            .enumerate()
        {
            report.add(n + 1, from, to);
        }
    }
    report.spans.iter_mut().for_each(|spans| spans.sort_unstable());
    Ok(report)
}

fn cell(town: &Town, of: EntityId, facet: &str, field: &str) -> Option<Value> {
    match town.city.read(|w| w.cell(of, facet, field)) {
        Some(Cell::Here(value)) => Some(value),
        _ => None,
    }
}

impl Report {
    fn add(&mut self, n: usize, from: Option<Micros>, to: Option<Micros>) {
        let (Some(from), Some(to), Some(spans)) = (from, to, self.spans.get_mut(n)) else { return };
        match to.0 - from.0 {
            span if span < 0 => self.backwards += 1,
            span => spans.push(span),
        }
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str, &Vec<i64>)> {
        NAMES.iter().zip(&self.spans).map(|((name, says), spans)| (*name, *says, spans))
    }

    pub fn text(&self) -> String {
        let mut out = format!("{:<34}{:>8}{:>12}{:>12}\n", "", "n", "median s", "p90 s");
        let seconds =
            |span: Option<i64>| span.map_or("—".to_owned(), |s| format!("{:.0}", s as f64 / Micros::SECOND as f64));
        for (_, says, spans) in self.rows() {
            let _ = writeln!(
                out,
                "{says:<34}{:>8}{:>12}{:>12}",
                spans.len(),
                seconds(rank(spans, 50)),
                seconds(rank(spans, 90))
            );
        }
        let _ = writeln!(out, "took no part, their clocks run backwards: {}", self.backwards);
        out
    }

    pub fn json(&self) -> serde_json::Value {
        let seconds = |span: Option<i64>| span.map(|s| s as f64 / Micros::SECOND as f64);
        let row = |(name, _, spans): (&str, &str, &Vec<i64>)| {
            serde_json::json!({
                "interval": name, "n": spans.len(),
                "median_s": seconds(rank(spans, 50)), "p90_s": seconds(rank(spans, 90)),
            })
        };
        serde_json::json!({"intervals": self.rows().map(row).collect::<Vec<_>>(), "backwards": self.backwards})
    }
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn a_rank_is_the_smallest_value_that_so_many_do_not_exceed() {
        let ten: Vec<i64> = (1..=10).collect();
        assert_eq!((rank(&ten, 50), rank(&ten, 90), rank(&ten, 100)), (Some(5), Some(9), Some(10)));
        assert_eq!((rank(&[7], 50), rank(&[7], 90), rank(&[], 50)), (Some(7), Some(7), None));
        assert_eq!(rank(&[1, 2, 3], 50), Some(2));
    }
}
