//! The effects outside a plugin may ask for: a closed list, and what each must say.
//!
//! An intent travels as a kind and named values ([`crate::Intent`]); what those mean is read in one place, here, by the check at
//! commit and by the outbox that does it. Names of arguments:
//!
//! | argument | of | is |
//! |---|---|---|
//! | `to` | notify | an account |
//! | `contact`, `contact-field` | notify | a record and its sealed field (`facet.field`) in which somebody said how to reach them |
//! | `sealed.X`, `field.X` | notify | an argument `X` of the message that is opened from a sealed field at the moment of sending |
//! | `roles`, `place` | notify-roles | role names, spaces between them; where: else where the entity lies |
//! | `reach` | notify-roles | `nearest` (those of the nearest place that has any) or `all` (from there up to the whole city) |
//! | `message`, `with.X` | both | a key of the plugin's message files, and its arguments |
//! | `urgency` | both | `normal` (keeps quiet hours) or `urgent` |
//! | `until` | both | after it the message says nothing any more and is not sent |
//! | `words` | both | whose message files: the host's own, when it asks on behalf of a plugin |
//!
//! Everything but what `sealed.X` points at is in the journal in the open: no personal data, no code, no address.

use crate::{EntityId, Micros, Name, Named, Value};

/// One message to one person.
pub const NOTIFY: Name = Name::new_static("notify");
/// One message to everybody who holds a role about a place.
pub const NOTIFY_ROLES: Name = Name::new_static("notify-roles");

/// All there are.
pub const WISHES: [Name; 2] = [NOTIFY, NOTIFY_ROLES];

/// A sealed field of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedAt {
    pub entity: EntityId,
    pub facet: Name,
    pub field: Name,
}

/// What to say: a message with its arguments, in the language of whoever gets it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Said {
    /// Whose message files; `None`: of the plugin that asked.
    pub words: Option<Name>,
    pub message: String,
    pub with: Vec<Named>,
    pub sealed: Vec<(Name, SealedAt)>,
    pub urgent: bool,
    pub until: Option<Micros>,
}

/// Who is to be told.
#[derive(Clone, PartialEq, Debug)]
pub enum Receiver {
    /// An account by its own channels, else what a record says; one of the two is there.
    One { account: Option<EntityId>, contact: Option<SealedAt> },
    /// Whoever holds one of the roles about the place; `None`: where the entity of the intent lies. `all`: everybody from there up to
    /// the whole city, and not only those nearest.
    Roles { roles: Vec<Name>, place: Option<EntityId>, all: bool },
}

/// An intent, read.
#[derive(Clone, PartialEq, Debug)]
pub struct Wish {
    pub receiver: Receiver,
    pub said: Said,
}

/// What an intent lacks, and how its author mends it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("intent {kind:?}: {why}")]
pub struct WishError {
    pub kind: Name,
    pub why: String,
}

impl Wish {
    /// # Errors
    /// An unknown kind, an argument that is unknown, missing or of another type.
    pub fn read(kind: &Name, args: &[Named]) -> Result<Wish, WishError> {
        let wrong = |why: String| WishError { kind: kind.clone(), why };
        if !WISHES.contains(kind) {
            let known = WISHES.join(", ");
            return Err(wrong(format!("no such effect; ask for one of: {known}, or raise the host's version")));
        }
        let one = *kind == NOTIFY;
        let mut parts = Parts::default();
        for arg in args {
            parts.take(arg, one).map_err(wrong)?;
        }
        parts.whole(one).map_err(wrong)
    }

