//! A part of a page: one node and everything under it, already flat.

use crate::bindings::changzhi::platform::types::Named;
use crate::bindings::changzhi::platform::view::{Call, Node, NodeKind};
use crate::value::named;
use crate::{EntityId, Value};

/// One node with what is under it. Every builder of a page turns into one.
#[derive(Clone, PartialEq, Debug)]
pub struct Element {
    nodes: Vec<Node>,
}

impl Element {
    pub(crate) fn new(kind: NodeKind) -> Element {
        Element { nodes: vec![Node { key: String::new(), children: 0, kind }] }
    }

    /// Names it for good: the key must be the same whenever the same thing is shown, and unique among its siblings.
    /// Without one it is named by its place among them.
    pub fn key(mut self, key: impl ToString) -> Element {
        self.set_key(key);
        self
    }

    pub(crate) fn set_key(&mut self, key: impl ToString) {
        if let Some(root) = self.nodes.first_mut() {
            root.key = key.to_string();
        }
    }

    pub(crate) fn root_mut(&mut self) -> Option<&mut NodeKind> {
        self.nodes.first_mut().map(|n| &mut n.kind)
    }

    fn grow(&mut self) -> u32 {
        match self.nodes.first_mut() {
            Some(root) => {
                root.children = root.children.saturating_add(1);
                root.children
            }
            None => 0,
        }
    }

    /// Adds a child at the end.
    pub(crate) fn push(&mut self, child: impl Into<Element>) {
        let mut child = child.into();
        let place = self.grow();
        child.name_by_place(place);
        self.nodes.append(&mut child.nodes);
    }

    /// Adds a child without children of its own.
    pub(crate) fn push_leaf(&mut self, key: impl ToString, kind: NodeKind) {
        let place = self.grow();
        let mut key = key.to_string();
        if key.is_empty() {
            key = place_key(place);
        }
        self.nodes.push(Node { key, children: 0, kind });
    }

    /// Where the part that begins here ends.
    fn end_of(&self, at: usize) -> usize {
        let (mut left, mut end) = (1_u64, at);
        while left > 0 {
            let Some(node) = self.nodes.get(end) else { break };
            left = left - 1 + u64::from(node.children);
            end += 1;
        }
        end
    }

    /// Takes a child away, if there is one of which this is true.
    pub(crate) fn remove(&mut self, is: impl Fn(&NodeKind) -> bool) {
        let mut at = 1;
        while let Some(node) = self.nodes.get(at) {
            let end = self.end_of(at);
            if is(&node.kind) {
                self.nodes.drain(at..end);
                if let Some(root) = self.nodes.first_mut() {
                    root.children = root.children.saturating_sub(1);
                }
                return;
            }
            at = end;
        }
    }

    pub(crate) fn name_by_place(&mut self, place: u32) {
        if let Some(root) = self.nodes.first_mut().filter(|n| n.key.is_empty()) {
            root.key = place_key(place);
        }
    }

    pub(crate) fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }
}

fn place_key(place: u32) -> String {
    format!("n{place}")
}

/// Opens a view of this plugin, with its parameters.
pub(crate) fn call(name: &str, args: Vec<Named>) -> Call {
    Call { name: name.to_owned(), args }
}

/// The usual parameter of a view about one entity.
pub(crate) fn call_about(name: &str, param: &str, entity: EntityId) -> Call {
    call(name, vec![named(param, Value::from(entity))])
}
