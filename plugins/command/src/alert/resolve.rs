//! Which places of the world the areas of a received alert touch, and what cannot be resolved.
//!
//! Everything is read as of the moment the message was sent: a code is the one its writer had, whatever it is for (`effective` may lie
//! days ahead). A division code means the places that have today what it had then ([`history`]), and whose land its boundary of that day
//! held; zeros at the end mean the whole division; a code above the city's own (its province) means the city's outermost divisions. A
//! polygon or circle means what it touches by the boundaries of today, since land does not move, level by level while they stay few, and
//! what took the place of the divisions it touched by those of that day; a division without a boundary goes by its position.
//!
//! What is resolved is journaled with the alert: replay gives the same places, whatever boundaries and codes are by then. What is not is a
//! gap with its own words and its reason, never dropped.

use super::area;
use super::history::{self, Kept, Line, Old, Why};
use super::land;
use changzhi_cap::{Alert, Area, Circle, Pair, Ring};
use changzhi_divisions::{Division, Lost, Today, today};
use changzhi_sdk::prelude::*;

/// Places of one alert: beyond it the outer ones stand for what lies in them.
const PLACES: usize = 200;
/// A shape is resolved one level further down while it touches no more divisions than this.
const FINE: usize = 24;
const GAPS: usize = 100;
/// Lines of its history.
const LINES: usize = 100;

