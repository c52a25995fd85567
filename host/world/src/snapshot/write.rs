//! Writing: chunk by chunk, so that memory stays at one chunk whatever the size of the world.

use super::bytes::Out;
use super::frame::Writer;
use super::{CORE, EXTENTS, FIELD, FOOTER, FORMAT, FacetHead, HEADER, Header, KEYS, MAGIC, POSITIONS, ROW, ROWS};
use crate::column::{Data, FieldColumn};
use crate::component::Spine;
use crate::error::SnapshotError;
use crate::facet::Facet;
use crate::systems::Extents;
use crate::world::World;
use changzhi_model::Seq;
use std::io::Write;

impl World {
    /// Writes the state at `seq`, which must be the world's revision, with the journal's chain hash there.
    pub fn write_snapshot(&self, seq: Seq, chain: [u8; 32], out: &mut dyn Write) -> Result<(), SnapshotError> {
        if seq != self.revision {
            return Err(SnapshotError::Revision { asked: seq, at: self.revision });
        }
        let mut to = Writer::new(out);
        to.plain(MAGIC)?;
        to.plain(&FORMAT.to_le_bytes())?;
        let header = postcard::to_stdvec(&self.header(seq, chain)).map_err(std::io::Error::other)?;
        to.packed(HEADER, &header)?;
        for start in (0..self.ids.len()).step_by(ROWS) {
            self.write_core(start, &mut to)?;
        }
        for (number, facet) in self.facets.iter().enumerate() {
            write_facet(number, facet, &mut to)?;
        }
        if let Some(extents) = self.ecs.get_resource::<Extents>() {
            for (id, ring) in extents.iter() {
                let mut chunk = Out::default();
                chunk.u32s([id, ring.points.len() as u32]);
                chunk.f64s(ring.points.iter().flat_map(|p| [p.lon, p.lat]));
                to.packed(EXTENTS, &chunk.0)?;
            }
        }
        to.finish(FOOTER)
    }

    fn header(&self, seq: Seq, chain: [u8; 32]) -> Header {
        let codes = |column: &FieldColumn| match &column.data {
            Data::Code(_, names) => names.names().to_vec(),
            _ => Vec::new(),
        };
        let facets = self.facets.iter().map(|f| FacetHead {
            decl: f.decl.clone(),
            rows: f.entities.len() as u64,
            revision: f.revision,
            codes: f.columns.iter().map(codes).collect(),
        });
        Header {
            seq: seq.0,
            chain,
            last_at: self.last_at.0,
            zone: self.calendar.name.clone(),
            entities: self.ids.len() as u64,
            kinds: self.kinds.names().to_vec(),
            families: self.families.clone(),
            kind_revisions: self.kind_revisions.clone(),
            categories: self.categories.names().to_vec(),
            states: self.states.names().to_vec(),
            kind_decls: self.kind_decls.clone(),
            facets: facets.collect(),
            ledger: self.ledger.clone(),
        }
    }

    fn write_core(&self, start: usize, to: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let end = (start + ROWS).min(self.ids.len());
        let rows: Vec<Spine> = (start..end).filter_map(|row| self.spine(row as u64 + 1).copied()).collect();
        let mut chunk = Out(Vec::with_capacity(rows.len() * 26 + 4));
        chunk.u32s([rows.len() as u32]);
        chunk.i64s(rows.iter().map(|s| s.at));
        chunk.u32s(rows.iter().map(|s| s.within));
        chunk.u16s(rows.iter().map(|s| s.kind));
        chunk.u16s(rows.iter().map(|s| s.category));
        chunk.u16s(rows.iter().map(|s| s.state));
        chunk.u64s(self.ids.changed.rows().get(start..end).unwrap_or_default().iter().copied());
        to.packed(CORE, &chunk.0)?;
        let at: Vec<_> = rows.iter().filter_map(|s| Some((s.id, self.position(s.id.into())?))).collect();
        if at.is_empty() {
            return Ok(());
        }
        let mut chunk = Out::default();
        chunk.u32s([at.len() as u32]);
        chunk.u32s(at.iter().map(|(id, _)| *id));
        chunk.f64s(at.iter().map(|(_, p)| p.lon));
        chunk.f64s(at.iter().map(|(_, p)| p.lat));
        to.packed(POSITIONS, &chunk.0)
    }
}

fn write_facet(number: usize, facet: &Facet, to: &mut Writer<'_>) -> Result<(), SnapshotError> {
    let rows = facet.entities.len();
    for start in (0..rows).step_by(ROWS) {
        let range = start..(start + ROWS).min(rows);
        let mut chunk = Out::default();
        chunk.u32s([number as u32, range.len() as u32]);
        chunk.u32s(facet.entities.get(range.clone()).unwrap_or_default().iter().copied());
        chunk.u64s(facet.changed.rows().get(range.clone()).unwrap_or_default().iter().copied());
        to.packed(ROW, &chunk.0)?;
        for (field, column) in facet.columns.iter().enumerate() {
            let mut chunk = Out::default();
            chunk.u32s([number as u32, field as u32, range.len() as u32]);
            let words = start / 64..range.end.div_ceil(64);
            chunk.u64s(column.present.words().get(words).unwrap_or_default().iter().copied());
            write_column(column, range.clone(), &mut chunk);
            to.packed(FIELD, &chunk.0)?;
        }
    }
    for (field, index) in facet.keys.iter().enumerate() {
        let all: Vec<_> = index.iter().flat_map(|index| index.iter()).collect();
        for part in all.chunks(ROWS) {
            let mut chunk = Out::default();
            chunk.u32s([number as u32, field as u32, part.len() as u32]);
            chunk.u128s(part.iter().map(|(key, _)| *key));
            chunk.u32s(part.iter().map(|(_, row)| *row));
            to.packed(KEYS, &chunk.0)?;
        }
    }
    Ok(())
}

fn write_column(column: &FieldColumn, range: std::ops::Range<usize>, chunk: &mut Out) {
    fn cut<T: Copy>(v: &[T], range: std::ops::Range<usize>) -> impl Iterator<Item = T> + '_ {
        v.get(range).unwrap_or_default().iter().copied()
    }
    match &column.data {
        Data::Flag(v) => chunk.0.extend(cut(v, range).map(u8::from)),
        Data::Int(v) | Data::Time(v) => chunk.i64s(cut(v, range)),
        Data::Num(v) => chunk.f64s(cut(v, range)),
        Data::Entity(v) => chunk.u64s(cut(v, range)),
        Data::Code(v, _) => chunk.u32s(cut(v, range)),
        Data::Text(v) => {
            chunk.u32s(range.clone().map(|row| v.get(row).len() as u32));
            range.for_each(|row| chunk.0.extend_from_slice(v.get(row).as_bytes()));
        }
        Data::Point(x, y) => {
            chunk.f64s(cut(x, range.clone()));
            chunk.f64s(cut(y, range));
        }
        Data::Locator(s, c, _) => {
            chunk.u64s(cut(s, range.clone()));
            chunk.u32s(cut(c, range));
        }
    }
}
