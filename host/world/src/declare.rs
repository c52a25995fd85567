//! Declarations: idempotent, additive, never a changed type.

use crate::column::FieldColumn;
use crate::error::DeclareError;
use crate::facet::Facet;
use crate::keys::{KeyIndex, key};
use crate::world::World;
use changzhi_model::{FacetDecl, FieldDecl, FieldType, KindDecl};

/// Whether a facet may be declared over an earlier one of the same name.
pub(crate) fn compatible(old: Option<&FacetDecl>, new: &FacetDecl) -> Result<(), DeclareError> {
    for (i, field) in new.fields.iter().enumerate() {
        let place = || (new.name.clone(), field.name.clone());
        if new.fields.iter().take(i).any(|f| f.name == field.name) {
            let (facet, field) = place();
            return Err(DeclareError::Twice { facet, field });
        }
        if matches!(field.kind, FieldType::Other(_)) {
            let (facet, field) = place();
            return Err(DeclareError::UnknownType { facet, field });
        }
        if field.unique && !can_be_unique(field) {
            let (facet, field) = place();
            let reason = "only open int, code, text, time and entity fields can be unique";
            return Err(DeclareError::Unique { facet, field, reason });
        }
        if let Some(before) = old.and_then(|old| old.field(&field.name))
            && (before.kind != field.kind || before.sensitivity.is_sealed() != field.sensitivity.is_sealed())
        {
            let (facet, field) = place();
            return Err(DeclareError::Type { facet, field });
        }
    }
    match old {
        Some(old) if old.on != new.on => Err(DeclareError::Family { facet: new.name.clone() }),
        _ => Ok(()),
    }
}

fn can_be_unique(field: &FieldDecl) -> bool {
    use FieldType::{Code, Entity, Int, Text, Time};
    !field.sensitivity.is_sealed() && matches!(field.kind, Int | Code | Text | Time | Entity(_))
}

fn index_of(column: &FieldColumn, rows: usize) -> Option<KeyIndex> {
    let mut index = KeyIndex::new();
    for row in 0..rows {
        if let Some(key) = column.value(row).and_then(|v| key(&v))
            && !index.insert(key, row as u32)
        {
            return None;
        }
    }
    Some(index)
}

impl World {
    /// Declares a facet, or adds fields to it. Fields left out stay; labels, limits and options are replaced.
    pub fn declare(&mut self, decl: &FacetDecl) -> Result<(), DeclareError> {
        self.may_declare(decl)?;
        let Some(number) = self.facet_numbers.get(&decl.name).copied() else {
            self.facet_numbers.insert(decl.name.clone(), self.facets.len());
            self.facets.push(Facet::new(decl.clone()));
            return Ok(());
        };
        let Some(facet) = self.facets.get_mut(number) else { return Ok(()) };
        facet.decl.label = decl.label.clone();
        for field in &decl.fields {
            let Some(at) = facet.field(&field.name) else {
                facet.add_field(field.clone());
                continue;
            };
            if let (Some(index), Some(column)) = (facet.keys.get_mut(at), facet.columns.get(at)) {
                match (index.is_some(), field.unique) {
                    (false, true) => *index = index_of(column, facet.entities.len()),
                    (true, false) => *index = None,
                    _ => {}
                }
            }
            if let Some(before) = facet.decl.fields.get_mut(at) {
                *before = field.clone();
            }
        }
        Ok(())
    }

    /// Everything `declare` would refuse.
    pub(crate) fn may_declare(&self, decl: &FacetDecl) -> Result<(), DeclareError> {
        let old = self.facet_by_name(&decl.name);
        compatible(old.map(|f| &f.decl), decl)?;
        let Some(old) = old else { return Ok(()) };
        for field in decl.fields.iter().filter(|f| f.unique) {
            let Some(at) = old.field(&field.name) else { continue };
            let (Some(index), Some(column)) = (old.keys.get(at), old.columns.get(at)) else { continue };
            if index.is_none() && index_of(column, old.entities.len()).is_none() {
                let reason = "cannot become unique: two entities have the same value";
                return Err(DeclareError::Unique { facet: decl.name.clone(), field: field.name.clone(), reason });
            }
        }
        Ok(())
    }

    /// Declares a kind, or replaces its label and flow.
    pub fn declare_kind(&mut self, decl: &KindDecl) -> Result<(), DeclareError> {
        match self.kind_decls.iter_mut().find(|k| k.name == decl.name) {
            Some(old) if old.on != decl.on => return Err(DeclareError::KindFamily { kind: decl.name.clone() }),
            Some(old) => *old = decl.clone(),
            None => self.kind_decls.push(decl.clone()),
        }
        Ok(())
    }
}
