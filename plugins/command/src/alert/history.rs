//! How divisions were, as the host keeps it: which code took whose place, and boundaries that no longer hold.
//!
//! What a message says with a code of its own day is kept with the alert, a line for each place: the page says it in words.

use super::area;
use super::successor::cut;
use changzhi_divisions::{Codes, Division, Now, Step};
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Field, InJournal};

const OLD: Field<String> = Field::new("host.succession", "old", "host.succession.old");
const OLD_NAME: Field<String> = Field::new("host.succession", "old-name", "host.succession.old-name");
const NEW: Field<String> = Field::new("host.succession", "new", "host.succession.new");
const EFFECTIVE: Field<Micros> = Field::new("host.succession", "effective", "host.succession.effective");
const NOTE: Field<String> = Field::new("host.succession", "note", "host.succession.note");
const ENDS: Field<bool> = Field::new("host.succession", "old-ends", "host.succession.old-ends");
const BEGINS: Field<bool> = Field::new("host.succession", "new-begins", "host.succession.new-begins");
const STEP_WITHDRAWN: Field<bool> = Field::new("host.succession", "withdrawn", "host.succession.withdrawn");

const CODE: Field<String> = Field::new("host.boundary", "code", "host.boundary.code");
const NAME: Field<String> = Field::new("host.boundary", "name", "host.boundary.name");
const SINCE: Field<Micros> = Field::new("host.boundary", "since", "host.boundary.since");
const UNTIL: Field<Micros> = Field::new("host.boundary", "until", "host.boundary.until");
const RINGS: Field<String, InJournal> = Field::new("host.boundary", "rings", "host.boundary.rings");
const WITHDRAWN: Field<bool> = Field::new("host.boundary", "withdrawn", "host.boundary.withdrawn");

/// Steps from or to one code.
const STEPS: u32 = 200;
/// Boundaries of one moment: a county has some dozen streets.
const BOUNDARIES: u32 = 200;
/// Bytes of a line of an alert's history.
const LINE: usize = 600;

/// The host's records, asked code by code.
pub(super) struct Kept;

impl Kept {
    fn steps(by: Field<String>, code: &str) -> Result<Vec<Step>, Refusal> {
        let rows = Query::kind("succession")
            .fields(&[&OLD, &OLD_NAME, &NEW, &EFFECTIVE, &NOTE, &ENDS, &BEGINS, &STEP_WITHDRAWN])
            .filter(by.is(code))
            .limit(STEPS)
            .run()?;
        let (old, old_name, new) = (rows.column(OLD)?, rows.column(OLD_NAME)?, rows.column(NEW)?);
        let (at, note) = (rows.column(EFFECTIVE)?, rows.column(NOTE)?);
        let (ends, begins, withdrawn) = (rows.column(ENDS)?, rows.column(BEGINS)?, rows.column(STEP_WITHDRAWN)?);
        let text = |t: Option<&str>| t.unwrap_or_default().to_owned();
        let step = |row: usize| Step {
            old: text(old.get(row)),
            old_name: text(old_name.get(row)),
            new: text(new.get(row)),
            at: at.get(row).unwrap_or_default().0,
            ends: ends.get(row),
            begins: begins.get(row),
            note: text(note.get(row)),
        };
        Ok((0..rows.len()).filter(|row| withdrawn.get(*row) != Some(true)).map(step).collect())
    }
}

impl Codes for Kept {
    type Error = Refusal;

    fn after(&self, code: &str) -> Result<Vec<Step>, Refusal> {
        Kept::steps(OLD, code)
    }

    fn before(&self, code: &str) -> Result<Vec<Step>, Refusal> {
        Kept::steps(NEW, code)
    }

    fn held(&self, code: &str) -> Result<bool, Refusal> {
        Ok(place(code)?.is_some())
    }

    fn drawn(&self, code: &str) -> Result<Option<i64>, Refusal> {
        Ok(boundaries(Some(code), None)?.into_iter().map(|b| b.until.0).min())
    }
}

/// The place of today with a code, however many zeros it was written with.
pub(super) fn place(code: &str) -> Result<Option<EntityId>, Refusal> {
    if let Some(place) = find(area::PLACE_CODE, code)? {
        return Ok(Some(place));
    }
    match Division::parse(code).map(|d| d.twelve()).filter(|t| t != code) {
        Some(twelve) => Ok(find(area::PLACE_CODE, twelve)?),
        None => Ok(None),
    }
}

