//! Going through the children of an element in the order a schema gives them.

use crate::flaw::{CapError, Flaw, cut};
use crate::tree::Node;

/// Flaws told at most: a broken sender breaks every element.
const FLAWS: usize = 50;

/// What was found wrong so far: against the schema, and beside it.
#[derive(Default)]
pub(crate) struct Found {
    wrong: Vec<Flaw>,
    /// True of a message that is still taken.
    pub(crate) warnings: Vec<Flaw>,
}

impl Found {
    pub(crate) fn wrong(&mut self, flaw: Flaw) {
        if self.wrong.len() < FLAWS {
            self.wrong.push(flaw);
        }
    }

    pub(crate) fn warn(&mut self, flaw: Flaw) {
        if self.warnings.len() < FLAWS {
            self.warnings.push(flaw);
        }
    }

    pub(crate) fn result<T>(self, value: Option<T>) -> Result<(T, Vec<Flaw>), CapError> {
        match value {
            Some(value) if self.wrong.is_empty() => Ok((value, self.warnings)),
            _ => Err(CapError::Invalid(self.wrong)),
        }
    }
}

/// The children of one element, front to back.
pub(crate) struct Children<'n> {
    node: &'n Node,
    path: String,
    left: std::slice::Iter<'n, Node>,
}

impl<'n> Children<'n> {
    pub(crate) fn of(node: &'n Node, path: String) -> Children<'n> {
        Children { node, path, left: node.children.iter() }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    fn is(&self, node: &Node, name: &str) -> bool {
        node.name == name && node.space == self.node.space
    }

    /// The next child, when it has this name.
    pub(crate) fn maybe(&mut self, name: &str) -> Option<&'n Node> {
        let next = self.left.as_slice().first().filter(|n| self.is(n, name))?;
        self.left.next();
        Some(next)
    }

    /// All children of this name that follow one another.
    pub(crate) fn many(&mut self, name: &str) -> Vec<&'n Node> {
        std::iter::from_fn(|| self.maybe(name)).collect()
    }

    /// A child that must be here.
    pub(crate) fn one(&mut self, name: &str, found: &mut Found) -> Option<&'n Node> {
        let node = self.maybe(name);
        if node.is_none() {
            let later = self.left.as_slice().iter().any(|n| self.is(n, name));
            let line = self.left.as_slice().first().map_or(self.node.line, |n| n.line);
            let (what, mend) = match later {
                true => ("stands in the wrong place", "put it in the order of the schema"),
                false => ("is missing", "add it, in the order of the schema"),
            };
            found.wrong(Flaw::new(self.path(name), "order", what, mend).at(line));
        }
        node
    }

    /// The text of an optional child; an empty one is none.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.maybe(name).map(|n| n.trimmed().to_owned()).filter(|t| !t.is_empty())
    }

    /// The text of a child that must be here. An empty one is valid by the schema, which asks for a string.
    pub(crate) fn words(&mut self, name: &str, found: &mut Found) -> Option<String> {
        self.one(name, found).map(|n| n.trimmed().to_owned())
    }

    /// Passes over children of another namespace; true when there was one.
    pub(crate) fn foreign(&mut self, space: &str) -> bool {
        let mut any = false;
        while self.left.as_slice().first().is_some_and(|n| n.space == space) {
            self.left.next();
            any = true;
        }
        any
    }

    /// Nothing may be left.
    pub(crate) fn end(self, found: &mut Found) {
        if let Some(left) = self.left.as_slice().first() {
            let path = format!("{}/{}", self.path, cut(&left.name));
            let mend = "take it out, or put it in the order of the schema";
            found.wrong(Flaw::new(path, "order", "is not expected here", mend).at(left.line));
        }
    }
}
