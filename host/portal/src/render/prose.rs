//! Running text: paragraphs, lists and strong words.
//!
//! A message of the plugin's own files may use a small part of Markdown: an empty line between paragraphs, `- ` before items,
//! `**` around strong words. Data is never read so: it keeps its line breaks and nothing else. Neither can bring in markup.

use super::Painter;
use crate::shape::Text;
use maud::{Markup, html};

pub(super) fn paint(p: &Painter<'_>, text: &Text) -> Markup {
    let words = p.text(text);
    match text {
        Text::Plain(_) => html! { p.data { (words) } },
        Text::Msg(_) => blocks(&words),
    }
}

/// A part of running text.
pub(super) enum Part<'w> {
    Paragraph(&'w str),
    Items(Vec<&'w str>),
}

/// Paragraphs and lists of a message's words.
pub(super) fn parts(words: &str) -> impl Iterator<Item = Part<'_>> {
    words.split("\n\n").map(str::trim).filter(|b| !b.is_empty()).map(|block| {
        if block.lines().all(|l| l.starts_with("- ")) {
            Part::Items(block.lines().map(|l| l.get(2..).unwrap_or("")).collect())
        } else {
            Part::Paragraph(block)
        }
    })
}

/// Pieces of a line, each strong or not. An odd `**` at the end is a star like any other.
pub(super) fn pieces(line: &str) -> Vec<(bool, String)> {
    let parts: Vec<&str> = line.split("**").collect();
    let paired = parts.len() % 2 == 1;
    let piece = |(i, part): (usize, &&str)| match (i % 2 == 0, paired || i + 1 < parts.len()) {
        (true, _) => (false, (*part).to_owned()),
        (false, true) => (true, (*part).to_owned()),
        (false, false) => (false, format!("**{part}")),
    };
    parts.iter().enumerate().map(piece).collect()
}

fn blocks(words: &str) -> Markup {
    html! {
        @for part in parts(words) {
            @match part {
                Part::Items(items) => ul { @for item in items { li { (strong(item)) } } },
                Part::Paragraph(words) => p { (strong(words)) },
            }
        }
    }
}

fn strong(line: &str) -> Markup {
    html! {
        @for (is_strong, piece) in pieces(line) { @if is_strong { strong { (piece) } } @else { (piece) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_paragraphs_lists_and_strong_words_and_no_markup() {
        assert_eq!(
            blocks("a **b** c\n\n- x\n- <i>").0,
            "<p>a <strong>b</strong> c</p><ul><li>x</li><li>&lt;i&gt;</li></ul>"
        );
        assert_eq!(blocks("2 ** 3").0, "<p>2 ** 3</p>");
        assert_eq!(blocks("").0, "");
    }
}
