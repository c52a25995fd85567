//! Everything `apply` would refuse, found before anything is changed.
//!
//! Contract: when this says yes, folding the transaction cannot fail and is never half done. Price: one pass over the facts.

use crate::column::{Data, fits};
use crate::declare::compatible;
use crate::directory::FAMILY_MAX;
use crate::error::{ApplyError, DeclareError, Wrong};
use crate::facet::Facet;
use crate::keys::key;
use crate::ring::Ring;
use crate::text::TEXT_LIMIT;
use crate::world::World;
use changzhi_model::{
    EntityId, FacetDecl, Fact, Family, FieldDecl, KindDecl, Name, Point, Seq, Stored, Transaction, Value,
};
use hashbrown::HashMap;

/// The facet whose field [`RING`] holds a place's extent.
pub(crate) const EXTENT: &str = "host.extent";
pub(crate) const RING: &str = "ring";

/// Where a `Put` goes: looked up once for all its fields. `there`: the world has the facet already.
struct Target<'a> {
    entity: EntityId,
    name: &'a Name,
    there: Option<&'a Facet>,
}

/// What the transaction has done so far, on top of the world.
struct Overlay<'a> {
    world: &'a World,
    facts: usize,
    facets: Vec<&'a FacetDecl>,
    kinds: Vec<&'a KindDecl>,
    created: Vec<(&'a Name, Option<EntityId>)>,
    states: HashMap<EntityId, &'a Name>,
    moved: HashMap<EntityId, Option<EntityId>>,
    /// Unique values given and taken away: `Some(entity)` = now hers, `None` = free.
    keys: HashMap<(&'a str, &'a str, u128), Option<EntityId>>,
    /// What each entity holds now: `None` = cleared, which is not the same as untouched.
    values: HashMap<(&'a str, &'a str, EntityId), Option<u128>>,
}

impl World {
    /// Transactions are folded one after the other.
    pub(crate) fn follows(&self, seq: Seq) -> Result<(), ApplyError> {
        if seq == self.revision.next() {
            return Ok(());
        }
        Err(ApplyError { seq, fact: 0, wrong: Wrong::OutOfOrder { at: self.revision } })
    }

    /// Why `apply` of this transaction would fail, without applying it.
    pub fn check(&self, seq: Seq, tx: &Transaction) -> Result<(), ApplyError> {
        let wrong = |fact, wrong| ApplyError { seq, fact, wrong };
        self.follows(seq)?;
        let mut overlay = Overlay {
            world: self,
            facts: tx.facts.len(),
            facets: Vec::new(),
            kinds: Vec::new(),
            created: Vec::new(),
            states: HashMap::new(),
            moved: HashMap::new(),
            keys: HashMap::new(),
            values: HashMap::new(),
        };
        for (n, fact) in tx.facts.iter().enumerate() {
            overlay.fact(fact).map_err(|w| wrong(n, w))?;
        }
        Ok(())
    }
}

impl<'a> Overlay<'a> {
    fn fact(&mut self, fact: &'a Fact) -> Result<(), Wrong> {
        match fact {
            Fact::Created { id, kind, category, state, within, position, .. } => {
                let expected = EntityId(self.world.ids.len() as u64 + self.created.len() as u64 + 1);
                if *id != expected {
                    return Err(Wrong::IdGap { expected, found: *id });
                }
                self.family_of_kind(kind)?;
                if expected.0 >= FAMILY_MAX.into() {
                    return Err(Wrong::Full);
                }
                self.room(
                    || "kinds".into(),
                    self.world.kinds.number(kind).is_some() || self.world.kinds.has_room(self.facts),
                )?;
                self.category(category)?;
                self.state(state)?;
                self.created.push((kind, *within));
                self.lies(*id, *within, *position)
            }
            Fact::Put { entity, facet, fields } => {
                let family = self.family(*entity)?;
                let there = self.world.facet_by_name(facet);
                let target = Target { entity: *entity, name: facet, there };
                let on = self.facet(&target).map(|f| f.on).ok_or_else(|| Wrong::UnknownFacet(facet.clone()))?;
                if on != family {
                    return Err(Wrong::WrongFamily { facet: facet.clone(), entity: *entity });
                }
                let mut next = 0;
                fields.iter().try_for_each(|(field, stored)| self.field(&target, field, stored, &mut next))
            }
            Fact::Advanced { entity, source, target, .. } => {
                self.family(*entity)?;
                let now = match self.states.get(entity) {
                    Some(state) => (*state).clone(),
                    None => match self.world.spine(entity.0) {
                        Some(spine) => self.world.states.name(spine.state.into()),
                        None => source.clone(),
                    },
                };
                if now != *source {
                    return Err(Wrong::WrongState(*entity, now, source.clone()));
                }
                self.state(target)?;
                self.states.insert(*entity, target);
                Ok(())
            }
            Fact::Moved { entity, within, position } => {
                self.family(*entity)?;
                self.moved.insert(*entity, *within);
                self.lies(*entity, *within, *position)
            }
            Fact::Recategorised { entity, category } => {
                self.family(*entity)?;
                self.category(category)
            }
            Fact::Noted { entity, .. } | Fact::Erased { entity } | Fact::Looked { entity, .. } => {
                self.family(*entity).map(|_| ())
            }
            Fact::Declared { facets, kinds, .. } => {
                facets.iter().try_for_each(|f| self.declare(f))?;
                kinds.iter().try_for_each(|k| self.declare_kind(k))
            }
            Fact::Intended { .. } | Fact::PluginSwitched { .. } | Fact::Settled { .. } | Fact::Reacted { .. } => Ok(()),
            Fact::JobStarted { job, .. } => match self.world.job(*job) {
                None => Ok(()),
                Some(_) => Err(Wrong::JobTwice(*job)),
            },
            // A job that ended ended: a step that was under way when it was cancelled is dropped whole.
            Fact::Stepped { job, .. } if self.world.ledger.is_running(*job) => Ok(()),
            Fact::Stepped { job, .. } => Err(Wrong::NoSuchJob(*job)),
        }
    }

