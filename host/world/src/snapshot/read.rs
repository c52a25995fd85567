//! Reading: one thread reads, checks, unpacks and builds what is derived; this one fills the ECS.

use super::bytes::In;
use super::frame::Reader;
use super::{CORE, EXTENTS, FIELD, FOOTER, FORMAT, HEADER, Header, KEYS, MAGIC, POSITIONS, ROW};
use crate::bits::Bits;
use crate::calendar::Calendar;
use crate::column::Data;
use crate::component::{Event, Person, Place, Position, Spine};
use crate::error::SnapshotError;
use crate::facet::Facet;
use crate::intern::Interner;
use crate::ring::Ring;
use crate::systems::{Book, Cells, Derived, Extents, Touch, install};
use crate::world::World;
use bevy_ecs::prelude::{Component, Entity, World as Ecs};
use changzhi_model::{Family, Micros, Point, Seq};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::mpsc::{SyncSender, sync_channel};

enum Chunk {
    /// Positions are those of the chunk's own rows, ascending by id.
    Core {
        spines: Vec<Spine>,
        changed: Vec<u64>,
        positions: Vec<(u32, Point)>,
    },
    Rest(u8, Vec<u8>),
}

/// What the filling thread builds of the derived structures; the reading one builds the others, so that both take as long.
#[derive(Default)]
struct Here {
    book: Book,
    cells: Cells,
    rings: BTreeMap<u32, Ring>,
}

fn damaged(what: &str) -> SnapshotError {
    SnapshotError::Damaged(what.into())
}

