//! Why the gate did not let somebody through.

use changzhi_model::{EntityId, Name, Problem};
use std::time::Duration;

/// Each case knows its HTTP status and its message key; the portal adds the words.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum GateRefusal {
    #[error("sign in first, or send a token that is valid: Authorization: Bearer …")]
    NotSignedIn,
    /// The same for a login that does not exist and a password that does not fit.
    #[error("login or password is wrong")]
    WrongPassword,
    /// The same for a number that does not exist and a PIN that does not fit.
    #[error("the code or the PIN is wrong")]
    WrongPin,
    #[error("too many attempts: wait {} s", .0.as_secs().max(1))]
    Throttled(Duration),
    #[error("more than {per_second} commands a second: wait {} ms, or send them slower", wait.as_millis().max(1))]
    Rate { per_second: u32, wait: Duration },
    /// The deployment's plugin sets leave this place out.
    #[error("plugin {plugin} does not answer here{}: it answers in {}", at(*place), codes(divisions))]
    NotServed { plugin: Name, place: Option<EntityId>, divisions: Vec<Name> },
    #[error("{0} does not exist: /api/openapi.json lists what does")]
    NotFound(String),
    #[error("needs one of the roles {needed:?}: an administrator can grant it")]
    Role { needed: Vec<Name> },
    #[error("entity {0} lies outside the divisions where your role holds")]
    Division(EntityId),
    #[error("your role holds in several divisions {0:?}: name one as the place (header X-Place)")]
    PlaceNeeded(Vec<EntityId>),
    #[error("this needs a stated purpose (header X-Purpose), one of {0:?}")]
    PurposeNeeded(Vec<Name>),
    #[error("the purpose {0:?} is not one this account may state")]
    Purpose(Name),
    #[error("{} problems in the body", .0.len())]
    Invalid(Vec<Problem>),
    #[error("the Idempotency-Key must have 1 to 200 visible ASCII characters")]
    Key,
    #[error("not possible now: {0}")]
    Unavailable(String),
}

fn at(place: Option<EntityId>) -> String {
    place.map_or(String::new(), |place| format!(" (place {place})"))
}

fn codes(divisions: &[Name]) -> String {
    if divisions.is_empty() { "no division: no set names it".into() } else { divisions.join(", ") }
}

impl GateRefusal {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            GateRefusal::NotSignedIn | GateRefusal::WrongPassword | GateRefusal::WrongPin => 401,
            GateRefusal::Role { .. } | GateRefusal::Division(_) | GateRefusal::Purpose(_) => 403,
            GateRefusal::NotServed { .. } => 403,
            GateRefusal::NotFound(_) => 404,
            GateRefusal::Invalid(_) | GateRefusal::PlaceNeeded(_) | GateRefusal::PurposeNeeded(_) => 422,
            GateRefusal::Key => 400,
            GateRefusal::Throttled(_) | GateRefusal::Rate { .. } => 429,
            GateRefusal::Unavailable(_) => 503,
        }
    }

    /// Message key of the host, without its prefix: `error-role` and so on.
    pub fn code(&self) -> &'static str {
        match self {
            GateRefusal::NotSignedIn => "not-signed-in",
            GateRefusal::WrongPassword => "wrong-password",
            GateRefusal::WrongPin => "wrong-pin",
            GateRefusal::Throttled(_) => "throttled",
            GateRefusal::Rate { .. } => "rate",
            GateRefusal::NotServed { .. } => "not-served",
            GateRefusal::NotFound(_) => "not-found",
            GateRefusal::Role { .. } => "role",
            GateRefusal::Division(_) => "division",
            GateRefusal::PlaceNeeded(_) => "place-needed",
            GateRefusal::PurposeNeeded(_) => "purpose-needed",
            GateRefusal::Purpose(_) => "purpose",
            GateRefusal::Invalid(_) => "invalid",
            GateRefusal::Key => "key",
            GateRefusal::Unavailable(_) => "unavailable",
        }
    }
}
