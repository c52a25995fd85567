//! Points on a plan's picture, as a text people write: one a line.
//!
//! ```text
//! entrance 12,80 North gate
//! assembly 95,10 Sports ground
//! ```
//! What it is, how far from the left and from the top in per cent of the picture, and what it is called. The list of what may be marked
//! is closed: doors and where people gather, nothing that moves.

/// Points of one plan.
const MOST: usize = 20;
/// Characters of a name.
const NAME: usize = 40;

/// What is marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sort {
    Entrance,
    Assembly,
}

impl Sort {
    fn of(word: &str) -> Option<Sort> {
        match word.to_lowercase().as_str() {
            "entrance" | "入口" => Some(Sort::Entrance),
            "assembly" | "集合点" => Some(Sort::Assembly),
            _ => None,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Sort::Entrance => "entrance",
            Sort::Assembly => "assembly",
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Mark {
    pub(super) sort: Sort,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) name: String,
}

/// The points, or the number of the line that is none.
pub(super) fn read(text: &str) -> Result<Vec<Mark>, usize> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let marks: Vec<Mark> = lines.map(|(n, line)| one(line).ok_or(n + 1)).collect::<Result<_, _>>()?;
    if marks.len() > MOST { Err(MOST + 1) } else { Ok(marks) }
}

fn one(line: &str) -> Option<Mark> {
    let (sort, rest) = line.trim().split_once(char::is_whitespace)?;
    let (at, name) = rest.trim_start().split_once(char::is_whitespace)?;
    let (x, y) = at.split_once([',', '，'])?;
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= NAME;
    fits.then_some(Mark { sort: Sort::of(sort)?, x: percent(x)?, y: percent(y)?, name: name.to_owned() })
}

fn percent(text: &str) -> Option<f64> {
    text.parse().ok().filter(|n: &f64| (0.0..=100.0).contains(n))
}

#[cfg(test)]
mod tests {
    use super::{Mark, Sort, read};

    #[test]
    fn a_line_says_what_where_and_how_it_is_called() {
        let marks = read("entrance 12,80 北门 急诊\n\n 集合点  95.5，10 操场 ").unwrap();
        let mark = |sort, x, y, name: &str| Mark { sort, x, y, name: name.into() };
        assert_eq!(marks, [mark(Sort::Entrance, 12.0, 80.0, "北门 急诊"), mark(Sort::Assembly, 95.5, 10.0, "操场")]);
        assert_eq!(read("").unwrap(), []);
    }

    #[test]
    fn what_is_no_point_of_the_picture_is_told_by_its_line() {
        let good = "entrance 1,1 a\n";
        for bad in [
            "nurse 12,80 王护士",
            "entrance 101,5 a",
            "entrance -1,5 a",
            "entrance NaN,5 a",
            "entrance 5 a",
            "entrance 5,5",
            "entrance",
            "<script> 1,1 a",
        ] {
            assert_eq!(read(&format!("{good}{bad}")), Err(2), "{bad}");
        }
        assert_eq!(read(&format!("entrance 1,1 {}", "长".repeat(41))), Err(1));
        assert!(read(&good.repeat(20)).is_ok() && read(&good.repeat(21)).is_err());
    }
}
