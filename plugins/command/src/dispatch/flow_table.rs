// The table of a task, version 1, and of a handover, version 1 (requirements §2.3), as bare data: the plugin declares them, and the
// host's own tests of the flow engine read this very file.

pub const VERSION: u32 = 1;

pub const ENDS: [&str; 6] = ["done", "declined", "no-answer", "handed-back", "recalled", "released"];

pub const STATES: [&str; 10] = [
    "offered", "accepted", "on-the-way", "arrived", "done", "declined", "no-answer", "handed-back", "recalled", "released",
];

/// Somebody is asked or under way: they are not free.
pub const OPEN: [&str; 4] = ["offered", "accepted", "on-the-way", "arrived"];

/// No account holds this role: the host raises these events when a clock runs out.
const CLOCK: &[&str] = &["clock"];
/// The plugin lets nobody but the person who was asked; a volunteer has no role.
const PERSON: &[&str] = &[];
const SEAT: &[&str] = &["operator", "duty-officer", "admin"];
const ABOVE: &[&str] = &["operator", "duty-officer", "official", "admin"];

/// Event, from, to, who.
pub type Step = (&'static str, &'static str, &'static str, &'static [&'static str]);

pub const STEPS: [Step; 22] = [
    ("accept", "offered", "accepted", PERSON),
    ("decline", "offered", "declined", PERSON),
    ("no-answer", "offered", "no-answer", CLOCK),
    ("set-out", "accepted", "on-the-way", PERSON),
    ("arrive", "accepted", "arrived", PERSON),
    ("arrive", "on-the-way", "arrived", PERSON),
    ("check-in", "on-the-way", "on-the-way", PERSON),
    ("check-in", "arrived", "arrived", PERSON),
    ("finish", "arrived", "done", PERSON),
    ("hand-back", "accepted", "handed-back", PERSON),
    ("hand-back", "on-the-way", "handed-back", PERSON),
    ("hand-back", "arrived", "handed-back", PERSON),
    // A seat has taken notice that a check-in did not come: the ladder stops, the clock does not.
    ("see", "on-the-way", "on-the-way", ABOVE),
    ("see", "arrived", "arrived", ABOVE),
    ("recall", "offered", "recalled", SEAT),
    ("recall", "accepted", "recalled", SEAT),
    ("recall", "on-the-way", "recalled", SEAT),
    ("recall", "arrived", "recalled", SEAT),
    // The alarm is over, and with it what was asked for it.
    ("release", "offered", "released", SEAT),
    ("release", "accepted", "released", SEAT),
    ("release", "on-the-way", "released", SEAT),
    ("release", "arrived", "released", SEAT),
];

pub const HANDOVER_ENDS: [&str; 2] = ["taken", "withdrawn"];
pub const HANDOVER_STATES: [&str; 3] = ["asked", "taken", "withdrawn"];
pub const HANDOVER_STEPS: [Step; 2] = [("receipt", "asked", "taken", SEAT), ("withdraw", "asked", "withdrawn", ABOVE)];
