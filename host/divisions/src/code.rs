//! One division code.

/// A division code as an area: six digits, nine or twelve; zeros at the end mean the whole of what the digits before them name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Division {
    /// As it was written.
    pub written: String,
    /// The code of its own level: 6 digits (province, city, county), 9 (street, town) or 12 (village, community).
    pub code: String,
    /// What every code within it begins with: 2, 4, 6, 9 or 12 digits.
    pub prefix: String,
}

impl Division {
    /// Six, nine or twelve digits.
    pub fn parse(text: &str) -> Option<Division> {
        let text = text.trim();
        if !matches!(text.len(), 6 | 9 | 12) || !text.bytes().all(|b| b.is_ascii_digit()) || text.starts_with("00") {
            return None;
        }
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let named = |from: usize, to: usize| part(from, to).bytes().any(|b| b != b'0');
        let length = match () {
            () if named(9, 12) => 12,
            () if named(6, 9) => 9,
            () if named(4, 6) => 6,
            () if named(2, 4) => 4,
            () => 2,
        };
        Some(Division {
            written: text.to_owned(),
            code: part(0, length.max(6)).to_owned(),
            prefix: part(0, length).to_owned(),
        })
    }

    /// Twelve digits, as the national platform writes them.
    pub fn twelve(&self) -> String {
        format!("{:0<12}", self.prefix)
    }
}

/// A code as histories and places compare it: of a division code the digits of its own level, of any other text itself.
pub fn plain(text: &str) -> String {
    Division::parse(text).map_or_else(|| text.trim().to_owned(), |division| division.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_at_the_end_mean_the_whole_division() {
        let of = |t: &str| Division::parse(t).map(|d| (d.code, d.prefix));
        let is = |code: &str, prefix: &str| Some((code.to_owned(), prefix.to_owned()));
        assert_eq!(of("130132000000"), is("130132", "130132"));
        assert_eq!(of("360100000000"), is("360100", "3601"));
        assert_eq!(of("360000"), is("360000", "36"));
        assert_eq!(of("360102001000"), is("360102001", "360102001"));
        assert_eq!(of("360102001001"), is("360102001001", "360102001001"));
        assert_eq!(Division::parse("360102").unwrap().twelve(), "360102000000");
        for no in ["", "0", "000000", "36010", "3601020010010", "36010a", "３６０１０２"] {
            assert_eq!(Division::parse(no), None, "{no}");
        }
    }
}