    fn declare(&mut self, decl: &'a FacetDecl) -> Result<(), Wrong> {
        self.world.may_declare(decl)?;
        for earlier in self.facets.iter().filter(|f| f.name == decl.name) {
            compatible(Some(earlier), decl)?;
        }
        self.facets.push(decl);
        Ok(())
    }

    fn declare_kind(&mut self, decl: &'a KindDecl) -> Result<(), Wrong> {
        let old = self.kinds.iter().rev().find(|k| k.name == decl.name).copied();
        match old.or_else(|| self.world.kind(&decl.name)) {
            Some(old) if old.on != decl.on => Err(DeclareError::KindFamily { kind: decl.name.clone() }.into()),
            _ => {
                self.kinds.push(decl);
                Ok(())
            }
        }
    }

    fn facet(&self, to: &Target<'a>) -> Option<&'a FacetDecl> {
        self.facets.iter().rev().find(|f| f.name == *to.name).copied().or(to.there.map(|f| &f.decl))
    }

    /// The declaration of a field, and where its column is when the world has one.
    fn declared_field(&self, to: &Target<'a>, field: &str, next: &mut usize) -> Option<(&'a FieldDecl, Option<usize>)> {
        let at = to.there.and_then(|f| f.decl.position(*next, field));
        *next = at.map_or(0, |at| at + 1);
        let here = self.facets.iter().rev().filter(|f| f.name == *to.name).find_map(|f| f.field(field));
        let decl = here.or_else(|| to.there?.decl.fields.get(at?))?;
        Some((decl, at))
    }

    fn family_of_kind(&self, kind: &Name) -> Result<Family, Wrong> {
        let here = self.kinds.iter().rev().find(|k| k.name == *kind).copied();
        here.or_else(|| self.world.kind(kind)).map(|k| k.on).ok_or_else(|| Wrong::UnknownKind(kind.clone()))
    }

    fn family(&self, id: EntityId) -> Result<Family, Wrong> {
        let known = self.world.ids.len() as u64;
        if self.world.ids.holds(id.0) {
            let address = u32::try_from(id.0).ok().and_then(|id| self.world.ids.address(id));
            return address.map(|a| a.family()).ok_or(Wrong::UnknownEntity(id));
        }
        let new = id.0.checked_sub(known + 1).and_then(|n| self.created.get(usize::try_from(n).ok()?));
        new.ok_or(Wrong::UnknownEntity(id)).and_then(|(kind, _)| self.family_of_kind(kind))
    }

    fn room(&self, of: impl FnOnce() -> String, there_is: bool) -> Result<(), Wrong> {
        if there_is { Ok(()) } else { Err(Wrong::TooManyCodes(of())) }
    }

    fn category(&self, name: &Name) -> Result<(), Wrong> {
        let all = &self.world.categories;
        self.room(|| "categories".into(), all.number(name).is_some() || all.has_room(self.facts))
    }

    fn state(&self, name: &Name) -> Result<(), Wrong> {
        let all = &self.world.states;
        self.room(|| "states".into(), all.number(name).is_some() || all.has_room(self.facts))
    }

    fn lies(&self, id: EntityId, within: Option<EntityId>, position: Option<Point>) -> Result<(), Wrong> {
        if position.is_some_and(|p| !p.is_valid()) {
            return Err(Wrong::OffGlobe(id));
        }
        let Some(place) = within else { return Ok(()) };
        if self.family(place)? != Family::Places {
            return Err(Wrong::NotAPlace(id, place));
        }
        if self.family(id)? != Family::Places {
            return Ok(());
        }
        let mut at = Some(place);
        let mut steps = 0;
        while let Some(up) = at {
            steps += 1;
            if up == id || steps > 60 {
                return Err(Wrong::Cycle(id));
            }
            at = self.within(up);
        }
        Ok(())
    }

    fn within(&self, id: EntityId) -> Option<EntityId> {
        if let Some(moved) = self.moved.get(&id) {
            return *moved;
        }
        match self.world.spine(id.0) {
            Some(spine) => (spine.within != 0).then_some(EntityId(spine.within.into())),
            None => {
                let n = id.0.checked_sub(self.world.ids.len() as u64 + 1)?;
                self.created.get(usize::try_from(n).ok()?)?.1
            }
        }
    }

    fn field(&mut self, to: &Target<'a>, name: &'a Name, stored: &Stored, next: &mut usize) -> Result<(), Wrong> {
        let at = || (to.name.clone(), name.clone());
        let Some((decl, column)) = self.declared_field(to, name, next) else {
            let (facet, field) = at();
            return Err(Wrong::UnknownField { facet, field });
        };
        let value = match (stored, decl.sensitivity.is_sealed()) {
            (Stored::Sealed(_), true) => return Ok(()),
            (Stored::Sealed(_), false) => {
                let (facet, field) = at();
                return Err(Wrong::Sealed { facet, field });
            }
            (Stored::Open(Value::None), _) => &Value::None,
            (Stored::Open(_), true) => {
                let (facet, field) = at();
                return Err(Wrong::NotSealed { facet, field });
            }
            (Stored::Open(value), false) => value,
        };
        if !value.is_none() && !fits(&decl.kind, value) {
            let (facet, field) = at();
            return Err(Wrong::WrongType { facet, field });
        }
        let finite = match value {
            Value::Num(n) => n.is_finite(),
            Value::Point(p) => p.is_valid(),
            _ => true,
        };
        if !finite {
            let (facet, field) = at();
            return Err(Wrong::NotFinite { facet, field });
        }
        if let Value::Text(s) = value {
            if s.len() > TEXT_LIMIT {
                let (facet, field) = at();
                return Err(Wrong::TooLong { facet, field, len: s.len() });
            }
            self.code(to, column, name, s)?;
            if to.name == EXTENT && name == RING {
                Ring::parse(s).map_err(Wrong::BadRing)?;
            }
        }
        if decl.unique { self.unique(to, column, name, value) } else { Ok(()) }
    }

    fn code(&self, to: &Target<'a>, column: Option<usize>, field: &Name, text: &str) -> Result<(), Wrong> {
        match to.there.zip(column).and_then(|(facet, at)| facet.columns.get(at)).map(|c| &c.data) {
            Some(Data::Code(_, names)) => self.room(
                || format!("codes of {}.{field}", to.name),
                names.number(text).is_some() || names.has_room(self.facts),
            ),
            _ => Ok(()),
        }
    }

    fn unique(&mut self, to: &Target<'a>, column: Option<usize>, field: &'a Name, value: &Value) -> Result<(), Wrong> {
        let (entity, facet) = (to.entity, to.name.as_str());
        let slot = (facet, field.as_str(), entity);
        let old = match self.values.get(&slot) {
            Some(now) => *now,
            None => match self.world.cell(entity, facet, field) {
                Some(crate::world::Cell::Here(old)) => key(&old),
                _ => None,
            },
        };
        // Another may have taken it since: only what is still hers is given up.
        if let Some(old) = old
            && self.keys.get(&(facet, field.as_str(), old)).is_none_or(|holder| *holder == Some(entity))
        {
            self.keys.insert((facet, field, old), None);
        }
        let new = key(value);
        self.values.insert(slot, new);
        let Some(new) = new else { return Ok(()) };
        let holder = match self.keys.get(&(facet, field.as_str(), new)) {
            Some(holder) => *holder,
            None => to.there.zip(column).and_then(|(there, at)| there.holder(at, new, value)),
        };
        if holder.is_some_and(|holder| holder != entity) {
            return Err(Wrong::Duplicate { facet: to.name.clone(), field: field.clone() });
        }
        self.keys.insert((facet, field, new), Some(entity));
        Ok(())
    }
}
