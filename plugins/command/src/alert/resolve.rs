//! Which places of the world the areas of a received alert touch, and what cannot be resolved.
//!
//! A division code by the code of a place as the city has it now, zeros at the end meaning the whole division; a code above the city's
//! own (its province) means the city's outermost divisions. A polygon or circle by the boundaries of divisions, level by level while
//! they stay few; a division without a boundary by its position. What is resolved is journaled with the alert: replay gives the same
//! places, whatever the boundaries are by then. What is not is a gap with its own words, never dropped.

use super::area;
use changzhi_cap::{Alert, Area, Circle, Division, Pair, Ring};
use changzhi_sdk::prelude::*;

/// Places of one alert: beyond it the outer ones stand for what lies in them.
const PLACES: usize = 200;
/// A shape is resolved one level further down while it touches no more divisions than this.
const FINE: usize = 24;
const GAPS: usize = 100;

/// What was made of the areas.
#[derive(Default)]
pub(crate) struct Resolved {
    /// Place, how, what was written.
    pub(crate) places: Vec<(EntityId, &'static str, String)>,
    /// What has no place here.
    pub(crate) gaps: Vec<String>,
}

impl Resolved {
    fn place(&mut self, place: EntityId, by: &'static str, written: &str) {
        let known = self.places.iter().any(|(p, ..)| *p == place);
        if !known && self.places.len() < PLACES {
            self.places.push((place, by, written.to_owned()));
        } else if !known {
            self.gap(format!("> {PLACES}: {written}"));
        }
    }

    fn gap(&mut self, gap: String) {
        if self.gaps.len() < GAPS && !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }
}

/// A shape of an alert.
enum Shape<'a> {
    Ring(&'a Ring),
    Circle(&'a Circle),
}

impl Shape<'_> {
    fn touches(&self, place: EntityId) -> Result<bool, Refusal> {
        if let Some(ring) = area::ring(place)? {
            return Ok(match self {
                Shape::Ring(shape) => shape.touches(&ring),
                Shape::Circle(circle) => circle.touches(&ring),
            });
        }
        Ok(area::position(place)?.is_some_and(|at| match self {
            Shape::Ring(shape) => shape.holds(at),
            Shape::Circle(circle) => circle.holds(at),
        }))
    }

    fn written(&self) -> String {
        let (kind, text) = match self {
            Shape::Ring(ring) => ("polygon", ring.to_string()),
            Shape::Circle(circle) => ("circle", circle.to_string()),
        };
        super::successor::cut(&format!("{kind} {text}"), 100)
    }
}

/// Every area of every language once: they say the same places in other words.
pub(crate) fn resolve(alert: &Alert) -> Result<Resolved, Refusal> {
    let mut out = Resolved::default();
    let top = top()?;
    let mut seen: Vec<&Area> = Vec::new();
    for area in alert.infos.iter().flat_map(|i| &i.areas) {
        let same = |a: &&Area| a.polygons == area.polygons && a.circles == area.circles && a.geocodes == area.geocodes;
        let bare = area.polygons.is_empty() && area.circles.is_empty() && area.geocodes.is_empty();
        if !bare && seen.iter().any(same) {
            continue;
        }
        seen.push(area);
        one(area, &top, &mut out)?;
    }
    Ok(out)
}

fn one(area: &Area, top: &[(EntityId, String)], out: &mut Resolved) -> Result<(), Refusal> {
    let shapes: Vec<Shape<'_>> =
        area.polygons.iter().map(Shape::Ring).chain(area.circles.iter().map(Shape::Circle)).collect();
    for shape in &shapes {
        let touched = touched(shape, top)?;
        if touched.is_empty() {
            out.gap(format!("{}: {}", area.desc, shape.written()));
        }
        for place in touched {
            out.place(place, "by-shape", &area.desc);
        }
    }
    for shape in &area.unread {
        out.gap(super::successor::cut(&format!("{}: {shape}", area.desc), 200));
    }
    for pair in &area.geocodes {
        let found = match Division::of(pair) {
            Some(division) => by_code(&division, top)?,
            None => Vec::new(),
        };
        if found.is_empty() {
            out.gap(format!("{}: {} {}", area.desc, pair.name, pair.value));
        }
        for place in found {
            out.place(place, "by-code", &written(pair));
        }
    }
    if shapes.is_empty() && area.unread.is_empty() && area.geocodes.is_empty() {
        out.gap(area.desc.clone());
    }
    Ok(())
}

fn written(pair: &Pair) -> String {
    super::successor::cut(&pair.value, 60)
}

fn by_code(division: &Division, top: &[(EntityId, String)]) -> Result<Vec<EntityId>, Refusal> {
    for code in [division.code.clone(), division.written.clone(), division.twelve()] {
        if let Some(place) = find(area::PLACE_CODE, code)? {
            return Ok(vec![place]);
        }
    }
    // A province, or a city whose districts are all this world has.
    let above = |code: &str| division.prefix.len() < 6 && code.starts_with(&division.prefix);
    Ok(top.iter().filter(|(_, code)| above(code)).map(|(place, _)| *place).collect())
}

/// The outermost divisions with their codes.
pub(crate) fn top() -> Result<Vec<(EntityId, String)>, Refusal> {
    let rows = Query::kind("division")
        .fields(&[&core_fields::WITHIN, &area::PLACE_CODE])
        .ascending(core_fields::AT)
        .limit(500)
        .run()?;
    let (within, code) = (rows.column(core_fields::WITHIN)?, rows.column(area::PLACE_CODE)?);
    let all = rows.ids().enumerate();
    Ok(all
        .filter(|(row, _)| within.get(*row).is_none())
        .map(|(row, id)| (id, code.get(row).unwrap_or_default().to_owned()))
        .collect())
}

fn touched(shape: &Shape<'_>, top: &[(EntityId, String)]) -> Result<Vec<EntityId>, Refusal> {
    let mut level = Vec::new();
    for (place, _) in top {
        if shape.touches(*place)? {
            level.push(*place);
        }
    }
    // Two levels down from the city: districts, streets. Further down a warning is no clearer.
    for _ in 0..2 {
        let mut finer = Vec::new();
        for place in &level {
            let rows = Query::kind("division").filter(core_fields::WITHIN.is(*place)).limit(300).run()?;
            let mut any = false;
            for child in rows.ids() {
                if shape.touches(child)? {
                    finer.push(child);
                    any = true;
                }
            }
            if !any {
                // Its divisions have no boundaries, or there are none: the place itself is as fine as it gets.
                finer.push(*place);
            }
        }
        if finer.len() > FINE {
            break;
        }
        level = finer;
    }
    Ok(level)
}
