//! Pictures, sounds and files: each with its name, size and time. They open by a call, so opening one is a look of its own.

use super::{Attributes, Read, malformed, other};
use crate::render::node::{self, Scope};
use crate::render::tree::Twig;
use crate::render::{Painter, action, cell, icon};
use crate::shape::{Call, Other, Text};
use maud::{Markup, html};

struct File<'n> {
    label: &'n Text,
    kind: &'static str,
    bytes: Option<i64>,
    at: Option<i64>,
    by: Option<&'n str>,
    open: Option<Call>,
    /// A file the host keeps.
    stored: Option<u64>,
}

fn read(o: &Other) -> Read<File<'_>> {
    let a = Attributes(o);
    Ok(File {
        label: &o.fallback,
        kind: a.one_of("kind", &["file", "image", "audio", "video"])?,
        bytes: a.int("bytes")?.filter(|n| *n >= 0),
        at: a.time("at")?,
        by: a.text("by")?,
        open: a.call("open")?,
        stored: a.entity("stored")?,
    })
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, _: Scope) -> Read<Markup> {
    let listed = files(p, &twig.under);
    Ok(html! {
        div.media id=(twig.html_id()) {
            @if listed.0.is_empty() { p.empty { (icon::none()) (p.say("view-no-files")) } }
            (listed)
            @if let Some(max) = Attributes(o).int("max")? { p.muted { (p.say_number("view-files-max", max)) } }
            (node::actions(p, &twig.under))
        }
    })
}

/// The files among some children; nothing when there is none.
pub(in crate::render) fn files(p: &Painter<'_>, under: &[Twig<'_>]) -> Markup {
    let all: Vec<&Other> = under.iter().filter_map(|t| other(t, "file")).collect();
    if all.is_empty() {
        return html! {};
    }
    html! { ul.files { @for o in all { li { @match read(o) { Ok(file) => (one(p, &file)), Err(wrong) => (malformed(p, o, &wrong)) } } } } }
}

fn one(p: &Painter<'_>, f: &File<'_>) -> Markup {
    let kind = match f.kind {
        "image" => "view-file-image",
        "audio" => "view-file-audio",
        "video" => "view-file-video",
        _ => "view-file-file",
    };
    let stored = f.stored.map(|id| p.file_address(id));
    html! {
        @match &stored {
            Some(at) if f.kind == "image" => a.photo href=(at) { img src=(at) alt=(p.text(f.label)) loading="lazy" decoding="async"; },
            _ => (icon::of_file(f.kind)),
        }
        div {
            @if let Some(at) = &stored { p { a href=(at) { (p.text(f.label)) } } }
            @else { p { (action::link(p, f.open.as_ref(), &html! { (p.text(f.label)) })) } }
            p.muted {
                (p.say(kind))
                @if let Some(bytes) = f.bytes { " · " (size(bytes)) }
                @if let Some(by) = f.by { " · " (by) }
                @if let Some(at) = f.at { " · " (cell::moment(p, at)) }
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "shown to one place")]
fn size(bytes: i64) -> String {
    match bytes {
        0..=1_023 => format!("{bytes} B"),
        1_024..=1_048_575 => format!("{:.0} KB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}
