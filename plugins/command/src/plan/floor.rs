//! Floors as people write them: `3 楼`, `三层`, `3F` and `floor 3` are one.

/// What stands before and after the number, the longest first.
const BEFORE: [&str; 5] = ["第", "floor", "level", "fl", "f"];
const AFTER: [&str; 8] = ["楼", "层", "thfloor", "stfloor", "ndfloor", "rdfloor", "floor", "f"];
const UNDER: [&str; 4] = ["地下", "负", "-", "b"];

/// The same for two ways of writing one floor: its number, or without one the words without spaces.
pub(super) fn same(written: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '層' => '层',
        '樓' => '楼',
        c => c,
    };
    let all: String = written.chars().map(narrow).filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let mut rest = all.as_str();
    for word in BEFORE {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let under = UNDER.iter().find_map(|word| rest.strip_prefix(word));
    let mut bare = under.unwrap_or(rest);
    for word in AFTER {
        bare = bare.strip_suffix(word).unwrap_or(bare);
    }
    match (number(bare), under) {
        (Some(n), None) => n.to_string(),
        (Some(n), Some(_)) => format!("-{n}"),
        (None, _) => all,
    }
}

/// Up to 199, in digits or as it is spoken.
fn number(text: &str) -> Option<u32> {
    if !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let digit = |c: char| "零一二三四五六七八九".chars().position(|d| d == c).and_then(|n| u32::try_from(n).ok());
    let ones = |text: &str| {
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (None, _) => Some(0),
            (Some(c), None) => digit(c).filter(|n| *n > 0),
            _ => None,
        }
    };
    if text == "首" {
        return Some(1);
    }
    match text.split_once('十') {
        Some(("", low)) => Some(10 + ones(low)?),
        Some((high, low)) => Some(ones(high)? * 10 + ones(low)?),
        None => ones(text).filter(|n| *n > 0),
    }
}

/// From the lowest up; what has no number stands behind those that have one.
pub(super) fn order(same: &str) -> (i32, &str) {
    (same.parse().unwrap_or(i32::MAX), same)
}

#[cfg(test)]
mod tests {
    use super::{order, same};

    #[test]
    fn one_floor_is_the_same_however_it_is_written() {
        for written in ["3 楼", "3楼", "三楼", "三层", "第3层", "3F", "F3", "３Ｆ", "Floor 3", "3rd floor", "level 3"]
        {
            assert_eq!(same(written), "3", "{written}");
        }
        for written in ["B1", "b1层", "负一楼", "地下一层", "-1", "地下1层"] {
            assert_eq!(same(written), "-1", "{written}");
        }
        assert_eq!((same("十二楼"), same("二十层"), same("二十一F")), ("12".into(), "20".into(), "21".into()));
        assert_eq!(same("首层"), "1");
    }

    #[test]
    fn what_is_no_number_is_taken_by_its_words_and_no_two_floors_are_taken_for_one() {
        assert_eq!(same(" 门诊 大厅 "), "门诊大厅");
        assert_eq!(same("Roof"), "roof");
        assert_eq!(same(""), "");
        for (one, other) in [("3 楼", "13 楼"), ("1 楼", "B1"), ("3 楼东", "3 楼"), ("十楼", "一楼"), ("f", "b")]
        {
            assert_ne!(same(one), same(other), "{one} {other}");
        }
    }

    #[test]
    fn floors_stand_from_the_lowest_up_and_words_behind_them() {
        let mut all = ["屋顶".to_owned(), same("10 楼"), same("2 楼"), same("B2"), same("B1")];
        all.sort_by(|a, b| order(a).cmp(&order(b)));
        assert_eq!(all, ["-2", "-1", "2", "10", "屋顶"]);
    }
}
