//! The form an alert is written with: new, or with what a draft holds.

use super::draft::write_alert;
use super::facet::Alert;
use changzhi_sdk::export::Command;
use changzhi_sdk::prelude::*;

/// Which part of the form each field stands in.
const STEPS: [(&str, &[&str]); 4] = [
    ("alert-step-what", &["status", "note", "category", "colour", "event", "event-code", "urgency", "certainty"]),
    ("alert-step-where", &["place", "area-name", "divisions", "polygons", "onset", "expires"]),
    ("alert-step-zh", &["headline", "description", "instruction"]),
    ("alert-step-en", &["headline-en", "event-en", "description-en", "instruction-en", "area-name-en"]),
];

/// Districts to choose from, of each city.
const CHOICES: u32 = 100;

/// Fields with a sentence of help.
const HINTED: [&str; 9] =
    ["status", "note", "colour", "event-code", "divisions", "polygons", "headline", "headline-en", "area-name"];

pub(crate) fn write(draft: Option<(EntityId, &Alert, &str, EntityId)>) -> Result<Form, Refusal> {
    let mut form = Form::new(
        <write_alert as Command>::NAME,
        Text::key(if draft.is_some() { "alert-save" } else { "alert-begin" }),
    );
    for (title, names) in STEPS {
        let mut step = FormStep::new(title);
        for name in names {
            let mut input = if *name == "place" {
                place_input(draft.map(|(.., place)| place))?
            } else {
                Input::of::<write_alert>(name)
            };
            if HINTED.contains(name) {
                input = input.hint(Text::key(&format!("alert-hint-{name}")));
            }
            if let Some(value) = draft.and_then(|(_, alert, category, place)| held(alert, category, place, name)) {
                input = input.value(value);
            }
            step = step.input(input);
        }
        form = form.step(step);
    }
    Ok(match draft {
        Some((id, ..)) => form.with("alert", id),
        None => form,
    })
}

/// The city and its districts by name: nobody knows the number of a place. What is smaller is named by its code beside it.
fn place_input(held: Option<EntityId>) -> Result<Input, Refusal> {
    let mut input = Input::new("place", "code", "alert-place").required();
    let mut known = Vec::new();
    for (top, _) in super::resolve::top()? {
        known.push(top);
        let rows = Query::kind("division").filter(core_fields::WITHIN.is(top)).limit(CHOICES).run()?;
        known.extend(rows.ids());
    }
    known.extend(held.filter(|place| *place != EntityId::default() && !known.contains(place)));
    for place in known {
        input = input.option(place.to_string(), super::area::name(place)?);
    }
    Ok(input)
}

fn held(alert: &Alert, category: &str, place: EntityId, name: &str) -> Option<Value> {
    let text = |t: &Option<String>| t.clone().map(Value::Text);
    match name {
        "status" => Some(alert.status.as_str().into()),
        "note" => text(&alert.note),
        "category" => Some(category.into()),
        "colour" => text(&alert.colour),
        "event" => Some(alert.event.as_str().into()),
        "event-code" => text(&alert.event_code),
        "urgency" => Some(alert.urgency.as_str().into()),
        "certainty" => Some(alert.certainty.as_str().into()),
        "place" => Some(place.to_string().into()),
        "area-name" => text(&alert.area_name),
        "divisions" => text(&alert.divisions),
        "polygons" => text(&alert.polygons),
        "onset" => alert.onset.map(Into::into),
        "expires" => alert.expires.map(Into::into),
        "headline" => Some(alert.title.as_str().into()),
        "description" => text(&alert.description),
        "instruction" => text(&alert.instruction),
        "headline-en" => text(&alert.headline_en),
        "event-en" => text(&alert.event_en),
        "description-en" => text(&alert.description_en),
        "instruction-en" => text(&alert.instruction_en),
        "area-name-en" => text(&alert.area_name_en),
        _ => None,
    }
}
