// The table of an alarm, version 2 (requirements §2.3), as bare data: the plugin declares it, and the host's own tests of the flow
// engine read this very file.

pub const VERSION: u32 = 2;

/// What only keeps a press that came too late, and the end of the story.
pub const ENDS: [&str; 2] = ["closed", "kept"];

pub const STATES: [&str; 14] = [
    "rung", "rung-all", "rung-leaders", "rung-district", "taken-back", "acknowledged", "judged", "dispatched", "attended",
    "controlled", "stood-down", "reviewed", "closed", "kept",
];

/// It rings: one state for each step of the ladder.
pub const RINGING: [&str; 4] = ["rung", "rung-all", "rung-leaders", "rung-district"];

/// No account holds this role: the host raises these events when a clock runs out.
const CLOCK: &[&str] = &["clock"];
const ANYBODY: &[&str] = &[];
const RUNG: &[&str] = &["operator", "duty-officer", "official", "police", "guard", "admin"];
const SEAT: &[&str] = &["operator", "duty-officer", "admin"];
const SCENE: &[&str] = &["unit", "grid-worker", "guard", "police", "operator", "duty-officer", "admin"];
const ABOVE: &[&str] = &["official", "duty-officer", "admin"];

/// Event, from, to, who.
pub type Step = (&'static str, &'static str, &'static str, &'static [&'static str]);

pub const STEPS: [Step; 40] = [
    ("ring-all", "rung", "rung-all", CLOCK),
    ("ring-leaders", "rung", "rung-leaders", CLOCK),
    ("ring-leaders", "rung-all", "rung-leaders", CLOCK),
    ("ring-district", "rung", "rung-district", CLOCK),
    ("ring-district", "rung-all", "rung-district", CLOCK),
    ("ring-district", "rung-leaders", "rung-district", CLOCK),
    // Only the press itself gives it, about an alarm it makes.
    ("keep", "rung", "kept", ANYBODY),
    // With the agreed word; no other word leads here.
    ("take-back", "rung", "taken-back", ANYBODY),
    ("take-back", "rung-all", "taken-back", ANYBODY),
    ("take-back", "rung-leaders", "taken-back", ANYBODY),
    ("take-back", "rung-district", "taken-back", ANYBODY),
    ("acknowledge", "rung", "acknowledged", RUNG),
    ("acknowledge", "rung-all", "acknowledged", RUNG),
    ("acknowledge", "rung-leaders", "acknowledged", RUNG),
    ("acknowledge", "rung-district", "acknowledged", RUNG),
    ("acknowledge", "taken-back", "acknowledged", RUNG),
    ("judge", "acknowledged", "judged", SEAT),
    ("clear", "acknowledged", "stood-down", SEAT),
    ("dispatch", "acknowledged", "dispatched", SEAT),
    ("dispatch", "judged", "dispatched", SEAT),
    ("attend", "acknowledged", "attended", SCENE),
    ("attend", "judged", "attended", SCENE),
    ("attend", "dispatched", "attended", SCENE),
    ("control", "dispatched", "controlled", SCENE),
    ("control", "attended", "controlled", SCENE),
    ("stand-down", "judged", "stood-down", SEAT),
    ("stand-down", "dispatched", "stood-down", SEAT),
    ("stand-down", "attended", "stood-down", SEAT),
    ("stand-down", "controlled", "stood-down", SEAT),
    ("escalate", "judged", "judged", SEAT),
    ("escalate", "dispatched", "dispatched", SEAT),
    ("escalate", "attended", "attended", SEAT),
    ("escalate", "controlled", "controlled", SEAT),
    ("transfer", "acknowledged", "acknowledged", SEAT),
    ("transfer", "judged", "judged", SEAT),
    ("transfer", "dispatched", "dispatched", SEAT),
    ("transfer", "attended", "attended", SEAT),
    ("transfer", "controlled", "controlled", SEAT),
    ("review", "stood-down", "reviewed", ABOVE),
    ("close", "reviewed", "closed", ABOVE),
];
