//! Where a matter stands: the fold of its events, small enough to be kept beside its state.
//!
//! `track = fold(after, events)`; [`Engine::after`](crate::Engine::after) is the only step, for what happens now and for what is
//! read back, so replay gives what was live. [`Track::pack`] is the form the world keeps (at most [`PACKED`] bytes).

use crate::limit::Unit;
use crate::outcome::Outcome;
use crate::running::Running;
use changzhi_model::{EntityId, Micros};

/// Bytes of a packed track at most: what a short text of a facet may have.
pub const PACKED: usize = 256;
/// Clocks that may live in one state: as many as fit.
pub const CLOCKS: usize = 3;

/// Where a matter stands.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Track {
    pub version: u32,
    pub edition: u32,
    /// The last event.
    pub since: Micros,
    /// When the state was entered.
    pub entered: Micros,
    pub running: Vec<Running>,
    /// Who claimed the result.
    pub handler: EntityId,
    /// Days asked for and not answered yet; 0 is none.
    pub asked: u32,
    pub asker: EntityId,
    pub declines: u32,
    pub reopened: u32,
    pub rework: u32,
    pub extended: u32,
    /// Times it went from one unit to another.
    pub handoffs: u32,
    /// The holder was bound by arbitration.
    pub bound: bool,
    /// Told by another system, where the clocks run.
    pub told: bool,
    pub outcome: Option<Outcome>,
    /// The matter it is a voice of.
    pub into: EntityId,
    /// When the next step of a clock is due.
    pub next: Option<Micros>,
}

/// By number in a packed track: new ones at the end.
const UNITS: [Unit; 6] = [Unit::Minutes, Unit::Hours, Unit::WorkHours, Unit::Days, Unit::WorkDays, Unit::Seconds];

/// A track that does not read: damage, or of a newer host.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the kept standing of a matter does not read: {0:?}")]
pub struct TrackError(pub String);

impl Track {
    /// The clock that runs out first.
    pub fn first_due(&self) -> Option<&Running> {
        self.running.iter().min_by_key(|r| r.due)
    }

    /// What is not kept in fields of its own, as a short text: numbers in base 36, times in microseconds.
    pub fn pack(&self) -> String {
        let mut out = String::with_capacity(PACKED);
        let head = [
            i64::from(self.version),
            i64::from(self.edition),
            self.since.0,
            self.entered.0 - self.since.0,
            self.handler.0 as i64,
            i64::from(self.asked),
            self.asker.0 as i64,
            i64::from(self.declines),
            i64::from(self.reopened),
            i64::from(self.rework),
            i64::from(self.extended),
            i64::from(self.bound) + 2 * i64::from(self.told),
        ];
        numbers(&mut out, &head);
        for r in &self.running {
            out.push('|');
            let unit = UNITS.iter().position(|u| *u == r.unit).unwrap_or_default() as i64;
            let flags = i64::from(r.held) + 2 * i64::from(r.acknowledged);
            let one = [
                r.clock as i64,
                unit,
                r.begun.0 - self.since.0,
                r.left,
                r.total - r.left,
                r.hold_left,
                r.due.0.saturating_sub(self.since.0),
                i64::from(r.step),
                flags,
            ];
            numbers(&mut out, &one);
        }
        out
    }

    /// Reads [`Track::pack`] back; `handoffs`, `outcome`, `into` and `next` are fields of their own.
    ///
    /// # Errors
    /// When it is not what `pack` writes.
    pub fn unpack(text: &str) -> Result<Track, TrackError> {
        let wrong = || TrackError(text.chars().take(PACKED).collect());
        let mut parts = text.split('|');
        let head = parts.next().and_then(read).ok_or_else(wrong)?;
        let [version, edition, since, entered, handler, asked, asker, declines, reopened, rework, extended, flags] =
            head[..]
        else {
            return Err(wrong());
        };
        let small = |n: i64| u32::try_from(n).map_err(|_| wrong());
        let mut track = Track {
            version: small(version)?,
            edition: small(edition)?,
            since: Micros(since),
            entered: Micros(since.saturating_add(entered)),
            handler: EntityId(handler as u64),
            asked: small(asked)?,
            asker: EntityId(asker as u64),
            declines: small(declines)?,
            reopened: small(reopened)?,
            rework: small(rework)?,
            extended: small(extended)?,
            bound: flags & 1 != 0,
            told: flags & 2 != 0,
            ..Track::default()
        };
        for part in parts {
            let one = read(part).ok_or_else(wrong)?;
            let [clock, unit, begun, left, used, hold_left, due, step, flags] = one[..] else { return Err(wrong()) };
            track.running.push(Running {
                clock: usize::try_from(clock).map_err(|_| wrong())?,
                unit: usize::try_from(unit).ok().and_then(|u| UNITS.get(u)).copied().ok_or_else(wrong)?,
                begun: Micros(since.saturating_add(begun)),
                left,
                total: left.saturating_add(used),
                hold_left,
                due: Micros(since.saturating_add(due)),
                step: small(step)?,
                held: flags & 1 != 0,
                acknowledged: flags & 2 != 0,
            });
        }
        Ok(track)
    }
}

fn numbers(out: &mut String, all: &[i64]) {
    for (i, n) in all.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        if *n < 0 {
            out.push('-');
        }
        let mut digits = [0u8; 13];
        let mut rest = n.unsigned_abs();
        let mut at = digits.len();
        for slot in digits.iter_mut().rev() {
            *slot = b"0123456789abcdefghijklmnopqrstuvwxyz".get((rest % 36) as usize).copied().unwrap_or(b'0');
            rest /= 36;
            at -= 1;
            if rest == 0 {
                break;
            }
        }
        let text = digits.get(at..).and_then(|d| std::str::from_utf8(d).ok()).unwrap_or("0");
        out.push_str(text);
    }
}

fn read(text: &str) -> Option<Vec<i64>> {
    text.split(' ').map(|n| i64::from_str_radix(n, 36).ok()).collect()
}