/// What was made of the areas.
#[derive(Default)]
pub(crate) struct Resolved {
    /// Place, how, what was written.
    pub(crate) places: Vec<(EntityId, &'static str, String)>,
    /// What has no place here.
    pub(crate) gaps: Vec<String>,
    /// What meant something else when it was sent; see [`Line`].
    pub(crate) history: Vec<String>,
}

/// A gap with why it is one: the key of its words, and a day they may name.
fn because(what: &str, why: &str, at: Option<Micros>) -> String {
    let what = what.replace(char::is_control, " ");
    let at = at.map(|at| at.0.to_string()).unwrap_or_default();
    format!("{}\t{why}\t{at}", super::successor::cut(&what, 250))
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

    fn line(&mut self, line: &Line) {
        let line = line.write();
        if self.history.len() < LINES && !self.history.contains(&line) {
            self.history.push(line);
        }
    }
}

/// When the message was sent, and when it is read.
#[derive(Clone, Copy)]
struct When {
    sent: Micros,
    now: Micros,
}

impl When {
    fn today(self, code: &str) -> Result<Today, Refusal> {
        today(&Kept, code, self.sent.0, self.now.0)
    }
}

/// A shape of an alert.
enum Shape<'a> {
    Ring(&'a Ring),
    Circle(&'a Circle),
}

impl Shape<'_> {
    fn meets(&self, ring: &Ring) -> bool {
        match self {
            Shape::Ring(shape) => shape.touches(ring),
            Shape::Circle(circle) => circle.touches(ring),
        }
    }

    fn touches(&self, place: EntityId) -> Result<bool, Refusal> {
        if let Some(ring) = area::ring(place)? {
            return Ok(self.meets(&ring));
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
pub(crate) fn resolve(alert: &Alert, now: Micros) -> Result<Resolved, Refusal> {
    let mut out = Resolved::default();
    let when = When { sent: Micros(alert.sent.micros()), now };
    let top = top()?;
    let mut seen: Vec<&Area> = Vec::new();
    for area in alert.infos.iter().flat_map(|i| &i.areas) {
        let same = |a: &&Area| a.polygons == area.polygons && a.circles == area.circles && a.geocodes == area.geocodes;
        let bare = area.polygons.is_empty() && area.circles.is_empty() && area.geocodes.is_empty();
        if !bare && seen.iter().any(same) {
            continue;
        }
        seen.push(area);
        one(area, when, &top, &mut out)?;
    }
    Ok(out)
}

fn one(area: &Area, when: When, top: &[(EntityId, String)], out: &mut Resolved) -> Result<(), Refusal> {
    let shapes: Vec<Shape<'_>> =
        area.polygons.iter().map(Shape::Ring).chain(area.circles.iter().map(Shape::Circle)).collect();
    for shape in &shapes {
        let mut touched = touched(shape, top)?;
        then_touched(shape, when, &mut touched, out)?;
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
        coded(area, pair, when, top, out)?;
    }
    if shapes.is_empty() && area.unread.is_empty() && area.geocodes.is_empty() {
        out.gap(area.desc.clone());
    }
    Ok(())
}

/// By the boundaries of that day: what took the place of the divisions the shape touched, where that is not found anyway.
fn then_touched(shape: &Shape<'_>, when: When, found: &mut Vec<EntityId>, out: &mut Resolved) -> Result<(), Refusal> {
    for old in history::boundaries(None, Some(when.sent))? {
        if !old.rings()?.iter().any(|ring| shape.meets(ring)) {
            continue;
        }
        for now in when.today(&old.code)?.now {
            let Some(place) = history::place(&now.code)? else { continue };
            let mut there = false;
            for other in found.iter() {
                there = there || area::lies_within(*other, &[place])? || area::lies_within(place, &[*other])?;
            }
            if !now.through.is_empty() {
                out.line(&Line::of_steps(Why::Boundary, &old.code, &old.name, &now, place));
            } else if !there {
                out.line(&Line::of_boundary(Why::Boundary, &old, place));
            }
            if !there {
                found.push(place);
            }
        }
    }
    Ok(())
}

/// A geocode: the places it means, or why there are none.
fn coded(area: &Area, pair: &Pair, when: When, top: &[(EntityId, String)], out: &mut Resolved) -> Result<(), Refusal> {
    let what = format!("{}: {} {}", area.desc, pair.name, pair.value);
    let Some(division) = changzhi_cap::division(pair) else {
        out.gap(because(&what, "alert-why-other", None));
        return Ok(());
    };
    let written = super::successor::cut(&pair.value, 60);
    let today = when.today(&division.code)?;
    if let [Lost::Unknown { .. }] = today.lost.as_slice()
        && today.now.is_empty()
    {
        return unknown(&what, &division, &written, when, top, out);
    }
    for now in &today.now {
        let Some(place) = history::place(&now.code)? else { continue };
        out.place(place, "by-code", &written);
        if !now.through.is_empty() {
            out.line(&Line::of_steps(Why::Code, &division.code, "", now, place));
        }
    }
    lost(&what, &today, out);
    for old in history::boundaries(Some(&division.code), Some(when.sent))? {
        held_land(&old, &written, top, out)?;
    }
    Ok(())
}

/// Divisions of today, as far down as districts, with land the boundary of that day held.
fn held_land(old: &Old, written: &str, top: &[(EntityId, String)], out: &mut Resolved) -> Result<(), Refusal> {
    let mut districts = Vec::new();
    for (place, code) in top {
        // The whole city holds the land of all its districts: it is no news.
        if *code == old.code {
            return Ok(());
        }
        districts.extend(Query::kind("division").filter(core_fields::WITHIN.is(*place)).limit(100).run()?.ids());
    }
    for place in land::of_today(&old.rings()?, &districts)? {
        if out.places.iter().any(|(known, ..)| *known == place) {
            continue;
        }
        out.place(place, "by-code", written);
        out.line(&Line::of_boundary(Why::Land, old, place));
    }
    Ok(())
}

fn lost(what: &str, today: &Today, out: &mut Resolved) {
    for lost in &today.lost {
        match lost {
            Lost::NotYet { since, .. } => out.gap(because(what, "alert-why-not-yet", Some(Micros(*since)))),
            Lost::Unknown { .. } => out.gap(because(what, "alert-why-unknown", None)),
            Lost::Nowhere { code, through } => {
                let since = through.last().map(|s| Micros(s.at));
                out.gap(because(&format!("{what} → {code}"), "alert-why-nowhere", since));
            }
        }
    }
}

/// No place has the code and no step leads from it: a province, or a part of a division that ended.
fn unknown(
    what: &str,
    division: &Division,
    written: &str,
    when: When,
    top: &[(EntityId, String)],
    out: &mut Resolved,
) -> Result<(), Refusal> {
    // A province, or a city whose districts are all this world has.
    let above = |code: &str| division.prefix.len() < 6 && code.starts_with(&division.prefix);
    let above: Vec<EntityId> = top.iter().filter(|(_, code)| above(code)).map(|(place, _)| *place).collect();
    for place in &above {
        out.place(*place, "by-code", written);
    }
    if !above.is_empty() {
        return Ok(());
    }
    // The code of a street begins with that of its county: when the county ended, what took its place is as near as one comes.
    for length in [9, 6] {
        let Some(outer) = division.prefix.get(..length).filter(|o| *o != division.prefix) else { continue };
        let today = when.today(outer)?;
        if !today.now.iter().any(|n| !n.through.is_empty()) || history::place(outer)?.is_some() {
            continue;
        }
        for now in &today.now {
            let Some(place) = history::place(&now.code)? else { continue };
            out.place(place, "by-code", written);
            out.line(&Line::of_steps(Why::Part, &format!("{} ({outer})", division.code), "", now, place));
        }
        lost(what, &today, out);
        return Ok(());
    }
    out.gap(because(what, "alert-why-unknown", None));
    Ok(())
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
