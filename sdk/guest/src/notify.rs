//! Messages to people outside: the effects a plugin may ask for, as typed wishes.
//!
//! A plugin says whom and which message; the host knows channels, quiet hours and languages, sends after commit, tries again and journals
//! what became of it. What is said here is in the journal in the open, but for what [`Notify::sealed`] points at: no personal data, no
//! code, no address. A message tells that there is something to see, not what.

use crate::bindings::changzhi::platform::changes as wit;
use crate::value::named;
use crate::{EntityId, Field, FieldValue, Micros, Value};

/// A wish for an effect outside, for [`crate::Changes::intent`]: made from a [`Notify`] or a [`NotifyRoles`].
#[derive(Clone, PartialEq, Debug)]
pub struct Intent(pub(crate) wit::Intent);

/// Kind and what every wish says.
fn wish(kind: &str) -> wit::Intent {
    wit::Intent { kind: kind.to_owned(), entity: None, args: Vec::new() }
}

/// The setters both wishes have.
macro_rules! says {
    ($wish:ident) => {
        impl $wish {
            /// The record it is about: its page is what a link leads to, and shows whether the message got through.
            pub fn about(mut self, entity: EntityId) -> Self {
                self.0.entity = Some(entity.0);
                self
            }

            /// An argument of the message, in the open.
            pub fn with(self, name: &str, value: impl Into<Value>) -> Self {
                self.arg(&format!("with.{name}"), value)
            }

            /// Goes out in quiet hours too.
            pub fn urgent(self) -> Self {
                self.arg("urgency", "urgent")
            }

            /// After this it says nothing any more, and is not sent.
            pub fn until(self, until: Micros) -> Self {
                self.arg("until", until)
            }

            fn arg(mut self, name: &str, value: impl Into<Value>) -> Self {
                self.0.args.push(named(name, value));
                self
            }
        }

        impl From<$wish> for Intent {
            fn from(wish: $wish) -> Intent {
                Intent(wish.0)
            }
        }
    };
}

/// One message to one person. `message` is a key of the plugin's message files; `$matter` in it is the number of what it is about.
#[derive(Clone, PartialEq, Debug)]
pub struct Notify(wit::Intent);

says!(Notify);

impl Notify {
    /// To an account, by its own channels.
    pub fn account(account: EntityId, message: &str) -> Notify {
        Notify(wish("notify")).arg("message", message).arg("to", account)
    }

    /// To whoever a sealed field of a record says how to reach.
    pub fn contact<T: FieldValue, W>(record: EntityId, field: Field<T, W>, message: &str) -> Notify {
        Notify(wish("notify")).arg("message", message).or_contact(record, field)
    }

    /// What the record says, where the account has no channel of its own.
    pub fn or_contact<T: FieldValue, W>(self, record: EntityId, field: Field<T, W>) -> Notify {
        self.arg("contact", record).arg("contact-field", format!("{}.{}", field.facet(), field.name()))
    }

    /// An argument of the message that stays sealed: opened for this receiver, at the moment of sending.
    pub fn sealed<T: FieldValue, W>(self, name: &str, record: EntityId, field: Field<T, W>) -> Notify {
        let at = format!("{}.{}", field.facet(), field.name());
        self.arg(&format!("sealed.{name}"), record).arg(&format!("field.{name}"), at)
    }
}

/// One message to everybody who holds one of these roles about a place and can be reached: the nearest place that has any, or
/// [`NotifyRoles::all`].
#[derive(Clone, PartialEq, Debug)]
pub struct NotifyRoles(wit::Intent);

says!(NotifyRoles);

impl NotifyRoles {
    /// About the place where the record of [`NotifyRoles::about`] lies.
    pub fn of(roles: &[&str], message: &str) -> NotifyRoles {
        NotifyRoles(wish("notify-roles")).arg("message", message).arg("roles", roles.join(" "))
    }

    /// Those of every place from there up to the whole city, and not only those nearest.
    pub fn all(self) -> NotifyRoles {
        self.arg("reach", "all")
    }

    /// About another place.
    pub fn at(self, place: EntityId) -> NotifyRoles {
        self.arg("place", place)
    }
}
