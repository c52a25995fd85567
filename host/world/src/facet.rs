//! All rows of one facet: a column for each field, the entity of each row, who changed it last.
//!
//! Contract: rows are numbered by first `Put` in journal order and never removed; clearing a field clears its presence.

use crate::column::{FieldColumn, store_for};
use crate::keys::{KeyIndex, key};
use crate::revisions::Revisions;
use crate::rowmap::RowMap;
use changzhi_model::{EntityId, FacetDecl, FieldDecl, Value};

#[derive(Debug, Clone)]
pub(crate) struct Facet {
    pub decl: FacetDecl,
    pub columns: Vec<FieldColumn>,
    pub keys: Vec<Option<KeyIndex>>,
    pub rows: RowMap,
    pub entities: Vec<u32>,
    /// True while rows are in id order too, as they are unless an older entity gets the facet late.
    pub ascending: bool,
    pub changed: Revisions,
    pub revision: u64,
}

impl Facet {
    pub fn new(decl: FacetDecl) -> Facet {
        let mut facet = Facet {
            decl: FacetDecl { fields: Vec::new(), ..decl.clone() },
            columns: Vec::new(),
            keys: Vec::new(),
            rows: RowMap::default(),
            entities: Vec::new(),
            ascending: true,
            changed: Revisions::default(),
            revision: 0,
        };
        for field in decl.fields {
            facet.add_field(field);
        }
        facet
    }

    /// A field of a known type; others are refused before this.
    pub fn add_field(&mut self, field: FieldDecl) {
        if let Some(data) = store_for(&field) {
            self.columns.push(FieldColumn::new(data, self.entities.len()));
            self.keys.push(field.unique.then(KeyIndex::new));
            self.decl.fields.push(field);
        }
    }

    pub fn field(&self, name: &str) -> Option<usize> {
        self.decl.fields.iter().position(|f| f.name == name)
    }

    pub fn row_or_new(&mut self, entity: u32) -> u32 {
        if let Some(row) = self.rows.get(entity) {
            return row;
        }
        for column in &mut self.columns {
            column.push_empty();
        }
        self.add_row(entity, 0)
    }

    /// A row of an entity that has none. Its columns are filled by who adds it.
    pub fn add_row(&mut self, entity: u32, changed: u64) -> u32 {
        let row = self.entities.len() as u32;
        self.ascending &= self.entities.last().is_none_or(|last| *last < entity);
        self.rows.set(entity, row);
        self.entities.push(entity);
        self.changed.push(changed);
        row
    }

    /// Sets or clears one value and keeps the field's key index.
    pub fn set(&mut self, field: usize, row: u32, value: &Value, seq: u64, change: u32) {
        let Some(column) = self.columns.get_mut(field) else { return };
        let index = self.keys.get_mut(field).and_then(Option::as_mut);
        let old = index.as_ref().and_then(|_| column.value(row as usize)).and_then(|v| key(&v));
        if value.is_none() {
            column.clear(row as usize);
        } else {
            column.set(row as usize, value, seq, change);
        }
        if let Some(index) = index {
            if let Some(old) = old {
                index.remove(old);
            }
            if let Some(new) = key(value) {
                index.insert(new, row);
            }
        }
    }

    /// The entity whose unique field has this value, of which `key` is the key.
    pub fn holder(&self, field: usize, key: u128, value: &Value) -> Option<EntityId> {
        let row = self.keys.get(field)?.as_ref()?.find(key)? as usize;
        let same = self.columns.get(field)?.value(row).as_ref() == Some(value);
        same.then(|| self.entities.get(row).map(|id| EntityId((*id).into()))).flatten()
    }
}
