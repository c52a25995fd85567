//! What a command changed, read back from the journal.

use crate::TestError;
use changzhi_model::{EntityId, Fact, Named, Seq, Stored, Value};
use std::fmt::Write;

/// A command that was done.
#[derive(Clone, PartialEq, Debug)]
pub struct Done {
    /// Its transaction, or the revision it was judged at when nothing needed to change.
    pub seq: Seq,
    /// Answered from the first time, under the same key.
    pub replayed: bool,
    pub answer: Vec<Named>,
    /// What became so, in order; empty when nothing needed to change.
    pub facts: Vec<Fact>,
}

impl Done {
    /// A value of the answer.
    pub fn value(&self, name: &str) -> Result<&Value, TestError> {
        let found = self.answer.iter().find(|n| n.name == name).map(|n| &n.value);
        found.ok_or_else(|| TestError::Wrong(format!("the answer has no {name:?}: {:?}", self.answer)))
    }

    /// An entity of the answer.
    pub fn id(&self, name: &str) -> Result<EntityId, TestError> {
        let value = self.value(name)?;
        value.as_entity().ok_or_else(|| TestError::Wrong(format!("{name:?} of the answer is no entity: {value:?}")))
    }

    /// A text of the answer.
    pub fn text(&self, name: &str) -> Result<&str, TestError> {
        let value = self.value(name)?;
        value.as_text().ok_or_else(|| TestError::Wrong(format!("{name:?} of the answer is no text: {value:?}")))
    }

    /// The entities it made of a kind.
    pub fn created(&self, kind: &str) -> Vec<EntityId> {
        let of_kind = |fact: &Fact| match fact {
            Fact::Created { id, kind: k, .. } if k == kind => Some(*id),
            _ => None,
        };
        self.facts.iter().filter_map(of_kind).collect()
    }

    /// A line for each fact, in order, for one `assert_eq!`:
    ///
    /// | line | fact |
    /// |---|---|
    /// | `create KIND CATEGORY STATE` | an entity is made (a part that is empty is left out) |
    /// | `put FACET field field*` | these fields are set; a `*` marks one that is sealed, a `-` one that is cleared |
    /// | `advance EVENT SOURCE>TARGET` | a step of the flow |
    /// | `note KIND`, `move`, `recategorise CATEGORY`, `intend KIND`, `look FACET`, `erase` | |
    /// | `start JOB`, `step DONE/TOTAL` | long work was asked for, made a step |
    pub fn changes(&self) -> Vec<String> {
        let own = |fact: &&Fact| !matches!(fact, Fact::Put { facet, .. } if facet == "host.track");
        self.facts.iter().filter(own).map(line).collect()
    }
}

fn line(fact: &Fact) -> String {
    match fact {
        Fact::Created { kind, category, state, .. } => {
            let parts = [kind.as_str(), category, state];
            format!("create {}", parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" "))
        }
        Fact::Put { facet, fields, .. } => {
            let mut line = format!("put {facet}");
            for (name, stored) in fields {
                let mark = match stored {
                    Stored::Sealed(_) => "*",
                    Stored::Open(Value::None) => "-",
                    Stored::Open(_) => "",
                };
                // Writing to a string does not fail.
                let _ = write!(line, " {name}{mark}");
            }
            line
        }
        Fact::Advanced { event, source, target, .. } => format!("advance {event} {source}>{target}"),
        Fact::Noted { kind, .. } => format!("note {kind}"),
        Fact::Intended { kind, .. } => format!("intend {kind}"),
        Fact::Moved { .. } => "move".into(),
        Fact::Recategorised { category, .. } => format!("recategorise {category}"),
        Fact::Looked { facet, .. } => format!("look {facet}"),
        Fact::Erased { .. } => "erase".into(),
        Fact::PluginSwitched { plugin, version, .. } => format!("switch {plugin} {version}"),
        Fact::Settled { outcome, .. } => format!("settle {}", if outcome.is_ok() { "done" } else { "failed" }),
        Fact::Reacted { plugin, .. } => format!("react {plugin}"),
        Fact::Declared { plugin, .. } => format!("declare {plugin}"),
        Fact::JobStarted { name, .. } => format!("start {name}"),
        Fact::Stepped { done, total, .. } => format!("step {done}/{total}"),
    }
}
