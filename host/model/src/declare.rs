//! What a plugin declares, as `wit/describe.wit` has it. Field meanings are documented there.

use crate::Name;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    People,
    Places,
    Events,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    Public,
    Internal,
    Personal,
    Secret,
}

impl Sensitivity {
    /// Sealed under the entity's own key, and never in a column of the world.
    pub fn is_sealed(self) -> bool {
        matches!(self, Sensitivity::Personal | Sensitivity::Secret)
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    Flag,
    Int,
    Num,
    /// Interned: few distinct values.
    Code,
    /// Short, in memory: at most 256 bytes.
    Text,
    /// Stays in the journal; the world keeps a locator.
    LongText,
    Time,
    /// A reference; `None` = any family.
    Entity(Option<Family>),
    Point,
    /// Of a later interface version: refused by this host.
    Other(Name),
    /// References to attached files: their ids as decimal numbers, split by spaces. Declared as `other("files")`.
    Files,
    /// Accounts: their ids as decimal numbers, split by spaces. What is sealed in a facet with such a field opens for them and for
    /// nobody else, whatever role or purpose somebody holds. Declared as `other("members")`.
    Members,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FieldDecl {
    pub name: Name,
    pub kind: FieldType,
    pub label: Name,
    pub sensitivity: Sensitivity,
    pub required: bool,
    pub unique: bool,
    pub options: Vec<Name>,
    /// Bytes; 0 = the host's limit for the type.
    pub max_len: u32,
    pub min: Option<f64>,
    pub max: Option<f64>,
}

impl FieldDecl {
    /// Bytes a text of this type may have when the declaration does not say.
    pub const TEXT_MAX: u32 = 256;
    pub const LONG_TEXT_MAX: u32 = 64 * 1024;
    /// Files of one field; a declaration may say fewer (`max`).
    pub const FILES_MAX: usize = 10;
    /// Accounts one record may name as its members.
    pub const MEMBERS_MAX: usize = 64;

    /// A public optional field; the rest is set by the caller.
    pub fn new(name: impl Into<Name>, kind: FieldType) -> FieldDecl {
        let name = name.into();
        FieldDecl {
            label: name.clone(),
            name,
            kind,
            sensitivity: Sensitivity::Public,
            required: false,
            unique: false,
            options: Vec::new(),
            max_len: 0,
            min: None,
            max: None,
        }
    }

    /// The gate fills it (the hash of a PIN or of a device's secret, the mark of the account; `changzhi_gate::PIN`, `DEVICE_SECRET`,
    /// `OWN`): nobody is asked for it.
    pub fn is_by_the_gate(&self) -> bool {
        ["pin", "own", "device_secret"].iter().any(|name| self.name == *name) && self.sensitivity == Sensitivity::Secret
    }

    /// Files a field may refer to.
    pub fn files_limit(&self) -> usize {
        let said = self.max.filter(|m| *m >= 1.0).map_or(Self::FILES_MAX, |m| m as usize);
        said.min(Self::FILES_MAX)
    }

    /// The limit in force, in bytes.
    pub fn text_limit(&self) -> u32 {
        let host = match self.kind {
            FieldType::LongText => Self::LONG_TEXT_MAX,
            // An id has 19 digits at most, and a space before the next.
            FieldType::Members => Self::MEMBERS_MAX as u32 * 20,
            _ => Self::TEXT_MAX,
        };
        if self.max_len == 0 { host } else { self.max_len.min(host) }
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FacetDecl {
    /// `plugin.name`, for example `services.report`; `host.…` is the host's own.
    pub name: Name,
    pub on: Family,
    pub label: Name,
    pub fields: Vec<FieldDecl>,
}

impl FacetDecl {
    pub fn field(&self, name: &str) -> Option<&FieldDecl> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// Where a field is in the list. What names many fields mostly names them in order: looked for from `hint` on first.
    pub fn position(&self, hint: usize, name: &str) -> Option<usize> {
        let is = |f: &FieldDecl| f.name == name;
        let (before, after) = self.fields.split_at_checked(hint)?;
        let later = after.iter().position(is).map(|n| n + hint);
        later.or_else(|| before.iter().position(is))
    }

    /// The field that says for whom alone its sealed fields open.
    pub fn members(&self) -> Option<&FieldDecl> {
        self.fields.iter().find(|f| f.kind == FieldType::Members)
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct KindDecl {
    pub name: Name,
    pub on: Family,
    pub label: Name,
    pub flow: Option<Name>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CommandDecl {
    pub name: Name,
    pub label: Name,
    pub fields: Vec<FieldDecl>,
    pub roles: Vec<Name>,
    pub purpose: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ViewDecl {
    pub name: Name,
    pub label: Name,
    pub params: Vec<FieldDecl>,
    pub roles: Vec<Name>,
    pub purpose: bool,
    pub listed: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StateDecl {
    pub name: Name,
    pub label: Name,
    pub terminal: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TransitionDecl {
    pub event: Name,
    pub source: Name,
    pub target: Name,
    pub roles: Vec<Name>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FlowDecl {
    pub name: Name,
    pub version: u32,
    pub initial: Name,
    pub states: Vec<StateDecl>,
    pub transitions: Vec<TransitionDecl>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct JobDecl {
    pub name: Name,
    pub label: Name,
    pub params: Vec<FieldDecl>,
    pub roles: Vec<Name>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Access {
    /// An import, not a facet.
    Import,
    Read,
    ReadWrite,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GrantDecl {
    /// `world`, `people`, `flow`, or a facet or `kind:NAME`.
    pub name: Name,
    pub access: Access,
    pub reason: String,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Messages {
    pub locale: Name,
    pub ftl: String,
}

/// Everything the host knows of a plugin before it runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub id: Name,
    pub version: Name,
    pub label: Name,
    pub kinds: Vec<KindDecl>,
    pub facets: Vec<FacetDecl>,
    pub commands: Vec<CommandDecl>,
    pub views: Vec<ViewDecl>,
    pub flows: Vec<FlowDecl>,
    pub subscriptions: Vec<Name>,
    pub jobs: Vec<JobDecl>,
    pub grants: Vec<GrantDecl>,
    pub messages: Vec<Messages>,
}

impl Manifest {
    pub fn command(&self, name: &str) -> Option<&CommandDecl> {
        self.commands.iter().find(|c| c.name == name)
    }

    pub fn view(&self, name: &str) -> Option<&ViewDecl> {
        self.views.iter().find(|v| v.name == name)
    }

    pub fn job(&self, name: &str) -> Option<&JobDecl> {
        self.jobs.iter().find(|j| j.name == name)
    }

    pub fn facet(&self, name: &str) -> Option<&FacetDecl> {
        self.facets.iter().find(|f| f.name == name)
    }
}
