//! The flow of an alarm. Owners, clocks and the ladder are data of the host: `data/flows/alarm.toml`.
//!
//! Version 2 rings in four states, one for each step of the ladder; the host moves it on by its clocks, and only a named person stops it.
//! Version 1 stays declared: alarms that began under it end under it.

use changzhi_sdk::Flow;

#[allow(dead_code)]
pub(crate) mod table {
    include!("flow_table.rs");
}

const SEAT: &[&str] = &["operator", "duty-officer", "admin"];
const SCENE: &[&str] = &["unit", "grid-worker", "operator", "duty-officer", "admin"];

/// rung → acknowledged → attended → stood-down, without clocks.
pub(crate) fn first_alarm() -> Flow {
    Flow::new("alarm", 1)
        .state("rung", "state-rung")
        .state("acknowledged", "state-acknowledged")
        .state("attended", "state-attended")
        .end("stood-down", "state-stood-down")
        .step("acknowledge", "rung", "acknowledged", SEAT)
        .step("attend", "acknowledged", "attended", SCENE)
        .step("stand-down", "acknowledged", "stood-down", SEAT)
        .step("stand-down", "attended", "stood-down", SEAT)
}

pub(crate) fn alarm() -> Flow {
    let flow = table::STATES.iter().fold(Flow::new("alarm", table::VERSION), |flow, state| {
        let label = format!("state-{state}");
        if table::ENDS.contains(state) { flow.end(state, &label) } else { flow.state(state, &label) }
    });
    table::STEPS.iter().fold(flow, |flow, (event, from, to, roles)| flow.step(event, from, to, roles))
}

/// How far up the ladder an alarm rings. A later step rings those of the steps before as well.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Tier {
    /// The seats on duty nearest to the place.
    Near,
    /// Every seat on duty from the place up to the city.
    All,
    /// The leader on duty and the place's guards.
    Leaders,
    /// Those standing by in the district, and the police line.
    District,
}

impl Tier {
    /// `None`: it does not ring.
    pub(crate) fn of(state: &str) -> Option<Tier> {
        Some(match state {
            "rung" => Tier::Near,
            "rung-all" => Tier::All,
            "rung-leaders" => Tier::Leaders,
            "rung-district" => Tier::District,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Tier, table::*};

    #[test]
    fn every_state_that_is_no_end_has_a_way_out() {
        for state in STATES {
            let leaves = STEPS.iter().any(|(_, from, to, _)| *from == state && *to != state);
            assert_eq!(leaves, !ENDS.contains(&state), "{state}");
        }
    }

    #[test]
    fn ringing_ends_by_a_person_alone_and_every_step_of_it_is_a_tier() {
        for state in STATES {
            assert_eq!(Tier::of(state).is_some(), RINGING.contains(&state), "{state}");
        }
        for (event, from, to, roles) in STEPS.iter().filter(|s| RINGING.contains(&s.1)) {
            let goes_on = RINGING.contains(to);
            assert_eq!(roles.contains(&"clock"), goes_on, "{event} {from}: a clock rings on and never stops it");
            if goes_on {
                assert!(Tier::of(from) < Tier::of(to), "{event} {from}");
            }
        }
    }
}
