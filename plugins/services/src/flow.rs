//! The flow of a matter (requirements §2.1). Owners, clocks and guards are data of the host: `data/flows/matter-3.toml`.
//!
//! Version 3 is version 2 of [`table`] with the reporter in the place of any resident, and with `inform`: a public word that moves
//! nothing and stops no clock but that of silence. Versions 1 and 2 stay declared for ever: matters that began under them end under
//! them. What another system says of a matter is one event (`told-STATE`), because how it came there is not known here.

use changzhi_sdk::Flow;

#[allow(dead_code)]
pub(crate) mod table {
    include!("flow_table.rs");
}
mod first;

pub(crate) use first::{matter as first_matter, walk};

/// Version 2: matters that began under it end under it.
pub(crate) fn second_matter() -> Flow {
    version(table::VERSION, &table::STEPS)
}

pub(crate) fn matter() -> Flow {
    version(table::THIRD, &table::third())
}

fn version(version: u32, steps: &[table::Step]) -> Flow {
    let flow = table::STATES.iter().fold(Flow::new("matter", version), |flow, state| {
        let label = format!("state-{state}");
        if table::ENDS.contains(state) { flow.end(state, &label) } else { flow.state(state, &label) }
    });
    let own = steps.iter().fold(flow, |flow, (event, from, to, roles)| flow.step(event, from, to, roles));
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
    fn under_version_three_only_the_reporter_and_the_desk_speak_for_a_matter_and_a_word_moves_nothing() {
        let steps = third();
        assert!(steps.iter().all(|s| !s.3.contains(&"resident")));
        for event in ["supplement", "reopen", "withdraw", "unmerge"] {
            assert!(steps.iter().filter(|s| s.0 == event).all(|s| s.3.contains(&"reporter")), "{event}");
        }
        let words: Vec<_> = steps.iter().filter(|s| s.0 == "inform").collect();
        assert!(!words.is_empty() && words.iter().all(|s| s.1 == s.2 && STATES.contains(&s.1)));
        assert_eq!(steps.len(), STEPS.len() + words.len());
    }

    #[test]
    fn every_state_another_system_may_tell_is_one_of_ours() {
        assert!(TOLD.iter().all(|t| STATES.contains(t)));
    }
}
