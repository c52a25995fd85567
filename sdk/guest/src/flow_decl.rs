//! A flow as data: the states an entity runs through and the events that move it.

use crate::bindings::changzhi::platform::describe as wit;

/// Builds a flow. The first state named is the one an entity begins in.
///
/// ```
/// use changzhi_sdk::Flow;
/// let flow = Flow::new("report", 1)
///     .state("filed", "state-filed")
///     .state("accepted", "state-accepted")
///     .end("closed", "state-closed")
///     .step("accept", "filed", "accepted", &["clerk"])
///     .step("close", "accepted", "closed", &["clerk", "chief"]);
/// ```
///
/// The host refuses a flow with a state that has no way out and is no end, or that nothing leads to.
#[derive(Clone, PartialEq, Debug)]
pub struct Flow(wit::Flow);

impl Flow {
    /// `version` rises when the flow changes, so that running entities can be told apart.
    pub fn new(name: &str, version: u32) -> Flow {
        Flow(wit::Flow {
            name: name.to_owned(),
            version,
            initial: String::new(),
            states: Vec::new(),
            transitions: Vec::new(),
        })
    }

    fn add(mut self, name: &str, label: &str, terminal: bool) -> Flow {
        if self.0.states.is_empty() {
            self.0.initial = name.to_owned();
        }
        self.0.states.push(wit::State { name: name.to_owned(), label: label.to_owned(), terminal });
        self
    }

    /// A state with a way out.
    pub fn state(self, name: &str, label: &str) -> Flow {
        self.add(name, label, false)
    }

    /// A state where it may end.
    pub fn end(self, name: &str, label: &str) -> Flow {
        self.add(name, label, true)
    }

    /// `event` leads from `source` to `target`; any of `roles` may raise it, everybody when empty.
    pub fn step(mut self, event: &str, source: &str, target: &str, roles: &[&str]) -> Flow {
        self.0.transitions.push(wit::Transition {
            event: event.to_owned(),
            source: source.to_owned(),
            target: target.to_owned(),
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        });
        self
    }

    pub(crate) fn into_wit(self) -> wit::Flow {
        self.0
    }
}
