//! Where rows live: sled, or a map in memory. The only file that knows sled.

use crate::StoreError;
use crate::value::{MARK, Row, decode, encode, key};
use changzhi_model::RequestId;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

const LEAF_FANOUT: usize = 1024;
const CACHE_BYTES: usize = 256 * 1024 * 1024;
type Db = sled::Db<LEAF_FANOUT>;

pub(crate) enum Engine {
    Sled(Box<Db>),
    Memory(Arc<Mutex<BTreeMap<Vec<u8>, Vec<u8>>>>),
}

/// Runs sled code; its known panics become errors.
fn guarded<T>(work: impl FnOnce() -> std::io::Result<T>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(e)) => Err(StoreError::Engine(e.to_string())),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Err(StoreError::Engine(format!("sled panicked: {}", text.unwrap_or_default())))
        }
    }
}

impl Engine {
    pub(crate) fn open(path: &Path) -> Result<Engine, StoreError> {
        let config = sled::Config::new()
            .path(path)
            .flush_every_ms(None)
            .cache_capacity_bytes(CACHE_BYTES)
            .zstd_compression_level(1);
        guarded(|| config.open::<LEAF_FANOUT>()).map(|db| Engine::Sled(Box::new(db)))
    }

    pub(crate) fn get(&self, request: RequestId) -> Result<Option<Row>, StoreError> {
        let row = self.read(&key(request))?;
        match row {
            Some(row) if row.request != request => Err(StoreError::Damaged(request.to_string())),
            row => Ok(row),
        }
    }

    /// The last indexed transaction.
    pub(crate) fn mark(&self) -> Result<Option<Row>, StoreError> {
        self.read(MARK)
    }

    fn read(&self, key: &[u8]) -> Result<Option<Row>, StoreError> {
        match self {
            Engine::Sled(db) => guarded(|| db.get(key))?.map(|v| decode(key, &v)).transpose(),
            Engine::Memory(map) => map.lock().get(key).map(|v| decode(key, v)).transpose(),
        }
    }

    /// Rows that can be asked for and the new mark, all or nothing. Never deletes: that is where sled's open deadlock (#1520) lives.
    pub(crate) fn put(&mut self, rows: &[Row], mark: Option<&Row>) -> Result<(), StoreError> {
        let pairs = rows.iter().filter(|row| !row.request.is_keyless()).map(|row| {
            let key = key(row.request).to_vec();
            let value = encode(&key, row);
            (key, value)
        });
        let pairs = pairs.chain(mark.map(|mark| (MARK.to_vec(), encode(MARK, mark))));
        match self {
            Engine::Sled(db) => {
                let mut batch = sled::Batch::default();
                for (key, value) in pairs {
                    batch.insert(key, value);
                }
                guarded(|| db.apply_batch(batch))
            }
            Engine::Memory(map) => {
                map.lock().extend(pairs);
                Ok(())
            }
        }
    }

    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        match self {
            Engine::Sled(db) => guarded(|| db.flush()).map(|_| ()),
            Engine::Memory(_) => Ok(()),
        }
    }

    /// Another handle on the same rows: sled's handles are not shared between threads, each takes its own.
    pub(crate) fn handle(&self) -> Engine {
        match self {
            Engine::Sled(db) => Engine::Sled(db.clone()),
            Engine::Memory(map) => Engine::Memory(Arc::clone(map)),
        }
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self, Engine::Memory(_))
    }

    pub(crate) fn in_memory() -> Engine {
        Engine::Memory(Arc::default())
    }

    /// Lets sled go: its threads have ended and its files are still when this returns.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        self.flush()?;
        guarded(|| {
            drop(self);
            Ok(())
        })
    }
}