    /// The kind and arguments it is read from.
    pub fn write(&self) -> (Name, Vec<Named>) {
        let mut args = Vec::new();
        let mut say = |name: &str, value: Value| args.push(Named::new(name, value));
        let point = |say: &mut dyn FnMut(&str, Value), record: &str, field: &str, at: &SealedAt| {
            say(record, Value::Entity(at.entity));
            say(field, Value::Text(format!("{}.{}", at.facet, at.field)));
        };
        let kind = match &self.receiver {
            Receiver::One { account, contact } => {
                if let Some(account) = account {
                    say("to", Value::Entity(*account));
                }
                if let Some(at) = contact {
                    point(&mut say, "contact", "contact-field", at);
                }
                NOTIFY
            }
            Receiver::Roles { roles, place, all } => {
                say("roles", Value::Text(roles.join(" ")));
                if let Some(place) = place {
                    say("place", Value::Entity(*place));
                }
                if *all {
                    say("reach", Value::text("all"));
                }
                NOTIFY_ROLES
            }
        };
        let said = &self.said;
        say("message", Value::text(&said.message));
        say("urgency", Value::text(if said.urgent { "urgent" } else { "normal" }));
        if let Some(until) = said.until {
            say("until", Value::Time(until));
        }
        if let Some(words) = &said.words {
            say("words", Value::text(words.as_str()));
        }
        for named in &said.with {
            say(&format!("with.{}", named.name), named.value.clone());
        }
        for (name, at) in &said.sealed {
            point(&mut say, &format!("sealed.{name}"), &format!("field.{name}"), at);
        }
        (kind, args)
    }

    /// Every sealed field it points at.
    pub fn sealed(&self) -> impl Iterator<Item = &SealedAt> {
        let contact = match &self.receiver {
            Receiver::One { contact, .. } => contact.as_ref(),
            Receiver::Roles { .. } => None,
        };
        contact.into_iter().chain(self.said.sealed.iter().map(|(_, at)| at))
    }
}

/// What is read so far.
#[derive(Default)]
struct Parts {
    to: Option<EntityId>,
    contact: (Option<EntityId>, Option<(Name, Name)>),
    roles: Vec<Name>,
    place: Option<EntityId>,
    all: bool,
    said: Said,
    records: Vec<(Name, EntityId)>,
    fields: Vec<(Name, (Name, Name))>,
}

impl Parts {
    fn take(&mut self, arg: &Named, one: bool) -> Result<(), String> {
        let name = arg.name.as_str();
        let wants = |what: &str| format!("argument {name:?} wants {what}, not {:?}", arg.value);
        let entity = || arg.value.as_entity().filter(|e| !e.is_none()).ok_or_else(|| wants("an entity"));
        let text = || arg.value.as_text().ok_or_else(|| wants("a text"));
        let field = || {
            let found = text()?.rsplit_once('.').map(|(facet, field)| (facet.into(), field.into()));
            found.ok_or_else(|| wants("a field as \"facet.field\""))
        };
        match (name, name.split_once('.')) {
            ("to", _) if one => self.to = Some(entity()?),
            ("contact", _) if one => self.contact.0 = Some(entity()?),
            ("contact-field", _) if one => self.contact.1 = Some(field()?),
            ("roles", _) if !one => self.roles = text()?.split_whitespace().map(Name::from).collect(),
            ("place", _) if !one => self.place = Some(entity()?),
            ("reach", _) if !one => {
                self.all = match text()? {
                    "all" => true,
                    "nearest" => false,
                    _ => return Err(wants("\"nearest\" or \"all\"")),
                }
            }
            ("message", _) => self.said.message = text()?.to_owned(),
            ("words", _) => self.said.words = Some(text()?.into()),
            ("until", _) => self.said.until = Some(arg.value.as_time().ok_or_else(|| wants("a time"))?),
            ("urgency", _) => {
                self.said.urgent = match text()? {
                    "urgent" => true,
                    "normal" => false,
                    _ => return Err(wants("\"normal\" or \"urgent\"")),
                }
            }
            (_, Some(("with", of))) => self.said.with.push(Named::new(of, arg.value.clone())),
            (_, Some(("sealed", of))) if one => self.records.push((of.into(), entity()?)),
            (_, Some(("field", of))) if one => self.fields.push((of.into(), field()?)),
            _ => return Err(format!("argument {name:?} is not known; take it out")),
        }
        Ok(())
    }