/// A boundary that no longer holds.
pub(super) struct Old {
    id: EntityId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) until: Micros,
}

impl Old {
    pub(super) fn rings(&self) -> Result<Vec<changzhi_cap::Ring>, Refusal> {
        let text = get(self.id, RINGS)?.unwrap_or_default();
        Ok(text.split(';').filter_map(area::ring_of).collect())
    }
}

/// Of one code, of one moment, or of both: of each code the one that held then.
pub(super) fn boundaries(code: Option<&str>, at: Option<Micros>) -> Result<Vec<Old>, Refusal> {
    let mut query = Query::kind("boundary").fields(&[&CODE, &NAME, &SINCE, &UNTIL, &WITHDRAWN]).ascending(UNTIL);
    if let Some(code) = code {
        query = query.filter(CODE.is(code));
    }
    if let Some(at) = at {
        query = query.filter(UNTIL.above(at));
    }
    let rows = query.limit(BOUNDARIES).run()?;
    let (codes, name, since) = (rows.column(CODE)?, rows.column(NAME)?, rows.column(SINCE)?);
    let (until, withdrawn) = (rows.column(UNTIL)?, rows.column(WITHDRAWN)?);
    let mut out: Vec<Old> = Vec::new();
    for (row, id) in rows.ids().enumerate().filter(|(row, _)| withdrawn.get(*row) != Some(true)) {
        let code = codes.get(row).unwrap_or_default();
        // The first that ends after that moment is the one that held; a later one had not begun, and neither had one that says so.
        let later = at.is_some_and(|at| since.get(row).is_some_and(|s| s > at) || out.iter().any(|b| b.code == code));
        if later {
            continue;
        }
        let name = name.get(row).unwrap_or_default().to_owned();
        out.push(Old { id, code: code.to_owned(), name, until: until.get(row).unwrap_or_default() });
    }
    Ok(out)
}

/// Why a place of today stands for a code of another day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    /// The code ended or gave a part away.
    Code,
    /// What was written lies in a division whose code ended.
    Part,
    /// The shape lies within the division's boundary of that day.
    Boundary,
    /// The boundary of that day holds land of a place that has another code today.
    Land,
}

impl Why {
    const fn word(self) -> &'static str {
        match self {
            Why::Code => "alert-then-code",
            Why::Part => "alert-then-part",
            Why::Boundary => "alert-then-boundary",
            Why::Land => "alert-then-land",
        }
    }
}

/// A line of an alert's history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub(super) why: String,
    /// The code and the name of that day, and the codes it came by.
    pub(super) then: String,
    pub(super) place: EntityId,
    pub(super) since: Micros,
    pub(super) note: String,
}

impl Line {
    pub(super) fn of_steps(why: Why, written: &str, name: &str, now: &Now, place: EntityId) -> Line {
        let name = now.through.first().map(|s| s.old_name.as_str()).filter(|n| !n.is_empty()).unwrap_or(name);
        let codes: Vec<&str> = now.through.iter().map(|s| s.new.as_str()).collect();
        let way = if codes.is_empty() { String::new() } else { format!(" → {}", codes.join(" → ")) };
        let mut notes: Vec<&str> = now.through.iter().map(|s| s.note.as_str()).filter(|n| !n.is_empty()).collect();
        notes.dedup();
        Line {
            why: why.word().into(),
            then: format!("{written} {name}").trim().to_owned() + &way,
            place,
            since: Micros(now.through.last().map_or(0, |s| s.at)),
            note: notes.join("；"),
        }
    }

    pub(super) fn of_boundary(why: Why, old: &Old, place: EntityId) -> Line {
        let then = format!("{} {}", old.code, old.name).trim().to_owned();
        Line { why: why.word().into(), then, place, since: old.until, note: String::new() }
    }

    /// One line of text, its parts apart by tabs.
    pub(super) fn write(&self) -> String {
        let plain = |t: &str| t.replace(char::is_control, " ");
        let line =
            [&self.why, &plain(&self.then), &self.place.to_string(), &self.since.0.to_string(), &plain(&self.note)];
        cut(&line.map(String::as_str).join("\t"), LINE)
    }

    pub(super) fn read(text: &str) -> Option<Line> {
        let mut parts = text.split('\t').map(str::to_owned);
        let (why, then, place, since) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (place, since) = (EntityId(place.parse().ok()?), Micros(since.parse().ok()?));
        Some(Line { why, then, place, since, note: parts.next().unwrap_or_default() })
    }
}
