//! What a plugin declares besides its commands and views.

use crate::bindings::changzhi::platform::describe as wit;
use crate::bindings::changzhi::platform::types::{Family, Named};
use crate::{Flow, Refusal, Value};

/// A component of an entity with its fields; made by `#[derive(Facet)]`.
pub trait Facet: Sized {
    /// `plugin.name`.
    const NAME: &'static str;
    fn declare() -> wit::Facet;
    #[doc(hidden)]
    fn into_fields(self) -> Vec<Named>;
}

/// The body of a command, or the parameters of a view or job; made by `#[derive(Body)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a command's body",
    note = "put `#[derive(Body)]` on the struct that holds the fields"
)]
pub trait Body: Sized {
    fn declare() -> Vec<wit::Field>;
    /// Reads one value for each declared field, in order. The host has checked them; what does not fit is refused.
    fn read(values: Vec<Value>) -> Result<Self, Refusal>;
}

/// No fields at all.
impl Body for () {
    fn declare() -> Vec<wit::Field> {
        Vec::new()
    }
    fn read(values: Vec<Value>) -> Result<(), Refusal> {
        if values.is_empty() { Ok(()) } else { Err(Refusal::other(format!("{} values too many", values.len()))) }
    }
}

/// A kind of entity this plugin brings.
#[derive(Clone, PartialEq, Debug)]
pub struct Kind(wit::Kind);

impl Kind {
    fn of(name: &str, on: Family) -> Kind {
        Kind(wit::Kind { name: name.to_owned(), on, label: name.to_owned(), flow: None })
    }

    pub fn people(name: &str) -> Kind {
        Kind::of(name, Family::People)
    }

    pub fn places(name: &str) -> Kind {
        Kind::of(name, Family::Places)
    }

    pub fn events(name: &str) -> Kind {
        Kind::of(name, Family::Events)
    }

    /// Key of the message shown to people; the name when not said.
    pub fn label(mut self, label: &str) -> Kind {
        self.0.label = label.to_owned();
        self
    }

    /// The flow that entities of this kind run through.
    pub fn flow(mut self, flow: &str) -> Kind {
        self.0.flow = Some(flow.to_owned());
        self
    }
}

impl From<Kind> for wit::Kind {
    fn from(k: Kind) -> wit::Kind {
        k.0
    }
}

/// Something the plugin asks for, with the reason that the person who approves it will read. The plugin's own facets and
/// kinds are asked for by [`crate::plugin!`] itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Grant(wit::Grant);

impl Grant {
    fn of(name: &str, access: &str, reason: &str) -> Grant {
        Grant(wit::Grant { name: name.to_owned(), access: access.to_owned(), reason: reason.to_owned() })
    }

    /// Reading the world: queries, tallies, places.
    pub fn world(reason: &str) -> Grant {
        Grant::of("world", "import", reason)
    }

    /// Opening sealed fields, under a purpose.
    pub fn people(reason: &str) -> Grant {
        Grant::of("people", "import", reason)
    }

    /// Asking what may happen next to an entity.
    pub fn flow(reason: &str) -> Grant {
        Grant::of("flow", "import", reason)
    }

    /// Reading a facet (`host.place`) or a kind (`kind:grid`) of somebody else.
    pub fn read(what: &str, reason: &str) -> Grant {
        Grant::of(what, "r", reason)
    }

    /// Reading and writing a facet or kind of somebody else.
    pub fn write(what: &str, reason: &str) -> Grant {
        Grant::of(what, "rw", reason)
    }
}

impl From<Grant> for wit::Grant {
    fn from(g: Grant) -> wit::Grant {
        g.0
    }
}

impl From<Flow> for wit::Flow {
    fn from(f: Flow) -> wit::Flow {
        f.into_wit()
    }
}
