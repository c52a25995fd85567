// The table of the matter flow, version 2 (requirements §2.1), as bare data: the plugin declares it, and the host's own tests of the
// flow engine read this very file.

pub const VERSION: u32 = 2;

/// The one state without a way out: every other end can be woken again.
pub const ENDS: [&str; 1] = ["withdrawn"];

pub const STATES: [&str; 15] = [
    "submitted", "awaiting", "accepted", "assigned", "handling", "paused", "arbitration", "answered", "verified", "closed",
    "not-accepted", "diverted", "reopened", "merged", "withdrawn",
];

const DESK: &[&str] = &["operator", "admin"];
const DESK_OR_CLOCK: &[&str] = &["operator", "admin", "clock"];
const FIELD: &[&str] = &["unit", "grid-worker", "operator", "admin"];
const FIELD_OR_CLOCK: &[&str] = &["unit", "grid-worker", "operator", "admin", "clock"];
const UNIT: &[&str] = &["unit", "grid-worker"];
const ABOVE: &[&str] = &["official", "admin"];
const CHECK: &[&str] = &["verifier", "operator", "admin"];
const VOICE: &[&str] = &["resident", "verifier", "operator", "admin"];
const ANY: &[&str] = &["operator", "unit", "grid-worker", "verifier", "official", "admin"];

/// Event, from, to, who.
pub type Step = (&'static str, &'static str, &'static str, &'static [&'static str]);

pub const STEPS: [Step; 53] = [
    ("accept", "submitted", "accepted", DESK),
    ("refuse", "submitted", "not-accepted", DESK),
    ("ask-more", "submitted", "awaiting", DESK),
    ("divert", "submitted", "diverted", DESK),
    ("supplement", "awaiting", "submitted", VOICE),
    ("decide", "awaiting", "submitted", DESK_OR_CLOCK),
    ("merge", "submitted", "merged", DESK),
    ("merge", "accepted", "merged", DESK),
    ("merge", "assigned", "merged", DESK),
    ("merge", "handling", "merged", DESK),
    ("merge", "reopened", "merged", DESK),
    ("unmerge", "merged", "submitted", VOICE),
    ("assign", "accepted", "assigned", DESK),
    ("assign", "assigned", "assigned", DESK),
    ("assign", "handling", "assigned", DESK),
    ("assign", "reopened", "assigned", DESK),
    ("start", "assigned", "handling", FIELD),
    ("decline", "assigned", "arbitration", UNIT),
    ("arbitrate", "arbitration", "assigned", ABOVE),
    ("contact", "handling", "handling", FIELD),
    ("pause", "handling", "paused", FIELD),
    ("resume", "paused", "handling", FIELD_OR_CLOCK),
    ("ask-extension", "handling", "handling", UNIT),
    ("grant-extension", "handling", "handling", DESK),
    ("refuse-extension", "handling", "handling", DESK),
    ("answer", "handling", "answered", FIELD),
    ("verify", "answered", "verified", CHECK),
    ("rework", "answered", "handling", CHECK),
    ("close", "answered", "closed", CHECK),
    ("close", "verified", "closed", CHECK),
    ("reopen", "answered", "assigned", VOICE),
    ("reopen", "verified", "assigned", VOICE),
    ("reopen", "closed", "assigned", VOICE),
    ("reopen", "not-accepted", "reopened", VOICE),
    ("reopen", "diverted", "reopened", VOICE),
    ("withdraw", "submitted", "withdrawn", VOICE),
    ("withdraw", "awaiting", "withdrawn", VOICE),
    ("withdraw", "accepted", "withdrawn", VOICE),
    ("withdraw", "assigned", "withdrawn", VOICE),
    ("withdraw", "handling", "withdrawn", VOICE),
    ("withdraw", "paused", "withdrawn", VOICE),
    ("withdraw", "arbitration", "withdrawn", VOICE),
    ("withdraw", "reopened", "withdrawn", VOICE),
    ("acknowledge", "submitted", "submitted", ANY),
    ("acknowledge", "reopened", "reopened", ANY),
    ("acknowledge", "accepted", "accepted", ANY),
    ("acknowledge", "assigned", "assigned", ANY),
    ("acknowledge", "handling", "handling", ANY),
    ("acknowledge", "paused", "paused", ANY),
    ("acknowledge", "arbitration", "arbitration", ANY),
    ("acknowledge", "answered", "answered", ANY),
    ("acknowledge", "verified", "verified", ANY),
    ("acknowledge", "awaiting", "awaiting", ANY),
];

/// States another system may say a matter is in. The event is `told-STATE`, from every state: how it came there is not known here.
pub const TOLD: [&str; 9] =
    ["submitted", "accepted", "assigned", "handling", "answered", "closed", "not-accepted", "withdrawn", "reopened"];
pub const TELLERS: &[&str] = DESK;

/// Version 3: version 2, with the reporter in the place of any resident, and a word to the reporter that moves nothing.
pub const THIRD: u32 = 3;

/// Who speaks for a matter under version 3: whoever filed it (the gate lends the role for their own matter alone), and the desk.
const REPORTER: &[&str] = &["reporter", "verifier", "operator", "admin"];

/// States in which a public word may be given (`inform`): none of it ends.
const INFORMED: [&str; 10] = [
    "submitted", "awaiting", "accepted", "assigned", "handling", "paused", "arbitration", "answered", "verified", "reopened",
];

pub fn third() -> Vec<Step> {
    let own = STEPS.iter().map(|(event, from, to, who)| (*event, *from, *to, if *who == VOICE { REPORTER } else { *who }));
    own.chain(INFORMED.iter().map(|state| ("inform", *state, *state, FIELD))).collect()
}
