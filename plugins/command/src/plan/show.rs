//! The plans as an alarm's page shows them, and the line that says on the ring whether there is one.

use super::facet::FloorPlan;
use super::kept::{Chosen, Kept, chosen, nearest};
use super::{looks_after, marks};
use crate::alarm::place_name;
use changzhi_sdk::prelude::*;

/// Floors on an alarm's page; the others are one link away.
const FLOORS: usize = 12;

/// Which plans somebody who answers an alarm needs.
pub(crate) struct Asked<'a> {
    pub(crate) within: Option<EntityId>,
    /// As the press said it; of several presses the first.
    pub(crate) floor: Option<&'a str>,
    /// When it rang, by the host's clock.
    pub(crate) rung: Micros,
}

impl Asked<'_> {
    fn chosen(&self) -> Result<Chosen, Refusal> {
        Ok(chosen(&nearest(self.within)?, self.floor, self.rung))
    }
}

/// The floor of the plan that waits on the alarm's page, or that there is none.
pub(crate) fn in_short(asked: &Asked<'_>) -> Result<Cell, Refusal> {
    let chosen = asked.chosen()?;
    Ok(match chosen.plans.first() {
        None => Cell::code("plan-none"),
        Some(first) if chosen.pressed => Cell::from(first.floor.clone()),
        Some(_) => Cell::code(if asked.floor.is_some() { "plan-other-floors" } else { "plan-there" }),
    })
}

/// The floor that was pressed first, the others one tap away; without any, that there is none and whom to ask.
pub(crate) fn on_alarm(
    actor: &Actor,
    asked: &Asked<'_>,
    phones: &[(&'static str, String)],
) -> Result<Section, Refusal> {
    let section = Section::new("plan").key("plan");
    let Chosen { plans, pressed, changed } = asked.chosen()?;
    let Some(first) = plans.first() else {
        let section = section.add(Notice::new(Tone::Warning, whom_to_ask(phones)));
        return Ok(section.add_some(list_of(actor, asked.within)));
    };
    let place = first.place;
    let mut section = section;
    if let Some(floor) = asked.floor.filter(|f| !pressed && !f.trim().is_empty()) {
        section = section.add(Notice::new(Tone::Warning, Text::key("plan-none-of-floor").with("floor", floor)));
    }
    if changed {
        section = section.add(Notice::new(Tone::Info, "plan-changed-since"));
    }
    section = match plans.as_slice() {
        [one] => drawn(one)?.into_iter().fold(section, Section::add),
        several => {
            let mut floors = Vec::new();
            for plan in several.iter().take(FLOORS) {
                let tab = Section::new(Text::plain(plan.floor.clone())).key(plan.id);
                floors.push(drawn(plan)?.into_iter().fold(tab, Section::add).into());
            }
            section.add(tabs(floors))
        }
    };
    if changed || plans.len() > FLOORS {
        section = section.add_some(list_of(actor, Some(place)));
    }
    Ok(section)
}

/// The way to all plans of a place, for whoever looks after it.
fn list_of(actor: &Actor, place: Option<EntityId>) -> Option<Action> {
    let place = place.filter(|_| looks_after(actor))?;
    Some(Action::open("plans", "plans").with("place", place))
}

/// A place without a plan is a gap: it is named, with the numbers of those who know their way there.
fn whom_to_ask(phones: &[(&'static str, String)]) -> Text {
    if phones.is_empty() {
        return Text::key("plan-none-nobody");
    }
    let numbers: Vec<&str> = phones.iter().map(|(_, number)| number.as_str()).collect();
    Text::key("plan-none-ask").with("phones", numbers.join("、"))
}

/// One version: the picture with its points, and the same in words, which are all there is where a picture cannot be seen.
pub(super) fn drawn(plan: &Kept) -> Result<Vec<Element>, Refusal> {
    let (picture, marked) = get(plan.id, (FloorPlan::PLAN, FloorPlan::MARKS))?;
    let (words, entrances, assembly) = get(plan.id, (FloorPlan::WORDS, FloorPlan::ENTRANCES, FloorPlan::ASSEMBLY))?;
    let (source, as_of) = get(plan.id, (FloorPlan::SOURCE, FloorPlan::AS_OF))?;
    let mut parts: Vec<Element> = Vec::new();
    if let Some(id) = picture.as_ref().and_then(|p| p.ids().first()) {
        let named = Text::key("plan-alt").with("floor", plan.floor.as_str()).with("place", place_name(plan.place)?);
        let mut site = SitePlan::new(named, &stored(*id)?).key("picture");
        // What does not read was never taken in.
        for mark in marks::read(marked.as_deref().unwrap_or_default()).unwrap_or_default() {
            site = site.mark(mark.sort.word(), mark.x, mark.y, mark.name);
        }
        parts.push(site.into());
    }
    parts.extend(words.map(|words| Paragraph::new(Text::plain(words)).into()));
    let dates = Detail::new()
        .line("plan-entrances", entrances)
        .line("plan-assembly", assembly)
        .line("plan-source", source)
        .line("plan-as-of", as_of.map_or(Cell::none(), Cell::date))
        .line("plan-since", plan.from);
    parts.push(dates.into());
    Ok(parts)
}
