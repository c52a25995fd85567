//! Version 1 of the flow of a matter, and how to walk it. A shipped version never changes.

use changzhi_sdk::Flow;

/// The one state without a way out. A closed or refused matter can still be reopened, so neither is an end.
const ENDS: [&str; 1] = ["withdrawn"];
const STATES: [&str; 9] =
    ["submitted", "accepted", "assigned", "handling", "answered", "closed", "not-accepted", "withdrawn", "reopened"];

const DESK: &[&str] = &["operator", "admin"];
const FIELD: &[&str] = &["unit", "grid-worker", "operator", "admin"];
const CHECK: &[&str] = &["verifier", "operator", "admin"];
const VOICE: &[&str] = &["resident", "verifier", "operator", "admin"];

type Step = (&'static str, &'static str, &'static str, &'static [&'static str]);

const STEPS: [Step; 15] = [
    ("accept", "submitted", "accepted", DESK),
    ("refuse", "submitted", "not-accepted", DESK),
    ("assign", "accepted", "assigned", DESK),
    ("assign", "assigned", "assigned", DESK),
    ("assign", "reopened", "assigned", DESK),
    ("start", "assigned", "handling", FIELD),
    ("answer", "handling", "answered", FIELD),
    ("close", "answered", "closed", CHECK),
    ("reopen", "answered", "reopened", VOICE),
    ("reopen", "closed", "reopened", VOICE),
    ("reopen", "not-accepted", "reopened", VOICE),
    ("withdraw", "submitted", "withdrawn", VOICE),
    ("withdraw", "accepted", "withdrawn", VOICE),
    ("withdraw", "assigned", "withdrawn", VOICE),
    ("withdraw", "handling", "withdrawn", VOICE),
];

pub(crate) fn matter() -> Flow {
    let flow = STATES.iter().fold(Flow::new("matter", 1), |flow, state| {
        let label = format!("state-{state}");
        if ENDS.contains(state) { flow.end(state, &label) } else { flow.state(state, &label) }
    });
    STEPS.iter().fold(flow, |flow, (event, source, target, roles)| flow.step(event, source, target, roles))
}

/// The fewest events that lead from one state to another; `None` when nothing does. For imports, which know where a matter
/// stands and not how it came there.
pub(crate) fn walk(from: &str, to: &str) -> Option<Vec<&'static str>> {
    let mut seen = vec![from];
    let mut open: Vec<(&str, Vec<&'static str>)> = vec![(from, Vec::new())];
    while !open.is_empty() {
        let mut next = Vec::new();
        for (state, path) in open {
            if state == to {
                return Some(path);
            }
            for (event, _, target, _) in STEPS.iter().filter(|s| s.1 == state) {
                if !seen.contains(target) {
                    seen.push(target);
                    let mut path = path.clone();
                    path.push(event);
                    next.push((*target, path));
                }
            }
        }
        open = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(from: &'static str, events: &[&str]) -> &'static str {
        events.iter().fold(from, |state, event| {
            let step = STEPS.iter().find(|s| s.1 == state && s.0 == *event);
            step.unwrap_or_else(|| panic!("{event} from {state}")).2
        })
    }

    #[test]
    fn every_walk_ends_where_it_should_and_only_withdrawn_is_final() {
        for from in STATES {
            for to in STATES {
                match walk(from, to) {
                    Some(events) => assert_eq!(run(from, &events), to),
                    None => assert!(
                        from == "withdrawn" || matches!(to, "submitted" | "accepted" | "not-accepted"),
                        "{from} to {to}"
                    ),
                }
            }
        }
    }

    #[test]
    fn a_new_matter_can_be_walked_to_every_state_but_withdrawing_is_never_on_the_way() {
        for to in STATES {
            let events = walk("submitted", to).unwrap();
            assert!(to == "withdrawn" || !events.contains(&"withdraw"));
        }
        assert_eq!(walk("submitted", "closed").unwrap(), ["accept", "assign", "start", "answer", "close"]);
    }

    #[test]
    fn every_state_that_is_no_end_has_a_way_out() {
        for state in STATES {
            assert!(ENDS.contains(&state) || STEPS.iter().any(|s| s.1 == state), "{state}");
        }
    }
}
