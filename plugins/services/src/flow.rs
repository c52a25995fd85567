//! The flow of a matter (requirements §2.1). Owners, clocks and guards are data of the host: `data/flows/matter.toml`.
//!
//! Version 2 is [`table`]. Version 1 stays declared for ever: matters that began under it end under it. What another system says of
//! a matter is one event (`told-STATE`), because how it came there is not known here.

use changzhi_sdk::Flow;

#[allow(dead_code)]
pub(crate) mod table {
    include!("flow_table.rs");
}
mod first;

pub(crate) use first::{matter as first_matter, walk};

pub(crate) fn matter() -> Flow {
    let flow = table::STATES.iter().fold(Flow::new("matter", table::VERSION), |flow, state| {
        let label = format!("state-{state}");
        if table::ENDS.contains(state) { flow.end(state, &label) } else { flow.state(state, &label) }
    });
    let own = table::STEPS.iter().fold(flow, |flow, (event, from, to, roles)| flow.step(event, from, to, roles));
    table::TOLD.iter().fold(own, |flow, to| {
        let event = format!("told-{to}");
        let open = table::STATES.iter().filter(|s| !table::ENDS.contains(s));
        open.fold(flow, |flow, from| flow.step(&event, from, to, table::TELLERS))
    })
}

#[cfg(test)]
mod tests {
    use super::table::*;

    #[test]
    fn every_state_that_is_no_end_has_a_way_out_and_only_withdrawn_is_an_end() {
        for state in STATES {
            let leaves = STEPS.iter().any(|(_, from, to, _)| *from == state && *to != state);
            assert_eq!(leaves, !ENDS.contains(&state), "{state}");
        }
        assert_eq!(ENDS, ["withdrawn"]);
    }

    #[test]
    fn every_state_another_system_may_tell_is_one_of_ours() {
        assert!(TOLD.iter().all(|t| STATES.contains(t)));
    }
}
