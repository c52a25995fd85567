//! What China adds to CAP: identifiers and sender codes of GB/T 35965.1, four colours, division codes as areas.

use crate::model::{Pair, Severity};
use crate::moment::Moment;
use changzhi_divisions::Division;
use std::fmt;

/// The name division codes go by in the alerts of the national platform.
pub const GEOCODE: &str = "CPEAS Geographic Code";

/// Who sends: `ZZZZZZDDDUUUXX`, a division (GB/T 2260), a department (GB/T 4657 in use), a unit, two digits of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SenderCode(String);

impl SenderCode {
    /// Fourteen digits.
    pub fn parse(text: &str) -> Option<SenderCode> {
        (text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit())).then(|| SenderCode(text.to_owned()))
    }

    /// The division of its first six digits.
    pub fn division(&self) -> &str {
        self.0.get(..6).unwrap_or_default()
    }

    /// `ZZZZZZDDDUUUXX_YYYYMMDDhhmmss`, and `_N` from the second one of the same second on.
    pub fn identifier(&self, sent: Moment, n: u32) -> String {
        match n {
            0 | 1 => format!("{}_{}", self.0, sent.digits()),
            n => format!("{}_{}_{n}", self.0, sent.digits()),
        }
    }
}

impl fmt::Display for SenderCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A colour of a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour {
    /// As a code: `red`.
    pub name: &'static str,
    pub zh: &'static str,
    /// I to IV.
    pub level: u8,
    pub roman: &'static str,
    pub severity: Severity,
}

/// 红橙黄蓝, from the most severe on.
pub const COLOURS: [Colour; 4] = [
    Colour { name: "red", zh: "红", level: 1, roman: "I", severity: Severity::Extreme },
    Colour { name: "orange", zh: "橙", level: 2, roman: "II", severity: Severity::Severe },
    Colour { name: "yellow", zh: "黄", level: 3, roman: "III", severity: Severity::Moderate },
    Colour { name: "blue", zh: "蓝", level: 4, roman: "IV", severity: Severity::Minor },
];

impl Colour {
    pub fn of_name(name: &str) -> Option<Colour> {
        COLOURS.into_iter().find(|c| c.name == name)
    }

    /// `None` of an unknown severity: it has no colour.
    pub fn of(severity: Severity) -> Option<Colour> {
        COLOURS.into_iter().find(|c| c.severity == severity)
    }
}

/// The division of a geocode in the national name, or in GB/T 2260 by any name that says so; `None` of every other system.
pub fn division(pair: &Pair) -> Option<Division> {
    let name = pair.name.to_ascii_lowercase().replace([' ', '_', '-', '/', '.', ':'], "");
    let ours = ["cpeasgeographiccode", "gbt2260", "gb2260", "divisioncode", "行政区划代码"];
    ours.iter().any(|o| name.contains(o)).then(|| Division::parse(&pair.value)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_of_divisions_are_taken_for_divisions() {
        assert!(division(&Pair::new("CPEAS Geographic Code", "130132000000")).is_some());
        assert!(division(&Pair::new("GB/T 2260", "360102")).is_some());
        assert!(division(&Pair::new("SAME", "006109")).is_none());
    }

    #[test]
    fn an_identifier_has_the_sender_and_the_second_and_a_number_from_the_second_on() {
        let sender = SenderCode::parse("36080041600000").unwrap();
        let sent = Moment::strict("2025-03-13T14:37:27+08:00").unwrap();
        assert_eq!(sender.identifier(sent, 1), "36080041600000_20250313143727");
        assert_eq!(sender.identifier(sent, 2), "36080041600000_20250313143727_2");
        assert_eq!(sender.division(), "360800");
        assert_eq!(SenderCode::parse("3608004160000"), None);
    }

    #[test]
    fn each_colour_has_one_severity() {
        for colour in COLOURS {
            assert_eq!(Colour::of(colour.severity), Some(colour));
            assert_eq!(Colour::of_name(colour.name), Some(colour));
        }
        assert_eq!(Colour::of(Severity::Unknown), None);
    }
}