impl World {
    /// Reads a snapshot whole, or not at all. Returns the world, its revision and the journal's chain hash there.
    pub fn read_snapshot(input: &mut (dyn Read + Send)) -> Result<(World, Seq, [u8; 32]), SnapshotError> {
        let mut from = Reader::new(input);
        if from.plain::<8>()? != *MAGIC {
            return Err(damaged("it does not begin as a snapshot of the world"));
        }
        let found = u32::from_le_bytes(from.plain()?);
        if found != FORMAT {
            return Err(SnapshotError::Version { found, known: FORMAT });
        }
        let Some((HEADER, bytes)) = from.next(FOOTER)? else { return Err(damaged("it has no header")) };
        let header: Header = postcard::from_bytes(&bytes).map_err(|e| damaged(&e.to_string()))?;
        let calendar = Calendar::of(&header.zone).ok_or_else(|| damaged("its time zone is unknown here"))?;
        let (seq, chain, entities) = (Seq(header.seq), header.chain, header.entities);
        let rows: Vec<u64> = header.facets.iter().map(|f| f.rows).collect();
        let derived = Derived::new(calendar.clone());
        let mut world = World::on(calendar);
        world.adopt(header)?;
        let derived = std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(4);
            let reading = scope.spawn(move || unpack(&mut from, derived, sender));
            let mut here = Here::default();
            let mut filled = Ok(());
            for chunk in receiver {
                filled = world.fill(chunk, &mut here);
                if filled.is_err() {
                    break;
                }
            }
            let derived = reading.join().map_err(|_| damaged("its reader stopped"))?;
            // What is wrong with the file comes before what it made of the world.
            let mut derived = match (derived, filled) {
                (Err(e), Ok(())) | (_, Err(e)) => return Err(e),
                (Ok(derived), Ok(())) => derived,
            };
            (derived.book, derived.cells) = (here.book, here.cells);
            derived.extents = Extents::bulk(here.rings);
            Ok(derived)
        })?;
        let whole = world.facets.iter().map(|f| f.entities.len() as u64).eq(rows);
        if world.ids.len() as u64 != entities || !whole {
            return Err(damaged("rows are missing"));
        }
        install(&mut world.ecs, derived);
        Ok((world, seq, chain))
    }

    fn adopt(&mut self, header: Header) -> Result<(), SnapshotError> {
        self.revision = Seq(header.seq);
        self.last_at = Micros(header.last_at);
        self.kinds = Interner::from_names(header.kinds);
        self.families = header.families;
        self.kind_revisions = header.kind_revisions;
        self.categories = Interner::from_names(header.categories);
        self.states = Interner::from_names(header.states);
        self.kind_decls = header.kind_decls;
        self.ledger = header.ledger;
        self.ids.reserve(usize::try_from(header.entities).unwrap_or(0).min(1 << 26));
        for head in header.facets {
            self.declare(&head.decl).map_err(|e| damaged(&e.to_string()))?;
            let Some(facet) = self.facets.last_mut() else { continue };
            facet.revision = head.revision;
            for (column, codes) in facet.columns.iter_mut().zip(head.codes) {
                if let Data::Code(_, names) = &mut column.data {
                    *names = Interner::from_names(codes);
                }
            }
        }
        Ok(())
    }

    fn fill(&mut self, chunk: Chunk, here: &mut Here) -> Result<(), SnapshotError> {
        match chunk {
            Chunk::Core { spines, changed, positions } => {
                for spine in &spines {
                    here.book.note(&Touch { before: None, after: *spine, position: None });
                }
                positions.iter().for_each(|(id, p)| here.cells.add(*id, *p));
                self.fill_core(&spines, &changed, &positions)
            }
            Chunk::Rest(EXTENTS, bytes) => {
                let mut bytes = In(&bytes);
                let (id, n) = (bytes.one()? as u32, bytes.one()?);
                let flat = bytes.take_f64s(n.saturating_mul(2))?;
                let (pairs, _) = flat.as_chunks::<2>();
                let ring = Ring::of(pairs.iter().map(|[lon, lat]| Point { lon: *lon, lat: *lat }).collect());
                here.rings.insert(id, ring.ok_or_else(|| damaged("an extent is no ring"))?);
                Ok(())
            }
            Chunk::Rest(tag, bytes) => {
                let mut bytes = In(&bytes);
                let number = bytes.one()?;
                let facet = self.facets.get_mut(number).ok_or_else(|| damaged("a facet it does not declare"))?;
                fill_facet(facet, tag, &mut bytes)
            }
        }
    }

    /// Spawns in batches: a run of one family that has positions throughout, or none, is one batch; in a mixed one positions
    /// are inserted after, in a batch too.
    fn fill_core(
        &mut self,
        spines: &[Spine],
        changed: &[u64],
        mut positions: &[(u32, Point)],
    ) -> Result<(), SnapshotError> {
        let mut changed = changed.iter().copied();
        let families = std::mem::take(&mut self.families);
        let family = |s: &Spine| families.get(usize::from(s.kind)).copied();
        for run in spines.chunk_by(|a, b| family(a) == family(b)) {
            let of = run.first().and_then(family).ok_or_else(|| damaged("a kind it does not name"))?;
            let upto = run.last().map_or(0, |s| s.id);
            let here;
            (here, positions) = positions.split_at(positions.partition_point(|(id, _)| *id <= upto));
            let ids = &mut self.ids;
            let note = |entity| ids.push(entity, of, changed.next().unwrap_or(0));
            match of {
                Family::People => spawn(&mut self.ecs, run, here, Person, note),
                Family::Places => spawn(&mut self.ecs, run, here, Place, note),
                Family::Events => spawn(&mut self.ecs, run, here, Event, note),
            }
            if !here.is_empty() && here.len() != run.len() {
                let ids = &self.ids;
                let placed = here.iter().filter_map(|(id, p)| Some((ids.entity((*id).into())?, Position(*p))));
                self.ecs.insert_batch(placed);
            }
        }
        self.families = families;
        Ok(())
    }
}

fn spawn<M: Component + Copy>(
    ecs: &mut Ecs,
    run: &[Spine],
    positions: &[(u32, Point)],
    family: M,
    note: impl FnMut(Entity),
) {
    if positions.len() == run.len() {
        let rows = run.iter().zip(positions).map(move |(s, (_, p))| (*s, family, Position(*p)));
        ecs.spawn_batch(rows).for_each(note);
    } else {
        ecs.spawn_batch(run.iter().map(move |s| (*s, family))).for_each(note);
    }
}

fn unpack(from: &mut Reader<'_>, mut derived: Derived, to: SyncSender<Chunk>) -> Result<Derived, SnapshotError> {
    let send = |chunk| to.send(chunk).map_err(|_| damaged("its content does not fit its header"));
    let mut next_id = 1u32;
    // Positions follow the rows they belong to and are spawned together with them.
    let mut waiting: Option<(Vec<Spine>, Vec<u64>)> = None;
    while let Some((tag, bytes)) = from.next(FOOTER)? {
        if tag == POSITIONS {
            let (spines, changed) = waiting.take().ok_or_else(|| damaged("positions of nobody"))?;
            let positions = positions(&mut In(&bytes), &spines)?;
            send(Chunk::Core { spines, changed, positions })?;
            continue;
        }
        if let Some((spines, changed)) = waiting.take() {
            send(Chunk::Core { spines, changed, positions: Vec::new() })?;
        }
        match tag {
            CORE => {
                let (spines, changed) = core(&mut In(&bytes), next_id)?;
                next_id += spines.len() as u32;
                for spine in &spines {
                    derived.children.add(spine.id, spine.within);
                    derived.cube.add(spine, 1);
                }
                waiting = Some((spines, changed));
            }
            ROW | FIELD | KEYS | EXTENTS => send(Chunk::Rest(tag, bytes))?,
            _ => return Err(damaged("a chunk of an unknown sort")),
        }
    }
    if let Some((spines, changed)) = waiting {
        send(Chunk::Core { spines, changed, positions: Vec::new() })?;
    }
    Ok(derived)
}

