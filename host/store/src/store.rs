//! Opening, catching up, rebuilding, answering.

use crate::engine::Engine;
use crate::manifest::{self, io, sync_dir, write_whole};
use crate::quarantine::{KeptInput, Quarantine};
use crate::value::Row;
use crate::{Reason, Source, StoreError};
use changzhi_model::{Name, RequestId, Seq, Transaction};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two flushes while the store is written. Ids are spread over all leaves, so every flush writes most of the tree: seldom
/// is cheap, and a kill costs no more than re-reading so much of the journal.
const FLUSH_EVERY: Duration = Duration::from_secs(5);
/// Transactions written in one go while catching up.
const BATCH: usize = 4096;

/// A committed transaction's place, request and digest.
pub type Noted = (Seq, RequestId, [u8; 16]);

/// How opening went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The store was thrown away and rebuilt. A store that never was is not a rebuild.
    pub rebuilt: Option<Reason>,
    /// The last transaction the store knew by itself.
    pub caught_up_from: Seq,
}

/// The store. All calls take `&self`.
pub struct Store {
    /// Written by the indexer, for as long as sled takes.
    engine: Mutex<Option<Engine>>,
    /// Asked by every command: a handle of its own, so that a lookup never waits for a write.
    reader: Mutex<Option<Engine>>,
    progress: Mutex<Progress>,
    quarantine: Quarantine,
    place: Option<Place>,
}

/// How far the store is level with the journal. The mark passes no transaction that was not taken in, so that catching up from
/// it misses none, in whatever order they came.
struct Progress {
    mark: Option<Row>,
    ahead: BTreeMap<Seq, Row>,
    flushed: Instant,
    failed: Option<String>,
}

impl Progress {
    fn of(engine: &Engine) -> Result<Mutex<Progress>, StoreError> {
        let mark = engine.mark()?;
        Ok(Mutex::new(Progress { mark, ahead: BTreeMap::new(), flushed: Instant::now(), failed: None }))
    }

    fn pass(&mut self, rows: &[Row]) {
        let at = self.mark.map_or(Seq::ZERO, |m| m.seq);
        self.ahead.extend(rows.iter().filter(|r| r.seq > at).map(|r| (r.seq, *r)));
        let mut next = at.next();
        while let Some(row) = self.ahead.remove(&next) {
            self.mark = Some(row);
            next = next.next();
        }
    }
}

struct Place {
    dir: PathBuf,
}

impl Place {
    fn sled(&self) -> PathBuf {
        self.dir.join("sled")
    }
    fn manifest(&self) -> PathBuf {
        self.dir.join("sled.manifest")
    }
    /// Stands while sled is being opened.
    fn opening(&self) -> PathBuf {
        self.dir.join("sled.opening")
    }
    /// Says that a damaged value was met.
    fn doubt(&self) -> PathBuf {
        self.dir.join("sled.doubt")
    }
}

impl Store {
    /// A store that lives and dies with the process, filled from the journal.
    pub fn in_memory(source: &dyn Source) -> Result<(Store, Opened), StoreError> {
        let mut engine = Engine::in_memory();
        catch_up(&mut engine, source, Seq::ZERO)?;
        let quarantine = Quarantine::Memory(Mutex::new(BTreeMap::new()));
        let progress = Progress::of(&engine)?;
        let store = Store {
            reader: Mutex::new(Some(engine.handle())),
            engine: Mutex::new(Some(engine)),
            progress,
            quarantine,
            place: None,
        };
        Ok((store, Opened { rebuilt: None, caught_up_from: Seq::ZERO }))
    }

    /// Opens or makes the store in `dir` and brings it level with the journal. Whatever is wrong with sled's files ends in a
    /// rebuild; an error here is the disk's or the journal's.
    pub fn open(dir: &Path, source: &dyn Source) -> Result<(Store, Opened), StoreError> {
        fs::create_dir_all(dir).map_err(io(dir, "create"))?;
        let place = Place { dir: dir.to_owned() };
        let (mut engine, mark, rebuilt) = match trusted(&place, source)? {
            Ok((engine, mark)) => (engine, mark, None),
            Err(reason) => {
                set_aside(&place)?;
                (open_sled(&place)?, Seq::ZERO, reason)
            }
        };
        if let Some(reason) = &rebuilt {
            tracing::warn!(%reason, "the store is rebuilt from the journal");
        }
        catch_up(&mut engine, source, mark)?;
        let quarantine = Quarantine::Files(dir.join("quarantine"), Mutex::new(()));
        let progress = Progress::of(&engine)?;
        let store = Store {
            reader: Mutex::new(Some(engine.handle())),
            engine: Mutex::new(Some(engine)),
            progress,
            quarantine,
            place: Some(place),
        };
        Ok((store, Opened { rebuilt, caught_up_from: mark }))
    }

