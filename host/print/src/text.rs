//! Texts as they can stand on paper.
//!
//! What has no shape (controls, marks that turn the direction of letters around) is left out: a signed paper must read as it is
//! stored. A word longer than a line gets places where it may be broken, as U+200B, which is in no other text afterwards; the
//! typesetter breaks there without writing anything, so a long number is copied out of the PDF whole.

use crate::paper::{Block, Paper};

/// Where a word may be broken, and nothing else.
pub const BREAK: char = '\u{200b}';
/// Letters after which a line can be ended if nothing else ends it.
const EVERY: usize = 12;
/// Shorter words stay whole.
const LONG: usize = 24;

impl Paper {
    /// Makes every text fit for paper, and the levels of the headings follow each other without a gap, as readers aloud want them.
    pub fn tidy(&mut self) {
        self.each_text_mut(&mut |text| *text = tidy(text));
        let mut above = 0;
        for block in &mut self.blocks {
            match block {
                Block::Heading { level, text } => {
                    *level = (*level).clamp(1, 6).min(above + 1);
                    above = *level;
                    one_line(text);
                }
                Block::Table { columns, rows } => {
                    let n = columns.len();
                    rows.iter_mut().for_each(|row| row.resize(n, String::new()));
                }
                _ => {}
            }
        }
        self.blocks.retain(|b| !matches!(b, Block::Table { columns, .. } if columns.is_empty()));
        [&mut self.title, &mut self.agency, &mut self.note, &mut self.foot].into_iter().for_each(one_line);
    }

    /// Whether any text has Chinese characters.
    pub fn has_han(&self) -> bool {
        let mut has = false;
        self.each_text(&mut |text| {
            has |= text.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c) || c >= '\u{20000}')
        });
        has
    }
}

fn one_line(text: &mut String) {
    if text.contains('\n') {
        *text = text.replace('\n', " ");
    }
}

fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}' => out.push('\n'),
            '\t' => out.push(' '),
            '\n' => out.push('\n'),
            c if c.is_control() || is_shapeless(c) => {}
            c => out.push(c),
        }
    }
    if out.split(is_open).any(|word| word.chars().take(LONG + 1).count() > LONG) { broken(&out) } else { out }
}

/// Marks of direction, breaks of our own, and what is no character.
fn is_shapeless(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// A line can end before or after it anyway: spaces, and the characters of East Asia.
fn is_open(c: char) -> bool {
    c.is_whitespace()
        || ('\u{2e80}'..='\u{a4cf}').contains(&c)
        || ('\u{f900}'..='\u{ffef}').contains(&c)
        || c >= '\u{20000}'
}

fn broken(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / EVERY);
    for piece in text.split_inclusive(is_open) {
        let long = piece.chars().filter(|c| !is_open(*c)).take(LONG + 1).count() > LONG;
        for (i, c) in piece.chars().enumerate() {
            if long && i > 0 && i % EVERY == 0 && !is_open(c) {
                out.push(BREAK);
            }
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_has_no_shape_and_what_turns_letters_around_is_left_out() {
        assert_eq!(tidy("a\0b\u{202e}c\u{2066}\u{feff}d\u{200b}"), "abcd");
        assert_eq!(tidy("a\r\nb\rc\u{2028}d\te"), "a\nb\nc\nd e");
    }

    #[test]
    fn a_word_longer_than_a_line_can_be_broken_and_a_usual_one_cannot() {
        let hash = "0123456789abcdef".repeat(4);
        let out = tidy(&hash);
        assert_eq!(out.replace(BREAK, ""), hash);
        assert!(out.split(BREAK).all(|piece| piece.chars().count() <= EVERY), "{out}");
        assert_eq!(tidy("internationalization 国际化"), "internationalization 国际化");
        assert!(!tidy(&"字".repeat(400)).contains(BREAK), "a line of characters ends anywhere");
    }

    #[test]
    fn levels_of_headings_follow_each_other_and_rows_have_as_many_cells_as_there_are_columns() {
        let mut paper = Paper::new("a\nb");
        let heading = |level| Block::Heading { level, text: "h".into() };
        let column = crate::paper::Column { label: "c".into(), numeric: false };
        let rows = vec![vec![], vec!["1".into(), "2".into(), "3".into()]];
        paper.blocks = vec![heading(3), heading(6), heading(1), Block::Table { columns: vec![column; 2], rows }];
        paper.blocks.push(Block::Table { columns: vec![], rows: vec![] });
        paper.tidy();
        assert_eq!((paper.title.as_str(), paper.blocks.len()), ("a b", 4));
        assert_eq!(paper.blocks[..3], [heading(1), heading(2), heading(1)]);
        assert!(matches!(&paper.blocks[3], Block::Table { rows, .. } if rows.iter().all(|r| r.len() == 2)));
    }

    proptest! {
        #[test]
        fn whatever_comes_in_no_line_is_longer_than_can_be_broken_and_nothing_else_is_lost(text in "[a-z#$\\\\\\]\u{4e00}-\u{4e20} \u{202e}\n]{0,200}") {
            let out = tidy(&text);
            prop_assert_eq!(out.replace(BREAK, ""), text.replace('\u{202e}', ""));
            prop_assert!(out.split(|c| is_open(c) || c == BREAK).all(|w| w.chars().count() <= LONG.max(EVERY)));
            prop_assert_eq!(tidy(&out), out.clone(), "twice is once");
        }
    }
}
