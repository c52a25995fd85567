//! Records that open for their members alone.
//!
//! A facet with a field of type members says for whom its sealed fields open: the accounts the field names on that very record, and
//! nobody else, whatever role or purpose they hold. A record of such a facet that names nobody opens for nobody. A member states no
//! purpose: it is their own matter, and the look is entered in the access log as [`PURPOSE`] like any other.
//!
//! The rule is the host's, not the plugin's: it is asked where sealed fields are opened ([`crate::City`]'s `stored`), before the vault
//! is. Beside it stands the key: each record is sealed under its own, so that whoever has the journal, the snapshots and the store in
//! hand, and not the file of the key-encryption key, has nothing. Who is a member is not sealed: it must be known to be asked.

use crate::city::City;
use changzhi_model::{EntityId, FacetDecl, Family, FieldDecl, Name, Problem, Value};
use changzhi_world::{Cell, World};
use std::sync::Arc;

/// Purpose of a member's look at their own record, in the access log.
pub(crate) const PURPOSE: Name = Name::new_static("member");

/// The accounts a value names, in order.
fn named(value: &Value) -> impl Iterator<Item = EntityId> + '_ {
    value.as_text().unwrap_or_default().split(' ').filter_map(|id| id.parse().ok()).map(EntityId)
}

/// Holds a list of members against the rules: accounts, each of them there, none twice, not too many.
pub(crate) fn check(world: &World, decl: &FieldDecl, value: &Value, problems: &mut Vec<Problem>) {
    let Value::Text(text) = value else { return };
    let ids: Vec<EntityId> = named(value).collect();
    let there = |id: &EntityId| world.core(*id).is_some_and(|core| core.family == Family::People);
    let twice = ids.iter().enumerate().any(|(i, id)| ids.iter().skip(i + 1).any(|other| other == id));
    let whole = ids.len() == text.split(' ').count() && ids.len() <= FieldDecl::MEMBERS_MAX;
    if !whole || twice || !ids.iter().all(there) {
        problems.push(crate::check::problem(decl, "core-members-wrong"));
    }
}

/// Whom a facet of a record opens for; `None`: it is not that kind of facet.
fn members(world: &World, entity: EntityId, facet: &FacetDecl) -> Option<Vec<EntityId>> {
    let decl = facet.members()?;
    Some(match world.cell(entity, &facet.name, &decl.name) {
        Some(Cell::Here(value)) => named(&value).collect(),
        _ => Vec::new(),
    })
}

/// What a look at a sealed field needs.
pub(crate) enum Needs {
    /// A stated purpose.
    Purpose,
    /// Nothing more: it is a member.
    Member,
    /// What nobody else has.
    Membership,
}

impl City {
    /// What `account` needs to open the sealed fields of a facet of a record.
    pub(crate) fn needs(&self, account: EntityId, entity: EntityId, facet: &str) -> Needs {
        let registry = self.registry();
        let Some(decl) = registry.facets.get(facet) else { return Needs::Purpose };
        match self.read(|w| members(w, entity, decl)) {
            None => Needs::Purpose,
            Some(all) if !account.is_none() && all.contains(&account) => Needs::Member,
            Some(_) => Needs::Membership,
        }
    }

    /// Whether a record names this account as one of its members; `None` for a record that is not kept for members.
    pub fn membership(&self, entity: EntityId, account: EntityId) -> Option<bool> {
        let registry = self.registry();
        self.read(|w| {
            let there = |f: &&Arc<FacetDecl>| f.fields.iter().any(|d| w.cell(entity, &f.name, &d.name).is_some());
            let kept = registry.facets.values().filter(|f| f.members().is_some()).filter(there);
            let asked = kept.filter_map(|f| members(w, entity, f)).map(|all| !account.is_none() && all.contains(&account));
            asked.reduce(|one, other| one && other)
        })
    }
}
