//! Shapes, drawn: a sign that is a letter of some font looks different everywhere, or is missing.

use super::Painter;
use maud::{Markup, Render, html};
use std::sync::LazyLock;

fn drawn(body: Markup) -> Markup {
    html! { svg.icon viewBox="0 0 16 16" aria-hidden="true" { (body) } }
}

fn polygon(points: &str) -> Markup {
    drawn(html! { polygon points=(points) {} })
}

fn path(d: &str) -> Markup {
    drawn(html! { path.stroke d=(d) {} })
}

/// Shape, word and colour together: colour alone says nothing to many. 1 ◆ 2 ▲ 3 ■ 4 ●.
pub(super) fn level(p: &Painter<'_>, level: u8) -> Markup {
    let mut out = String::new();
    level_to(p, level, &mut out);
    maud::PreEscaped(out)
}

/// The same, written where it stands.
pub(super) fn level_to(p: &Painter<'_>, level: u8, out: &mut String) {
    out.push_str("<span class=\"");
    out.push_str(level_class(level));
    out.push_str("\">");
    level_shape(level).render_to(out);
    p.name_to(level_key(level), out);
    out.push_str("</span>");
}

/// Drawn once: tables are full of them.
static LEVELS: LazyLock<[Markup; 4]> = LazyLock::new(|| {
    [
        polygon("8,0.5 15.5,8 8,15.5 0.5,8"),
        polygon("8,1 15.5,15 0.5,15"),
        polygon("1.5,1.5 14.5,1.5 14.5,14.5 1.5,14.5"),
        drawn(html! { circle cx="8" cy="8" r="7" {} }),
    ]
});

pub(super) fn level_shape(level: u8) -> &'static Markup {
    let [first, second, third, last] = &*LEVELS;
    match level {
        0 | 1 => first,
        2 => second,
        3 => third,
        _ => last,
    }
}

pub(super) const fn level_class(level: u8) -> &'static str {
    match level {
        0 | 1 => "level l1",
        2 => "level l2",
        3 => "level l3",
        _ => "level l4",
    }
}

const fn level_key(level: u8) -> &'static str {
    match level {
        0 | 1 => "level-1",
        2 => "level-2",
        3 => "level-3",
        _ => "level-4",
    }
}

/// How far a step, an item or a signature is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    Done,
    Current,
    Open,
    Failed,
}

impl State {
    /// `None`: a state of the plugin's own, shown as a word only.
    pub(super) fn of(word: &str) -> Option<State> {
        Some(match word {
            "done" => State::Done,
            "current" => State::Current,
            "open" => State::Open,
            "failed" => State::Failed,
            _ => return None,
        })
    }

    pub(super) const fn class(self) -> &'static str {
        match self {
            State::Done => "is-done",
            State::Current => "is-current",
            State::Open => "is-open",
            State::Failed => "is-failed",
        }
    }

    pub(super) const fn key(self) -> &'static str {
        match self {
            State::Done => "view-state-done",
            State::Current => "view-state-current",
            State::Open => "view-state-open",
            State::Failed => "view-state-failed",
        }
    }

    pub(super) fn shape(self) -> Markup {
        match self {
            State::Done => path("M2 8.5 L6.5 13 L14 3.5"),
            State::Current => drawn(html! { circle.stroke cx="8" cy="8" r="6" {} circle cx="8" cy="8" r="3" {} }),
            State::Open => drawn(html! { circle.stroke cx="8" cy="8" r="6" {} }),
            State::Failed => path("M3 3 L13 13 M13 3 L3 13"),
        }
    }
}

pub(super) fn warning() -> Markup {
    drawn(html! { path fill-rule="evenodd" d="M8 1 L15.5 15 H0.5 Z M7 6 V10.5 H9 V6 Z M7 11.8 V13.6 H9 V11.8 Z" {} })
}

pub(super) fn info() -> Markup {
    drawn(html! { path fill-rule="evenodd" d="M8 1 A7 7 0 1 0 8.01 1 Z M7 7 H9 V12.5 H7 Z M7 3.8 H9 V5.8 H7 Z" {} })
}

pub(super) fn none() -> Markup {
    drawn(html! { path.stroke d="M2 9 H5.5 L7 11 H9 L10.5 9 H14 M4 3 H12 L14 9 V13 H2 V9 Z" {} })
}

/// A file, an image, a sound, a film.
pub(super) fn of_file(kind: &str) -> Markup {
    path(match kind {
        "image" => "M1.5 3 H14.5 V13 H1.5 Z M1.5 11 L5.5 7 L9 10.5 L11 8.5 L14.5 12",
        "audio" => "M6 12.5 V3 L13 1.8 V11 M6 12.5 A2 1.6 0 1 1 5.9 12.4 M13 11 A2 1.6 0 1 1 12.9 10.9",
        "video" => "M1.5 3.5 H10.5 V12.5 H1.5 Z M10.5 7 L14.5 4.5 V11.5 L10.5 9",
        _ => "M3.5 1.5 H9.5 L12.5 4.5 V14.5 H3.5 Z M9.5 1.5 V4.5 H12.5",
    })
}

/// Up or down, for a sorted column.
pub(super) fn sorted(ascending: bool) -> Markup {
    polygon(if ascending { "8,3 14,12 2,12" } else { "8,13 14,4 2,4" })
}

pub(super) fn phone() -> Markup {
    path("M3 2 L6 1.8 L7.2 5.2 L5.4 6.6 C6.2 8.4 7.6 9.8 9.4 10.6 L10.8 8.8 L14.2 10 L14 13 C13 15 3 10 3 2 Z")
}
