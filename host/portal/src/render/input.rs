//! Inputs of a plugin's form.

use super::Painter;
use super::links::sent;
use crate::shape::{Input, Value};
use maud::{Markup, html};

/// The kinds an input may have; an unknown one is a line of text.
fn type_of(kind: &str) -> &'static str {
    match kind {
        "int" | "num" | "entity" => "number",
        "time" => "datetime-local",
        "date" => "date",
        "phone" => "tel",
        "secret" => "password",
        "hidden" => "hidden",
        _ => "text",
    }
}

pub(super) fn paint(p: &Painter<'_>, i: &Input) -> Markup {
    let id = format!("f-{}", i.name);
    let value = match &i.value {
        Value::Time(t) => super::cell::time(*t, p.zone, "%Y-%m-%dT%H:%M"),
        other => sent(other).unwrap_or_default(),
    };
    let max_len = (i.max_len > 0).then_some(i.max_len);
    let number = |n: Option<f64>| n.filter(|n| n.is_finite());
    let control = html! {
        @if !i.options.is_empty() {
            select id=(id) name=(i.name) required[i.required] {
                @if !i.required { option value="" {} }
                @for c in &i.options { option value=(c.value) selected[c.value == value] { (p.text(&c.label)) } }
            }
        } @else if i.kind == "flag" {
            input type="checkbox" id=(id) name=(i.name) value="true" checked[i.value == Value::Flag(true)];
        } @else if i.kind == "long-text" {
            textarea id=(id) name=(i.name) rows="5" maxlength=[max_len] required[i.required] { (value) }
        } @else if i.kind == "point" {
            @let at = match &i.value { Value::Point(at) => Some(*at), _ => None };
            input type="text" inputmode="decimal" id=(id) name={(i.name) ".lon"} aria-label="lon" value=[at.map(|p| p.lon)];
            input type="text" inputmode="decimal" name={(i.name) ".lat"} aria-label="lat" value=[at.map(|p| p.lat)];
        } @else {
            @let step = (i.kind == "num").then_some("any");
            input type=(type_of(&i.kind)) id=(id) name=(i.name) value=(value) step=[step]
                min=[number(i.min)] max=[number(i.max)] maxlength=[max_len] required[i.required];
        }
    };
    if i.kind == "hidden" {
        return control;
    }
    html! {
        div.field {
            label for=(id) { (p.text(&i.label)) @if !i.required { " " span.muted { (p.voice.say("core-optional")) } } }
            @if let Some(hint) = &i.hint { p.hint { (p.text(hint)) } }
            (control)
        }
    }
}