    /// The transaction a request became, with the digest of its body. What is noted is answered at once; what is committed but
    /// not yet noted is the caller's to know.
    pub fn seen(&self, request: RequestId) -> Result<Option<(Seq, [u8; 16])>, StoreError> {
        let found = match &*self.reader.lock() {
            Some(engine) => engine.get(request),
            None => return Err(StoreError::Closed),
        };
        if let (Err(StoreError::Damaged(_)), Some(place)) = (&found, &self.place) {
            write_whole(&place.doubt(), b"a damaged value was met\n")?;
        }
        Ok(found?.map(|row| (row.seq, row.digest)))
    }

    /// Takes in transactions that are durable, in order. Blocks for as long as sled takes: call it from a background thread
    /// with a bounded queue.
    pub fn note_committed(&self, batch: &[Noted]) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<Row> =
            batch.iter().map(|(seq, request, digest)| Row { seq: *seq, request: *request, digest: *digest }).collect();
        let mut held = self.engine.lock();
        let engine = held.as_mut().ok_or(StoreError::Closed)?;
        let mut progress = self.progress.lock();
        if let Some(reason) = &progress.failed {
            return Err(StoreError::Engine(reason.clone()));
        }
        progress.pass(&rows);
        // Neighbours share a leaf.
        rows.sort_unstable_by_key(|row| row.request);
        let flush = progress.flushed.elapsed() >= FLUSH_EVERY;
        let done = engine.put(&rows, progress.mark.as_ref()).and_then(|()| if flush { engine.flush() } else { Ok(()) });
        match done {
            Ok(()) if flush => progress.flushed = Instant::now(),
            Ok(()) => {}
            Err(e) => {
                progress.failed = Some(e.to_string());
                return Err(e);
            }
        }
        Ok(())
    }

    /// Goes on in memory, filled anew from the journal, when sled cannot (its disk is full, its files are damaged). The next open
    /// rebuilds what is on disk. Blocks for one pass over the journal.
    pub fn go_on_in_memory(&self, source: &dyn Source) -> Result<(), StoreError> {
        let mut engine = Engine::in_memory();
        catch_up(&mut engine, source, Seq::ZERO)?;
        if let Some(place) = &self.place {
            // Best effort: on a full disk the digests that are missing after this run say the same.
            let _ = write_whole(&place.doubt(), b"sled stopped working\n");
        }
        let progress = Progress::of(&engine)?.into_inner();
        *self.progress.lock() = progress;
        if let Some(failed) = self.reader.lock().replace(engine.handle()) {
            std::mem::forget(failed);
        }
        // The engine that failed is left alone until the process ends: sled flushes when it is dropped, and may panic there.
        if let Some(failed) = self.engine.lock().replace(engine) {
            std::mem::forget(failed);
        }
        Ok(())
    }

    /// True when it lives in memory: from the start, or since sled could not go on.
    pub fn is_in_memory(&self) -> bool {
        self.reader.lock().as_ref().is_some_and(Engine::is_in_memory)
    }

    /// The last transaction taken in.
    pub fn indexed(&self) -> Result<Seq, StoreError> {
        let held = self.reader.lock();
        let engine = held.as_ref().ok_or(StoreError::Closed)?;
        Ok(engine.mark()?.map_or(Seq::ZERO, |row| row.seq))
    }

    /// Keeps an input that broke a plugin, durable on return; answers its number.
    pub fn quarantine(&self, plugin: &Name, reason: &str, input: &[u8]) -> Result<u64, StoreError> {
        self.quarantine.put(plugin, reason, input)
    }

    /// Numbers of the inputs kept of a plugin, oldest first.
    pub fn quarantined(&self, plugin: &Name) -> Result<Vec<u64>, StoreError> {
        self.quarantine.numbers(plugin)
    }

    /// One kept input.
    pub fn kept(&self, plugin: &Name, number: u64) -> Result<Option<KeptInput>, StoreError> {
        self.quarantine.get(plugin, number)
    }

    /// Forgets one kept input. No error when it is gone already.
    pub fn release(&self, plugin: &Name, number: u64) -> Result<(), StoreError> {
        self.quarantine.remove(plugin, number)
    }

    /// Flushes, lets sled go and writes the digests the next open checks. Doing it again is harmless; without it the next open
    /// catches up from the last flush.
    pub fn close(&self) -> Result<(), StoreError> {
        self.reader.lock().take();
        let Some(engine) = self.engine.lock().take() else { return Ok(()) };
        let on_disk = !engine.is_in_memory();
        engine.close()?;
        match &self.place {
            // After sled failed its files are not to be vouched for: the next open rebuilds them.
            Some(place) if on_disk => manifest::write(&place.sled(), &place.manifest()),
            _ => Ok(()),
        }
    }
}

