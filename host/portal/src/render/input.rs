//! Inputs of a plugin's form.

use super::Painter;
use super::links::sent;
use super::tree::Twig;
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
        _ => "text",
    }
}

/// More options than this are a list to choose from; fewer are all shown.
const RADIOS_MAX: usize = 4;

struct Field<'a> {
    id: String,
    name: &'a str,
    label: String,
    hint: Option<String>,
    value: String,
    of: &'a Input,
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, i: &Input) -> Markup {
    let value = match &i.value {
        Value::Time(t) => super::cell::time(*t, p.zone, "%Y-%m-%dT%H:%M"),
        other => sent(other).unwrap_or_default(),
    };
    if i.kind == "hidden" {
        return html! { input type="hidden" name=(i.name) value=(value); };
    }
    let hint = i.hint.as_ref().map(|h| p.text(h));
    let f = Field { id: twig.html_id(), name: &i.name, label: p.text(&i.label), hint, value, of: i };
    match i.kind.as_str() {
        "flag" => flag(&f),
        "point" => point(p, &f),
        "files" => super::upload::paint(p, &f.id, i),
        _ if i.options.is_empty() => written(p, &f),
        "several" => several(p, &f),
        "radio" => radios(p, &f),
        _ if i.required && i.options.len() <= RADIOS_MAX => radios(p, &f),
        _ => select(p, &f, false),
    }
}

/// An input of a filter: never required, holding what the address says.
pub(super) fn filter(p: &Painter<'_>, twig: &Twig<'_>, i: &Input, given: Option<&str>) -> Markup {
    let value = given.unwrap_or("").to_owned();
    let f = Field { id: twig.html_id(), name: &i.name, label: p.text(&i.label), hint: None, value, of: i };
    if i.options.is_empty() {
        html! {
            div.field {
                label for=(f.id) { (f.label) }
                input type=(type_of(&i.kind)) id=(f.id) name=(f.name) value=(f.value);
            }
        }
    } else {
        select(p, &f, true)
    }
}

fn hint_id(f: &Field<'_>) -> Option<String> {
    f.hint.as_ref().map(|_| format!("{}t", f.id))
}

fn head(p: &Painter<'_>, f: &Field<'_>) -> Markup {
    html! {
        (f.label) @if !f.of.required { " " span.muted { (p.say("core-optional")) } }
    }
}

fn hint(f: &Field<'_>) -> Markup {
    html! { @if let Some(hint) = &f.hint { p.hint id=[hint_id(f)] { (hint) } } }
}

fn flag(f: &Field<'_>) -> Markup {
    html! {
        div.field.check {
            input type="checkbox" id=(f.id) name=(f.name) value="true" checked[f.of.value == Value::Flag(true)] aria-describedby=[hint_id(f)];
            label for=(f.id) { (f.label) }
            (hint(f))
        }
    }
}

fn point(p: &Painter<'_>, f: &Field<'_>) -> Markup {
    let at = match &f.of.value {
        Value::Point(at) => Some(*at),
        _ => None,
    };
    html! {
        fieldset.field.point {
            legend { (head(p, f)) }
            (hint(f))
            div {
                div { label for={(f.id) "x"} { (p.say("view-lon")) } input type="text" inputmode="decimal" id={(f.id) "x"} name={(f.name) ".lon"} value=[at.map(|p| p.lon)]; }
                div { label for={(f.id) "y"} { (p.say("view-lat")) } input type="text" inputmode="decimal" id={(f.id) "y"} name={(f.name) ".lat"} value=[at.map(|p| p.lat)]; }
            }
        }
    }
}

fn radios(p: &Painter<'_>, f: &Field<'_>) -> Markup {
    html! {
        fieldset.field {
            legend { (head(p, f)) }
            (hint(f))
            @for (n, c) in f.of.options.iter().enumerate() {
                div.check {
                    input type="radio" id={(f.id) "o" (n)} name=(f.name) value=(c.value) checked[c.value == f.value] required[f.of.required];
                    label for={(f.id) "o" (n)} { (p.text(&c.label)) }
                }
            }
        }
    }
}

/// As many as fit; each is sent under the same name.
fn several(p: &Painter<'_>, f: &Field<'_>) -> Markup {
    html! {
        fieldset.field {
            legend { (head(p, f)) }
            p.hint { @if let Some(hint) = &f.hint { (hint) " " } (p.say("view-several")) }
            @for (n, c) in f.of.options.iter().enumerate() {
                div.check {
                    input type="checkbox" id={(f.id) "o" (n)} name=(f.name) value=(c.value) checked[f.value.split(' ').any(|v| v == c.value)];
                    label for={(f.id) "o" (n)} { (p.text(&c.label)) }
                }
            }
        }
    }
}

fn select(p: &Painter<'_>, f: &Field<'_>, filter: bool) -> Markup {
    let required = f.of.required && !filter;
    html! {
        div.field {
            label for=(f.id) { @if filter { (f.label) } @else { (head(p, f)) } }
            (hint(f))
            select id=(f.id) name=(f.name) required[required] aria-describedby=[hint_id(f)] {
                // Nothing is chosen for anybody: what is required must be chosen too.
                @if !required || f.value.is_empty() { option value="" { @if filter { (p.say("view-any")) } } }
                @for c in &f.of.options { option value=(c.value) selected[c.value == f.value] { (p.text(&c.label)) } }
            }
        }
    }
}

fn written(p: &Painter<'_>, f: &Field<'_>) -> Markup {
    let max_len = (f.of.max_len > 0).then_some(f.of.max_len);
    let number = |n: Option<f64>| n.filter(|n| n.is_finite());
    let kind = f.of.kind.as_str();
    html! {
        div.field {
            label for=(f.id) { (head(p, f)) }
            (hint(f))
            @if kind == "stroke" {
                // A pad where there is a script; a name where there is none.
                textarea id=(f.id) name=(f.name) rows="2" maxlength=[max_len] required[f.of.required] aria-describedby=[hint_id(f)]
                    data-pad=(p.say("stroke-pad")) data-clear=(p.say("stroke-clear")) { (f.value) }
            } @else if kind == "long-text" {
                textarea id=(f.id) name=(f.name) rows="5" maxlength=[max_len] required[f.of.required] aria-describedby=[hint_id(f)] { (f.value) }
            } @else {
                @let (min, max) = if matches!(kind, "int" | "num") { (number(f.of.min), number(f.of.max)) } else { (None, None) };
                input type=(type_of(kind)) id=(f.id) name=(f.name) value=(f.value) step=[(kind == "num").then_some("any")]
                    inputmode=[matches!(kind, "int" | "entity").then_some("numeric")] min=[min] max=[max]
                    maxlength=[max_len] required[f.of.required] aria-describedby=[hint_id(f)]
                    autocomplete=[(kind == "secret").then_some("new-password")];
            }
        }
    }
}
