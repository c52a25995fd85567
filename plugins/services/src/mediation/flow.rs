//! The flow of a dispute: [`table`], declared.

use changzhi_sdk::Flow;

#[allow(dead_code)]
pub(crate) mod table {
    include!("flow_table.rs");
}

pub(crate) fn dispute() -> Flow {
    let flow = table::STATES.iter().fold(Flow::new("dispute", table::VERSION), |flow, state| {
        let label = format!("state-{state}");
        if table::ENDS.contains(state) { flow.end(state, &label) } else { flow.state(state, &label) }
    });
    table::STEPS.iter().fold(flow, |flow, (event, from, to, roles)| flow.step(event, from, to, roles))
}

#[cfg(test)]
mod tests {
    use super::table::*;

    #[test]
    fn every_state_that_is_no_end_has_a_way_out_and_can_be_reached() {
        for state in STATES {
            let leaves = STEPS.iter().any(|(_, from, to, _)| *from == state && *to != state);
            assert_eq!(leaves, !ENDS.contains(&state), "{state}");
            let reached = state == STATES[0] || STEPS.iter().any(|(_, from, to, _)| *to == state && *from != state);
            assert!(reached, "{state}");
        }
    }

    #[test]
    fn a_party_can_leave_from_every_state_between_consent_and_the_sealed_agreement() {
        let before =
            ["accepted", "mediator-set", "preparing", "scheduled", "in-session", "drafting", "reading", "signing"];
        for state in before {
            let fails = STEPS.iter().any(|(event, from, ..)| *event == "fail" && *from == state);
            let goes_on =
                STEPS.iter().any(|(event, from, ..)| ["party-left", "redraft"].contains(event) && *from == state);
            assert!(fails && goes_on, "{state}");
        }
    }
}