/// sled as it stands, when nothing speaks against it. `Err(None)`: there never was one.
type Trusted = Result<(Engine, Seq), Option<Reason>>;

fn trusted(place: &Place, source: &dyn Source) -> Result<Trusted, StoreError> {
    if !place.sled().exists() {
        let was = place.manifest().exists() || place.opening().exists() || place.doubt().exists();
        // A journal with records has had a store before.
        let was = was || source.head().0 > Seq::ZERO;
        return Ok(Err(was.then_some(Reason::Missing)));
    }
    if place.opening().exists() {
        return Ok(Err(Some(Reason::OpeningDied)));
    }
    if place.doubt().exists() {
        return Ok(Err(Some(Reason::DamageMet)));
    }
    if let Some(reason) = manifest::check(&place.sled(), &place.manifest())? {
        return Ok(Err(Some(reason)));
    }
    let unreadable = |e: StoreError| Ok(Err(Some(Reason::Unreadable(e.to_string()))));
    let engine = match open_sled(place) {
        Ok(engine) => engine,
        Err(e) => return unreadable(e),
    };
    let mark = match engine.mark() {
        Ok(mark) => mark,
        Err(e) => return unreadable(e),
    };
    let Some(mark) = mark else { return Ok(Ok((engine, Seq::ZERO))) };
    let head = source.head().0;
    if mark.seq > head {
        return Ok(Err(Some(Reason::Ahead { store: mark.seq.0, journal: head.0 })));
    }
    let mut same = false;
    let mut each = |seq: Seq, record: &[u8]| {
        same = seq == mark.seq && row(seq, record).is_ok_and(|row| row == mark);
        ControlFlow::Break(())
    };
    source.read(mark.seq, &mut each).map_err(StoreError::Source)?;
    if same { Ok(Ok((engine, mark.seq))) } else { Ok(Err(Some(Reason::Disagrees(mark.seq.0)))) }
}

/// Opens sled; an opening that ends the process is seen at the next start.
fn open_sled(place: &Place) -> Result<Engine, StoreError> {
    write_whole(&place.opening(), b"sled is being opened\n")?;
    remove(&place.manifest())?;
    sync_dir(&place.dir)?;
    let engine = Engine::open(&place.sled());
    remove(&place.opening())?;
    engine
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(path, "unlink")(e)),
        _ => Ok(()),
    }
}

/// Moves sled's files out of the way; only the newest such set is kept, for whoever wants to know.
fn set_aside(place: &Place) -> Result<(), StoreError> {
    let (sled, aside) = (place.sled(), place.dir.join("sled.aside"));
    if sled.exists() {
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(io(&aside, "unlink"))?;
        }
        fs::rename(&sled, &aside).map_err(io(&aside, "rename"))?;
    }
    for mark in [place.manifest(), place.opening(), place.doubt()] {
        remove(&mark)?;
    }
    sync_dir(&place.dir)
}

fn row(seq: Seq, record: &[u8]) -> Result<Row, StoreError> {
    let tx = Transaction::decode(record).map_err(|e| StoreError::Record { seq: seq.0, what: e.to_string() })?;
    Ok(Row { seq, request: tx.request, digest: tx.digest })
}

fn catch_up(engine: &mut Engine, source: &dyn Source, after: Seq) -> Result<(), StoreError> {
    if source.head().0 <= after {
        return Ok(());
    }
    let mut rows: Vec<Row> = Vec::with_capacity(BATCH);
    let mut failed = None;
    let mut each = |seq: Seq, record: &[u8]| {
        match row(seq, record) {
            Ok(row) => rows.push(row),
            Err(e) => failed = Some(e),
        }
        if rows.len() == BATCH && failed.is_none() {
            failed = put(engine, &mut rows).err();
        }
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    source.read(after.next(), &mut each).map_err(StoreError::Source)?;
    match failed {
        Some(e) => Err(e),
        None => {
            put(engine, &mut rows)?;
            engine.flush()
        }
    }
}

fn put(engine: &mut Engine, rows: &mut Vec<Row>) -> Result<(), StoreError> {
    if let Some(last) = rows.last().copied() {
        engine.put(rows, Some(&last))?;
        rows.clear();
    }
    Ok(())
}
