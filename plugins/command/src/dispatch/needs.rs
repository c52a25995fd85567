//! What a card asks for, as a text people write: one need a line.
//!
//! ```text
//! police x2 3000m
//! medical x1 10min +first-aid
//! volunteer x3
//! ```
//! Kind, how many, from how far at most (metres, or minutes by the pace of the kind), and skills that all must be there.

use changzhi_sdk::Text;
use std::fmt;

/// Lines of a card.
const LINES: usize = 8;
/// Of one line.
const MOST: u32 = 20;

/// From how far somebody may come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Within {
    Metres(u32),
    Minutes(u32),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Need {
    pub(super) sort: String,
    pub(super) count: u32,
    pub(super) within: Option<Within>,
    pub(super) skills: Vec<String>,
}

impl Need {
    /// The line without its numbers: what a task is for.
    pub(super) fn name(&self) -> String {
        let mut name = self.sort.clone();
        for skill in &self.skills {
            name.push('+');
            name.push_str(skill);
        }
        name
    }

    /// The limit in metres, as the crow flies.
    pub(super) fn metres(&self) -> Option<u32> {
        Some(match self.within? {
            Within::Metres(metres) => metres,
            Within::Minutes(minutes) => minutes.saturating_mul(pace(&self.sort)),
        })
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x{}", self.sort, self.count)?;
        match self.within {
            Some(Within::Metres(m)) => write!(f, " {m}m")?,
            Some(Within::Minutes(m)) => write!(f, " {m}min")?,
            None => {}
        }
        self.skills.iter().try_for_each(|s| write!(f, " +{s}"))
    }
}

/// Metres in a straight line that a minute is worth: by car in a city, or on foot. Streets are longer than a line by about a third;
/// that is in it. It is an estimate to order help by, and said to be one.
pub(super) fn pace(sort: &str) -> u32 {
    match sort {
        "police" | "fire" | "medical" | "repair" => 350,
        _ => 60,
    }
}

/// Small letters, digits and hyphens.
pub(crate) fn is_code(text: &str) -> bool {
    let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    letters && (1..=32).contains(&text.len())
}

fn wrong(line: &str) -> Text {
    Text::key("need-unreadable").with("line", line)
}

fn line(text: &str) -> Result<Need, Text> {
    let mut words = text.split_whitespace();
    let sort = words.next().filter(|s| is_code(s)).ok_or_else(|| wrong(text))?.to_owned();
    let mut need = Need { sort, count: 1, within: None, skills: Vec::new() };
    for word in words {
        if let Some(skill) = word.strip_prefix('+').filter(|s| is_code(s)) {
            need.skills.push(skill.to_owned());
        } else if let Some(count) = word.strip_prefix('x').and_then(|n| n.parse().ok()) {
            need.count = count;
        } else if let Some(minutes) = word.strip_suffix("min").and_then(|n| n.parse().ok()) {
            need.within = Some(Within::Minutes(minutes));
        } else if let Some(metres) = word.strip_suffix('m').and_then(|n| n.parse().ok()) {
            need.within = Some(Within::Metres(metres));
        } else {
            return Err(wrong(text));
        }
    }
    if (1..=MOST).contains(&need.count) { Ok(need) } else { Err(wrong(text)) }
}

/// Reads the needs of a card; lines may also be parted by `;`.
pub(super) fn parse(text: &str) -> Result<Vec<Need>, Text> {
    let lines = text.split(['\n', ';', '；']).map(str::trim).filter(|l| !l.is_empty());
    let needs = lines.map(line).collect::<Result<Vec<_>, _>>()?;
    let twice = needs.iter().enumerate().find(|(n, need)| needs.iter().take(*n).any(|b| b.name() == need.name()));
    match (needs.len(), twice) {
        (_, Some((_, need))) => Err(Text::key("need-twice").with("line", need.to_string())),
        (1..=LINES, None) => Ok(needs),
        _ => Err(Text::key("needs-number")),
    }
}

/// What is asked for where no card says anything. It is told to be that.
pub(super) fn default(category: &str, level: i64) -> Vec<Need> {
    let one = |sort: &str, count: u32, metres: u32| {
        let count = count.saturating_mul(u32::try_from(level.clamp(1, 4)).unwrap_or(1));
        Need { sort: sort.to_owned(), count, within: Some(Within::Metres(metres)), skills: Vec::new() }
    };
    match category {
        "fire" => vec![one("fire", 1, 5_000), one("guard", 1, 1_500), one("volunteer", 2, 800)],
        "medical" => vec![one("medical", 1, 5_000), one("volunteer", 1, 800)],
        _ => vec![one("police", 1, 5_000), one("guard", 1, 1_500), one("volunteer", 1, 800)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_reads_as_it_is_written() {
        let text = "police x2 3000m\nmedical 10min +first-aid;volunteer x3";
        let needs = parse(text).unwrap();
        let written: Vec<String> = needs.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["police x2 3000m", "medical x1 10min +first-aid", "volunteer x3"]);
        assert_eq!(parse(&written.join("\n")).unwrap(), needs);
        assert_eq!(needs[1].metres(), Some(3_500));
        assert_eq!(needs[1].name(), "medical+first-aid");
    }

    #[test]
    fn what_does_not_read_is_named() {
        for text in ["Police x2", "police x0", "police x21", "police 3km", "police + ", "police x2 police"] {
            assert_eq!(parse(text), Err(wrong(text.trim())), "{text}");
        }
        assert_eq!(parse(" \n "), Err(Text::key("needs-number")));
        assert!(parse("police x1\npolice x2 100m").is_err(), "the same line twice");
    }

    #[test]
    fn the_default_reads_and_grows_with_the_level() {
        for category in ["help", "fire", "medical", "security", "other"] {
            let asked = |level| default(category, level).iter().map(|n| n.count).sum::<u32>();
            assert!(asked(2) > asked(1) && asked(9) == asked(4), "{category}");
            let text = default(category, 2).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            assert_eq!(parse(&text).unwrap(), default(category, 2));
        }
    }
}
