//! What an operator approved: the imports that are linked and the facets and kinds that may be read and written.

use changzhi_model::{Access, GrantDecl, Manifest, Name};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Imports a plugin has to ask for; `log` is always there.
pub(crate) const IMPORTS: [&str; 3] = ["world", "people", "flow"];

/// Approved grants of one plugin. Its own facets and kinds need none.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Grants(BTreeMap<Name, Granted>);

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Granted {
    Import,
    Read,
    ReadWrite,
}

impl Grants {
    /// Nothing: such a plugin can only compute from its arguments.
    pub fn none() -> Grants {
        Grants::default()
    }

    /// Everything the plugin asks for.
    pub fn all_of(manifest: &Manifest) -> Grants {
        Grants::of(&manifest.grants)
    }

    /// These and no others. The same name twice: the wider access holds.
    pub fn of(approved: &[GrantDecl]) -> Grants {
        let mut grants = BTreeMap::new();
        for grant in approved {
            let access = match grant.access {
                Access::Import => Granted::Import,
                Access::Read => Granted::Read,
                Access::ReadWrite => Granted::ReadWrite,
            };
            let have = grants.entry(grant.name.clone()).or_insert(access);
            if access == Granted::ReadWrite {
                *have = access;
            }
        }
        Grants(grants)
    }

    /// True when the interface `changzhi:platform/NAME` is linked.
    pub fn may_import(&self, interface: &str) -> bool {
        IMPORTS.contains(&interface) && self.0.contains_key(interface)
    }

    /// `what` is a facet or `kind:NAME`.
    pub fn may_read(&self, what: &str) -> bool {
        matches!(self.0.get(what), Some(Granted::Read | Granted::ReadWrite))
    }

    /// `what` is a facet or `kind:NAME`.
    pub fn may_write(&self, what: &str) -> bool {
        matches!(self.0.get(what), Some(Granted::ReadWrite))
    }

    /// What a newer version asks for beyond this: held back until somebody approves it.
    pub fn missing<'a>(&self, asked: &'a [GrantDecl]) -> Vec<&'a GrantDecl> {
        asked
            .iter()
            .filter(|g| match g.access {
                Access::Import => !self.may_import(&g.name),
                Access::Read => !self.may_read(&g.name),
                Access::ReadWrite => !self.may_write(&g.name),
            })
            .collect()
    }
}
