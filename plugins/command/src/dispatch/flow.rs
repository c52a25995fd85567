//! The flows of a task and of a handover. Their clocks are data of the host: `data/flows/task.toml`, `data/flows/handover.toml`.

use changzhi_sdk::Flow;

#[allow(dead_code)]
pub(super) mod table {
    include!("flow_table.rs");
}

fn flow(name: &str, states: &[&str], ends: &[&str], steps: &[table::Step]) -> Flow {
    let flow = states.iter().fold(Flow::new(name, table::VERSION), |flow, state| {
        let label = format!("state-{state}");
        if ends.contains(state) { flow.end(state, &label) } else { flow.state(state, &label) }
    });
    steps.iter().fold(flow, |flow, (event, from, to, roles)| flow.step(event, from, to, roles))
}

pub(crate) fn task_flow() -> Flow {
    flow("task", &table::STATES, &table::ENDS, &table::STEPS)
}

pub(crate) fn handover_flow() -> Flow {
    flow("handover", &table::HANDOVER_STATES, &table::HANDOVER_ENDS, &table::HANDOVER_STEPS)
}

#[cfg(test)]
mod tests {
    use super::table::*;

    #[test]
    fn every_state_that_is_no_end_is_open_and_a_person_can_leave_it() {
        for state in STATES {
            let out: Vec<_> = STEPS.iter().filter(|(_, from, to, _)| *from == state && *to != state).collect();
            assert_eq!(out.is_empty(), ENDS.contains(&state), "{state}");
            assert_eq!(out.is_empty(), !OPEN.contains(&state), "{state}");
            assert!(out.is_empty() || out.iter().any(|(_, _, _, roles)| !roles.contains(&"clock")), "{state}");
        }
    }

    #[test]
    fn a_clock_ends_an_offer_and_nothing_else() {
        let by_clock: Vec<_> = STEPS.iter().filter(|s| s.3.contains(&"clock")).map(|s| (s.0, s.1)).collect();
        assert_eq!(by_clock, [("no-answer", "offered")]);
    }
}