fn positions(bytes: &mut In<'_>, of: &[Spine]) -> Result<Vec<(u32, Point)>, SnapshotError> {
    let n = bytes.one()?;
    let (ids, lon, lat) = (bytes.take_u32s(n)?, bytes.take_f64s(n)?, bytes.take_f64s(n)?);
    let (first, last) = (of.first().map_or(0, |s| s.id), of.last().map_or(0, |s| s.id));
    let theirs = ids.iter().all(|id| (first..=last).contains(id)) && ids.is_sorted_by(|a, b| a < b);
    if !theirs {
        return Err(damaged("a position of nobody"));
    }
    let points = lon.into_iter().zip(lat).map(|(lon, lat)| Point { lon, lat });
    Ok(ids.into_iter().zip(points).collect())
}

fn core(bytes: &mut In<'_>, first: u32) -> Result<(Vec<Spine>, Vec<u64>), SnapshotError> {
    let n = bytes.one()?;
    let (at, within) = (bytes.take_i64s(n)?, bytes.take_u32s(n)?);
    let (kind, category, state) = (bytes.take_u16s(n)?, bytes.take_u16s(n)?, bytes.take_u16s(n)?);
    let changed = bytes.take_u64s(n)?;
    let codes = kind.into_iter().zip(category).zip(state);
    let rows = (first..).zip(at.into_iter().zip(within)).zip(codes);
    let spines =
        rows.map(|((id, (at, within)), ((kind, category), state))| Spine { at, id, within, kind, category, state });
    Ok((spines.collect(), changed))
}

fn fill_facet(facet: &mut Facet, tag: u8, bytes: &mut In<'_>) -> Result<(), SnapshotError> {
    if tag == ROW {
        let n = bytes.one()?;
        for (entity, changed) in bytes.take_u32s(n)?.into_iter().zip(bytes.take_u64s(n)?) {
            facet.add_row(entity, changed);
        }
        return Ok(());
    }
    let (field, n) = (bytes.one()?, bytes.one()?);
    if tag == KEYS {
        let index = facet.keys.get_mut(field).and_then(Option::as_mut).ok_or_else(|| damaged("keys of no index"))?;
        for (key, row) in bytes.take_u128s(n)?.into_iter().zip(bytes.take_u32s(n)?) {
            index.insert(key, row);
        }
        return Ok(());
    }
    let column = facet.columns.get_mut(field).ok_or_else(|| damaged("a field it does not declare"))?;
    let words = bytes.take_u64s(n.div_ceil(64))?;
    let mut all = column.present.words().to_vec();
    all.extend(words);
    let rows = facet.entities.len();
    column.present = Bits::from_words(all, rows).ok_or_else(|| damaged("presence of other rows"))?;
    match &mut column.data {
        Data::Flag(v) => v.extend(bytes.take(n)?.iter().map(|b| *b != 0)),
        Data::Int(v) | Data::Time(v) => v.extend(bytes.take_i64s(n)?),
        Data::Num(v) => v.extend(bytes.take_f64s(n)?),
        Data::Entity(v) => v.extend(bytes.take_u64s(n)?),
        Data::Code(v, _) => v.extend(bytes.take_u32s(n)?),
        Data::Text(v) => {
            for len in bytes.take_u32s(n)? {
                let text = std::str::from_utf8(bytes.take(len as usize)?).map_err(|e| damaged(&e.to_string()))?;
                v.push(text);
            }
        }
        Data::Point(x, y) => {
            x.extend(bytes.take_f64s(n)?);
            y.extend(bytes.take_f64s(n)?);
        }
        Data::Locator(s, c, _) => {
            s.extend(bytes.take_u64s(n)?);
            c.extend(bytes.take_u32s(n)?);
        }
    }
    Ok(())
}
