//! What the parts that travel as `other` nodes are made of: a kind, typed attributes, and a fallback for hosts that do not know it.
//! Authors never see this; `docs/views.md` lists what each builder sends.

use super::element::{Element, call};
use crate::bindings::changzhi::platform::types::Named;
use crate::bindings::changzhi::platform::view as wit;
use crate::value::named;
use crate::{Text, Value};

/// Where something leads: a command to be given or a view to be opened, with its arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct To {
    pub(crate) name: String,
    pub(crate) args: Vec<Named>,
}

impl To {
    /// A command or view of this plugin, or `plugin/name` of another.
    pub fn new(name: &str) -> To {
        To { name: name.to_owned(), args: Vec::new() }
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> To {
        self.args.push(named(name, value));
        self
    }

    pub(crate) fn into_call(self) -> wit::Call {
        call(&self.name, self.args)
    }
}

impl From<&str> for To {
    fn from(name: &str) -> To {
        To::new(name)
    }
}

/// One `other` node with what is under it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Part {
    head: wit::Other,
    body: Element,
}

impl Part {
    pub(crate) fn new(kind: &str, fallback: impl Into<Text>) -> Part {
        let head = wit::Other { kind: kind.to_owned(), attributes: Vec::new(), fallback: fallback.into() };
        Part { head, body: Element::new(wit::NodeKind::Detail) }
    }

    pub(crate) fn key(mut self, key: impl ToString) -> Part {
        self.body.set_key(key);
        self
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<Value>) -> Part {
        self.head.attributes.push(named(name, value));
        self
    }

    /// `NAME` and `NAME.ARGUMENT…`.
    pub(crate) fn to(mut self, name: &str, to: impl Into<To>) -> Part {
        let to = to.into();
        self.head.attributes.push(named(name, to.name.as_str()));
        for arg in to.args {
            self.head.attributes.push(Named { name: format!("{name}.{}", arg.name), value: arg.value });
        }
        self
    }

    pub(crate) fn add(mut self, child: impl Into<Element>) -> Part {
        self.body.push(child);
        self
    }
}

impl From<Part> for Element {
    fn from(p: Part) -> Element {
        let mut body = p.body;
        if let Some(kind) = body.root_mut() {
            *kind = wit::NodeKind::Other(p.head);
        }
        body
    }
}

/// The common surface of a part: a stable key, and turning into an element.
macro_rules! part {
    ($($name:ident),+) => {$(
        impl $name {
            /// Names it for good: the same whenever the same thing is shown, unique among its siblings.
            pub fn key(mut self, key: impl ToString) -> $name {
                self.0 = self.0.key(key);
                self
            }
        }

        impl From<$name> for super::element::Element {
            fn from(p: $name) -> super::element::Element {
                p.0.into()
            }
        }
    )+};
}
pub(crate) use part;

/// A part of a page that comes later: the host shows that it is on its way and fills it in from another view.
#[derive(Clone, PartialEq, Debug)]
pub struct Pending(Part);

impl Pending {
    /// `label` says what it will be; `from` is the view that makes it.
    pub fn new(label: impl Into<Text>, from: impl Into<To>) -> Pending {
        Pending(Part::new("pending", label).to("open", from))
    }
}

part!(Pending);
