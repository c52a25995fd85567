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

fn blocks(words: &str) -> Markup {
    html! {
        @for block in words.split("\n\n").map(str::trim).filter(|b| !b.is_empty()) {
            @if block.lines().all(|l| l.starts_with("- ")) {
                ul { @for line in block.lines() { li { (strong(line.get(2..).unwrap_or(""))) } } }
            } @else { p { (strong(block)) } }
        }
    }
}

/// An odd `**` at the end is a star like any other.
fn strong(line: &str) -> Markup {
    let parts: Vec<&str> = line.split("**").collect();
    let paired = parts.len() % 2 == 1;
    html! {
        @for (i, part) in parts.iter().enumerate() {
            @if i % 2 == 0 { (part) }
            @else if paired || i + 1 < parts.len() { strong { (part) } }
            @else { "**" (part) }
        }
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
