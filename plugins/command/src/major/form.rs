//! The form of a plan's head: new, or with what a draft holds. Places are chosen by name: nobody knows the number of one.

use super::facet::Major;
use super::plan::Head;
use super::write::{GRACE, INTERVAL, REST, write_major};
use crate::alarm::{LOGIN, place_name};
use changzhi_sdk::export::Command;
use changzhi_sdk::prelude::*;

/// Divisions and facilities to choose from.
const CHOICES: u32 = 200;

const STEPS: [(&str, &[&str]); 3] = [
    ("major-step-what", &["title", "sort", "place", "places", "from", "to", "crowd"]),
    ("major-step-who", &["commander", "deputy", "phones"]),
    ("major-step-watch", &["briefing", "interval", "grace", "rest"]),
];
const HINTED: [&str; 5] = ["places", "commander", "phones", "interval", "rest"];

pub(super) fn write(draft: Option<&Head>) -> Result<Form, Refusal> {
    let label = if draft.is_some() { "major-save" } else { "write-major" };
    let mut form = Form::new(<write_major as Command>::NAME, Text::key(label));
    let held = draft.map(held).transpose()?;
    for (title, names) in STEPS {
        let mut step = FormStep::new(title);
        for name in names {
            let mut input = match *name {
                "place" => place_input(draft.and_then(|d| d.within))?,
                name => Input::of::<write_major>(name),
            };
            if HINTED.contains(name) {
                input = input.hint(Text::key(&format!("major-hint-{name}")));
            }
            let value = match &held {
                Some(held) => held.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()),
                None => told(name).map(Value::Int),
            };
            if let Some(value) = value.filter(|v| !v.is_none()) {
                input = input.value(value);
            }
            step = step.input(input);
        }
        form = form.step(step);
    }
    Ok(match draft {
        Some(head) => form.with("major", head.id),
        None => form,
    })
}

/// What counts where nobody says anything else.
fn told(name: &str) -> Option<i64> {
    match name {
        "interval" => Some(INTERVAL),
        "grace" => Some(GRACE),
        "rest" => Some(REST),
        _ => None,
    }
}

fn held(head: &Head) -> Result<Vec<(&'static str, Value)>, Refusal> {
    let (crowd, places, phones, briefing) =
        get(head.id, (Major::CROWD, Major::PLACES, Major::PHONES, Major::BRIEFING))?;
    let sort = get(head.id, core_fields::CATEGORY)?;
    let deputy = match head.deputy {
        Some(deputy) => get(deputy, LOGIN)?,
        None => None,
    };
    Ok(vec![
        ("title", head.title.as_str().into()),
        ("sort", sort.into()),
        ("place", head.within.map(|p| p.to_string()).into()),
        ("places", places.into()),
        ("from", head.from.into()),
        ("to", head.to.into()),
        ("crowd", crowd.into()),
        ("commander", get(head.commander, LOGIN)?.into()),
        ("deputy", deputy.into()),
        ("phones", phones.into()),
        ("briefing", briefing.into()),
        ("interval", head.interval.into()),
        ("grace", head.grace.into()),
        ("rest", head.rest.into()),
    ])
}

/// Divisions, then facilities, by name.
fn place_input(held: Option<EntityId>) -> Result<Input, Refusal> {
    let mut input = Input::new("place", "code", "place").required();
    let mut known: Vec<EntityId> = held.into_iter().collect();
    for kind in ["division", "facility"] {
        let rows = Query::kind(kind).after(EntityId::default()).limit(CHOICES).run()?;
        known.extend(rows.ids().filter(|id| held != Some(*id)));
    }
    for place in known {
        input = input.option(place.to_string(), place_name(place)?);
    }
    Ok(input)
}