    fn whole(mut self, one: bool) -> Result<Wish, String> {
        if self.said.message.is_empty() {
            return Err("argument \"message\" is missing: the key of what is said".into());
        }
        for (name, entity) in std::mem::take(&mut self.records) {
            let at = self.fields.iter().position(|(of, _)| *of == name);
            let at = at.ok_or_else(|| format!("argument \"field.{name}\" is missing: which field of the record"))?;
            let (name, (facet, field)) = self.fields.swap_remove(at);
            self.said.sealed.push((name, SealedAt { entity, facet, field }));
        }
        if let Some((name, _)) = self.fields.first() {
            return Err(format!("argument \"sealed.{name}\" is missing: which record"));
        }
        let receiver = if one {
            let contact = match self.contact {
                (Some(entity), Some((facet, field))) => Some(SealedAt { entity, facet, field }),
                (None, None) => None,
                _ => return Err("give both \"contact\" and \"contact-field\", or neither".into()),
            };
            if self.to.is_none() && contact.is_none() {
                return Err("it is to nobody: give \"to\" (an account) or \"contact\" (a record)".into());
            }
            Receiver::One { account: self.to, contact }
        } else {
            if self.roles.is_empty() {
                return Err("it is to nobody: give \"roles\"".into());
            }
            Receiver::Roles { roles: self.roles, place: self.place, all: self.all }
        };
        Ok(Wish { receiver, said: self.said })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> SealedAt {
        SealedAt { entity: EntityId(9), facet: "services.signing-code".into(), field: "code".into() }
    }

    #[test]
    fn a_wish_reads_as_it_was_written() {
        let said = Said {
            words: Some("services".into()),
            message: "code-sent".into(),
            with: vec![Named::new("minutes", Value::Int(10))],
            sealed: vec![("code".into(), code())],
            urgent: true,
            until: Some(Micros(77)),
        };
        let contact = SealedAt { entity: EntityId(8), facet: "services.party".into(), field: "contact".into() };
        let one = Receiver::One { account: Some(EntityId(7)), contact: Some(contact) };
        let roles = |all| {
            let receiver =
                Receiver::Roles { roles: vec!["unit".into(), "operator".into()], place: Some(EntityId(5)), all };
            Wish { receiver, said: Said { sealed: vec![], ..said.clone() } }
        };
        for wish in [Wish { receiver: one, said: said.clone() }, roles(false), roles(true)] {
            let (kind, args) = wish.write();
            assert_eq!(Wish::read(&kind, &args), Ok(wish));
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_how_to_mend_it() {
        let named = |name: &str, value: Value| Named::new(name, value);
        let to = || named("to", Value::Entity(EntityId(1)));
        let message = || named("message", Value::text("x"));
        for (kind, args, part) in [
            ("sms", vec![], "ask for one of: notify, notify-roles"),
            ("notify", vec![to()], "\"message\" is missing"),
            ("notify", vec![message()], "it is to nobody"),
            ("notify", vec![message(), named("to", Value::text("138"))], "wants an entity"),
            ("notify", vec![message(), to(), named("phone", Value::text("138"))], "\"phone\" is not known"),
            ("notify", vec![message(), to(), named("urgency", Value::text("now"))], "\"normal\" or \"urgent\""),
            ("notify", vec![message(), named("contact", Value::Entity(EntityId(1)))], "both \"contact\""),
            (
                "notify",
                vec![message(), to(), named("sealed.code", Value::Entity(EntityId(1)))],
                "\"field.code\" is missing",
            ),
            ("notify-roles", vec![message()], "give \"roles\""),
            ("notify-roles", vec![message(), to()], "\"to\" is not known"),
            ("notify-roles", vec![message(), named("reach", Value::text("far"))], "\"nearest\" or \"all\""),
            ("notify", vec![message(), to(), named("reach", Value::text("all"))], "\"reach\" is not known"),
        ] {
            let said = Wish::read(&kind.into(), &args).unwrap_err().to_string();
            assert!(said.contains(part) && said.contains(kind), "{said}");
        }
    }
}
