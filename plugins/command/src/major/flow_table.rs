// The table of a major event's plan, version 1, and of the watch over a post, version 1 (requirements §1.3), as bare data: the plugin
// declares them, and the host's own tests of the flow engine read this very file.

pub const VERSION: u32 = 1;

pub const ENDS: [&str; 3] = ["reviewed", "cancelled", "replaced"];

pub const STATES: [&str; 9] =
    ["draft", "submitted", "approved", "briefed", "live", "stood-down", "reviewed", "cancelled", "replaced"];

/// A version in these holds until it is stood down or replaced.
pub const IN_FORCE: [&str; 3] = ["approved", "briefed", "live"];

/// No account holds this role: the host raises these events when a clock runs out.
const CLOCK: &[&str] = &["clock"];
/// The plugin lets nobody but whoever commands or is assigned; they need no rank.
const PERSON: &[&str] = &[];
pub const PLANNER: &[&str] = &["operator", "duty-officer", "admin"];
pub const APPROVER: &[&str] = &["official", "admin"];
const ABOVE: &[&str] = &["official", "duty-officer", "admin"];
const SEAT: &[&str] = &["operator", "duty-officer", "official", "admin"];

/// Event, from, to, who.
pub type Step = (&'static str, &'static str, &'static str, &'static [&'static str]);

pub const STEPS: [Step; 16] = [
    ("edit", "draft", "draft", PLANNER),
    ("submit", "draft", "submitted", PLANNER),
    ("withdraw", "submitted", "draft", PLANNER),
    ("return", "submitted", "draft", APPROVER),
    ("approve", "submitted", "approved", APPROVER),
    ("brief", "approved", "briefed", PERSON),
    ("begin", "briefed", "live", PERSON),
    ("stand-down", "live", "stood-down", PERSON),
    ("review", "stood-down", "reviewed", ABOVE),
    ("cancel", "draft", "cancelled", PLANNER),
    ("cancel", "submitted", "cancelled", PLANNER),
    ("cancel", "approved", "cancelled", APPROVER),
    ("cancel", "briefed", "cancelled", APPROVER),
    // The next version was approved, in the same transaction.
    ("replace", "approved", "replaced", APPROVER),
    ("replace", "briefed", "replaced", APPROVER),
    ("replace", "live", "replaced", APPROVER),
];

pub const WATCH_ENDS: [&str; 2] = ["relieved", "released"];
pub const WATCH_STATES: [&str; 5] = ["ahead", "waiting", "kept", "relieved", "released"];
/// Somebody is to stand there.
pub const WATCHED: [&str; 2] = ["waiting", "kept"];
pub const WATCH_STEPS: [Step; 9] = [
    ("expect", "ahead", "waiting", PERSON),
    ("check-in", "waiting", "kept", PERSON),
    ("check-in", "kept", "kept", PERSON),
    // A seat has taken notice that a check-in did not come: the ladder stops, the clock does not.
    ("see", "waiting", "waiting", SEAT),
    ("see", "kept", "kept", SEAT),
    ("relieve", "waiting", "relieved", CLOCK),
    ("relieve", "kept", "relieved", CLOCK),
    // The event is over, or another version of its plan holds.
    ("release", "waiting", "released", PERSON),
    ("release", "kept", "released", PERSON),
];
