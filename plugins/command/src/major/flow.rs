//! The flows of a plan and of a watch. Their clocks are data of the host: `data/flows/major.toml`, `data/flows/major-watch.toml`.

use changzhi_sdk::Flow;

#[allow(dead_code)]
pub(crate) mod table {
    include!("flow_table.rs");
}

fn flow(name: &str, label: &str, states: &[&str], ends: &[&str], steps: &[table::Step]) -> Flow {
    let flow = states.iter().fold(Flow::new(name, table::VERSION), |flow, state| {
        let label = format!("state-{label}-{state}");
        if ends.contains(state) { flow.end(state, &label) } else { flow.state(state, &label) }
    });
    steps.iter().fold(flow, |flow, (event, from, to, roles)| flow.step(event, from, to, roles))
}

pub(crate) fn major_flow() -> Flow {
    flow("major", "major", &table::STATES, &table::ENDS, &table::STEPS)
}

pub(crate) fn major_watch_flow() -> Flow {
    flow("major-watch", "watch", &table::WATCH_STATES, &table::WATCH_ENDS, &table::WATCH_STEPS)
}

#[cfg(test)]
mod tests {
    use super::table::*;

    fn leaves(steps: &[Step], state: &str) -> bool {
        steps.iter().any(|(_, from, to, _)| *from == state && *to != state)
    }

    #[test]
    fn every_state_that_is_no_end_has_a_way_out_and_no_end_has_one() {
        for state in STATES {
            assert_eq!(leaves(&STEPS, state), !ENDS.contains(&state), "{state}");
        }
        for state in WATCH_STATES {
            assert_eq!(leaves(&WATCH_STEPS, state), !WATCH_ENDS.contains(&state), "{state}");
        }
    }

    #[test]
    fn no_clock_moves_a_plan_and_only_the_end_of_a_shift_moves_a_watch() {
        assert!(STEPS.iter().all(|(.., roles)| !roles.contains(&"clock")));
        let by_clock: Vec<_> = WATCH_STEPS.iter().filter(|s| s.3.contains(&"clock")).map(|s| s.0).collect();
        assert_eq!(by_clock, ["relieve", "relieve"]);
    }

    #[test]
    fn whoever_plans_does_not_approve_by_role_alone() {
        let approve = STEPS.iter().find(|s| s.0 == "approve").unwrap();
        assert!(!approve.3.contains(&"operator") && !approve.3.contains(&"duty-officer"));
    }
}
