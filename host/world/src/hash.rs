//! One number for the whole state.
//!
//! Contract: SHA-256 over a canonical encoding: entities by id, facets and fields by name, values by entity, only what is
//! there. Two worlds folded from the same journal agree, by replay or from a snapshot; nothing derived is in it, nor a
//! facet or field nobody has used. Price: one pass over everything, about 30 bytes an entity.

use crate::column::Data;
use crate::systems::Extents;
use crate::world::World;
use changzhi_model::Value;
use sha2::{Digest, Sha256};

struct Canon {
    hash: Sha256,
    buffer: Vec<u8>,
}

impl Canon {
    fn bytes(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() > 1 << 16 {
            self.hash.update(&self.buffer);
            self.buffer.clear();
        }
    }

    fn number(&mut self, n: u64) {
        self.bytes(&n.to_le_bytes());
    }

    fn text(&mut self, s: &str) {
        self.number(s.len() as u64);
        self.bytes(s.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::None => self.bytes(&[0]),
            Value::Flag(b) => self.bytes(&[1, u8::from(*b)]),
            Value::Int(n) => self.tagged(2, *n as u64),
            Value::Num(n) => self.tagged(3, n.to_bits()),
            Value::Text(s) => {
                self.bytes(&[4]);
                self.text(s);
            }
            Value::Time(t) => self.tagged(5, t.0 as u64),
            Value::Entity(e) => self.tagged(6, e.0),
            Value::Point(p) => {
                self.tagged(7, p.lon.to_bits());
                self.number(p.lat.to_bits());
            }
        }
    }

    fn tagged(&mut self, tag: u8, n: u64) {
        self.bytes(&[tag]);
        self.number(n);
    }

    fn finish(mut self) -> [u8; 32] {
        self.hash.update(&self.buffer);
        self.hash.finalize().into()
    }
}

impl World {
    /// SHA-256 of the state: equal for equal journals, however the world came to be.
    pub fn state_hash(&self) -> [u8; 32] {
        let mut canon = Canon { hash: Sha256::new(), buffer: Vec::with_capacity(1 << 17) };
        canon.text("changzhi-world-1");
        canon.number(self.revision.0);
        canon.number(self.last_at.0 as u64);
        for names in [&self.kinds, &self.categories, &self.states] {
            canon.number(names.len() as u64);
            names.names().iter().for_each(|name| canon.text(name));
        }
        self.kind_revisions.iter().for_each(|seq| canon.number(*seq));
        canon.number(self.ids.len() as u64);
        self.hash_entities(&mut canon);
        self.hash_facets(&mut canon);
        if let Some(extents) = self.ecs.get_resource::<Extents>() {
            for (id, ring) in extents.iter() {
                canon.tagged(8, id.into());
                ring.points.iter().for_each(|p| canon.value(&Value::Point(*p)));
            }
        }
        // Maps of a few dozen entries in their own order; postcard writes the same bytes for the same ledger.
        canon.bytes(&postcard::to_stdvec(&self.ledger).unwrap_or_default());
        canon.finish()
    }

    fn hash_entities(&self, canon: &mut Canon) {
        use changzhi_model::Family;
        let spines = [self.spines(Family::People), self.spines(Family::Places), self.spines(Family::Events)];
        for (id, changed) in (1u32..).zip(self.ids.changed.rows()) {
            let Some(address) = self.ids.address(id) else { continue };
            let (family, of) = match address.family() {
                Family::People => (0u8, spines[0]),
                Family::Places => (1, spines[1]),
                Family::Events => (2, spines[2]),
            };
            let Some(s) = of.get(address.row()) else { continue };
            let mut row = [0u8; 27];
            let parts = s.at.to_le_bytes().into_iter().chain(s.within.to_le_bytes()).chain(s.kind.to_le_bytes());
            let parts = parts.chain(s.category.to_le_bytes()).chain(s.state.to_le_bytes()).chain(changed.to_le_bytes());
            for (to, from) in row.iter_mut().zip(parts.chain([family])) {
                *to = from;
            }
            canon.bytes(&row);
            if let Some(p) = self.position(id.into()) {
                canon.value(&Value::Point(p));
            }
        }
    }

    fn hash_facets(&self, canon: &mut Canon) {
        let mut facets: Vec<_> = self.facets.iter().filter(|f| !f.entities.is_empty()).collect();
        facets.sort_by(|a, b| a.decl.name.cmp(&b.decl.name));
        for facet in facets {
            canon.text(&facet.decl.name);
            canon.number(facet.revision);
            for (id, row) in facet.rows.iter() {
                canon.number(id.into());
                canon.number(facet.changed.get(row as usize));
            }
            let mut fields: Vec<_> = facet.decl.fields.iter().zip(&facet.columns).collect();
            fields.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
            for (field, column) in fields {
                let mut named = false;
                for (id, row) in facet.rows.iter().filter(|(_, row)| column.present.get(*row as usize)) {
                    if !named {
                        canon.text(&field.name);
                        named = true;
                    }
                    canon.number(id.into());
                    match (&column.data, column.locator(row as usize)) {
                        (Data::Locator(..), Some((seq, change))) => {
                            canon.tagged(9, seq);
                            canon.number(change.into());
                        }
                        _ => canon.value(&column.value(row as usize).unwrap_or_default()),
                    }
                }
            }
        }
    }
}
