//! How wide the columns of a table are: each as its longest text wants, within bounds, and never less than its longest word.

use changzhi_print::Column;

/// Half the width of a character of East Asia is one.
const LEAST: usize = 5;
const MOST: usize = 36;
/// More than fits across an upright sheet.
const UPRIGHT: usize = 105;
const UPRIGHT_COLUMNS: usize = 7;

/// Shares of the width, one for each column.
pub fn of(columns: &[Column], rows: &[Vec<String>]) -> Vec<usize> {
    let wish = |i: usize, label: &str| {
        let cells = || rows.iter().filter_map(|row| row.get(i)).map(String::as_str);
        let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
        let (lines, words) =
            (|t: &str| widest(&mut t.lines().map(width)), |t: &str| widest(&mut t.split(is_open).map(width)));
        let line = widest(&mut cells().map(lines)).max(lines(label));
        let word = widest(&mut cells().map(words)).max(words(label));
        // A little more than its words: bold letters are wider.
        line.clamp(LEAST, MOST).max(word + 2)
    };
    columns.iter().enumerate().map(|(i, c)| wish(i, &c.label)).collect()
}

pub fn is_wide(widths: &[usize]) -> bool {
    widths.len() > UPRIGHT_COLUMNS || (widths.len() > 3 && widths.iter().sum::<usize>() > UPRIGHT)
}

/// A line can end here.
fn is_open(c: char) -> bool {
    c.is_whitespace() || c == '\u{200b}' || c == '-' || is_east_asian(c)
}

fn is_east_asian(c: char) -> bool {
    ('\u{2e80}'..='\u{a4cf}').contains(&c) || ('\u{f900}'..='\u{ffef}').contains(&c) || c >= '\u{20000}'
}

fn width(text: &str) -> usize {
    text.chars().map(|c| 1 + usize::from(is_east_asian(c))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_longest_text_within_bounds_and_never_less_than_a_word() {
        let columns =
            ["号", "事项", "internationalizations"].map(|label| Column { label: label.into(), numeric: false });
        let rows = vec![vec!["1".into(), "字".repeat(60), "a b".into()], vec![]];
        assert_eq!(of(&columns, &rows), [5, 36, 23]);
        assert!(is_wide(&[5; 8]) && is_wide(&[36; 4]) && !is_wide(&[36; 3]) && !is_wide(&[10; 7]));
    }
}
