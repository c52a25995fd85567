//! An input made from a declaration, with what was typed and what is wrong with it.

use crate::words::Voice;
use changzhi_model::{FieldDecl, FieldType, Sensitivity};
use maud::{Markup, html};

pub(crate) fn control(
    f: &FieldDecl,
    voice: &Voice<'_>,
    shown: Option<&str>,
    error: Option<&str>,
    kept: &[(String, String)],
) -> Markup {
    let id = format!("f-{}", f.name);
    let value = shown.unwrap_or("");
    let kind = match f.kind {
        _ if f.sensitivity == Sensitivity::Secret => "password",
        FieldType::Int | FieldType::Entity(_) => "number",
        FieldType::Time => "datetime-local",
        _ => "text",
    };
    let part = |name: &str| kept.iter().find(|(n, _)| *n == format!("{}.{name}", f.name)).map(|(_, v)| v.as_str());
    let described = error.map(|_| format!("e-{}", f.name));
    html! {
        div.field.wrong[error.is_some()] {
            label for=(id) { (voice.name(&f.label)) @if !f.required { " " span.muted { (voice.say("core-optional")) } } }
            @if let Some(error) = error { p.error id={"e-" (f.name)} { (voice.say("core-error")) ": " (error) } }
            @match &f.kind {
                FieldType::Code if !f.options.is_empty() => {
                    select id=(id) name=(f.name) aria-describedby=[described] {
                        @if !f.required { option value="" {} }
                        @for o in &f.options { option value=(o) selected[o == value] { (voice.name(o)) } }
                    }
                }
                FieldType::Flag => input type="checkbox" id=(id) name=(f.name) value="true" checked[!value.is_empty()];,
                FieldType::LongText => textarea id=(id) name=(f.name) rows="5" aria-describedby=[described] { (value) },
                FieldType::Files => {
                    // What was sent before stays, unless it is unticked.
                    @for (n, (_, file)) in kept.iter().filter(|(n, v)| f.name == n.as_str() && !v.is_empty()).enumerate() {
                        div.check {
                            input type="checkbox" id={(id) "k" (n)} name=(f.name) value=(file) checked;
                            label for={(id) "k" (n)} { (voice.with("file-kept", &[("n", fluent_bundle::FluentValue::from(n + 1))].into_iter().collect())) }
                        }
                    }
                    (super::upload::pickers(&id, &f.name, &voice.say("file-camera"), &voice.say("file-choose"), false))
                }
                FieldType::Point => {
                    input inputmode="decimal" id=(id) name={(f.name) ".lon"} aria-label="lon" value=[part("lon")];
                    input inputmode="decimal" name={(f.name) ".lat"} aria-label="lat" value=[part("lat")];
                }
                _ => input type=(kind) id=(id) name=(f.name) value=(value) aria-describedby=[described] aria-invalid=[error.map(|_| "true")];,
            }
        }
    }
}
