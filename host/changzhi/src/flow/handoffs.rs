//! Days from filing to the answer, by how often the matter changed hands: of matters, never of whoever had them.

use super::all;
use crate::town::Town;
use changzhi_flow::Event;
use changzhi_model::{EntityId, Micros};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Hand-offs from here on are one group; so are none and one.
const MOST: u32 = 5;
/// The report counts days where the city is.
const ZONE: i64 = 8 * Micros::HOUR;

/// Days by hand-offs, each group sorted.
pub struct Report(BTreeMap<u32, Vec<i64>>);

/// Hand-offs and days of a matter that was answered. The days are those of the calendar: the same day is 0.
pub fn of(story: &[Event]) -> Option<(u32, i64)> {
    let begun = story.first()?;
    let answered = story.iter().find(|e| e.name == "answer")?;
    let mut holder = "";
    let mut handoffs = 0;
    for event in story.iter().take_while(|e| e.at <= answered.at) {
        let unit = event.text("unit");
        if unit.is_empty() {
            continue;
        }
        if !holder.is_empty() && unit != holder {
            handoffs += 1;
        }
        holder = unit;
    }
    let day = |at: Micros| (at.0 + ZONE).div_euclid(Micros::DAY);
    Some((handoffs, day(answered.at) - day(begun.at)))
}

/// Reads every matter's events back from the journal.
pub fn report(town: &Town) -> anyhow::Result<Report> {
    let mut groups: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for matter in all(town, "matter")? {
        let story = town.city.story(matter).map_err(anyhow::Error::msg)?;
        let Some((handoffs, days)) = of(&story) else { continue };
        agree(town, matter, handoffs)?;
        groups.entry(handoffs.clamp(1, MOST)).or_default().push(days);
    }
    groups.values_mut().for_each(|days| days.sort_unstable());
    Ok(Report(groups))
}

/// What the world counted is what the events say.
fn agree(town: &Town, matter: EntityId, handoffs: u32) -> anyhow::Result<()> {
    let kept = town.city.read(|w| w.cell(matter, "host.track", "handoffs"));
    match kept {
        Some(changzhi_world::Cell::Here(value)) if value.as_int() >= Some(i64::from(handoffs)) => Ok(()),
        other => anyhow::bail!("matter {matter}: its events say {handoffs} hand-offs, its track says {other:?}"),
    }
}

fn median(sorted: &[i64]) -> f64 {
    let half = sorted.len() / 2;
    let at = |i: usize| sorted.get(i).copied().unwrap_or_default() as f64;
    if sorted.len() % 2 == 1 { at(half) } else { (at(half.saturating_sub(1)) + at(half)) / 2.0 }
}

fn group(handoffs: u32) -> String {
    match handoffs {
        1 => "0–1".to_owned(),
        MOST => format!("{MOST}+"),
        n => n.to_string(),
    }
}

impl Report {
    pub fn text(&self) -> String {
        let mut out = String::from("转办次数 hand-offs  事项 matters  天数中位数 median days\n");
        for (handoffs, days) in &self.0 {
            let _ = writeln!(out, "{:<19} {:<13} {}", group(*handoffs), days.len(), median(days));
        }
        out
    }

    pub fn json(&self) -> serde_json::Value {
        let row = |(handoffs, days): (&u32, &Vec<i64>)| serde_json::json!({"handoffs": group(*handoffs), "matters": days.len(), "median_days": median(days)});
        self.0.iter().map(row).collect()
    }
}
