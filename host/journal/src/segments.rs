//! The segments that hold records, and a sparse index into each.
//!
//! A landmark every 16 KiB of log (48 bytes: 0.3 %) lets `get` start close to its record with the right chain hash. The
//! last segment's landmarks come with the writing; those of a sealed one are made when it is first asked for, by walking
//! through it once (about 0.3 s for 64 MiB of small records).

use crate::block::{BLOCK, SegmentHeader};
use crate::cursor::{self, Cursor, FIRST_FRAME, Place, damaged};
use crate::{Disk, DiskFile, JournalError};
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;

const STRIDE: u64 = 16 << 10;

pub(crate) struct Segment {
    pub index: u64,
    /// Sequence of its first record.
    pub first: u64,
    /// Chain hash before it.
    pub chain: [u8; 32],
    pub salt: u64,
    /// Length of the file.
    pub bytes: u64,
    disk: Arc<dyn Disk>,
    // Only the segment being written stays open: a large city would else run out of descriptors.
    file: Mutex<Option<Arc<dyn DiskFile>>>,
    extent: Mutex<Extent>,
    landmarks: Mutex<Landmarks>,
}

/// How far the durable frames of a segment go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub end: Place,
    pub sealed: bool,
}

struct Landmarks {
    /// Ascending; the first is the segment's start.
    places: Vec<Place>,
    complete: bool,
}

impl Segment {
    /// A segment whose frames end at `end`. `places` are the landmarks when it has been walked.
    pub(crate) fn new(
        header: &SegmentHeader,
        disk: Arc<dyn Disk>,
        file: Option<Arc<dyn DiskFile>>,
        end: Place,
        sealed: bool,
        places: Option<Vec<Place>>,
    ) -> Segment {
        let start = Place { offset: FIRST_FRAME, seq: header.first - 1, chain: header.chain };
        Segment {
            index: header.index,
            first: header.first,
            chain: header.chain,
            salt: header.salt,
            bytes: header.bytes,
            disk,
            file: Mutex::new(file),
            extent: Mutex::new(Extent { end, sealed }),
            landmarks: Mutex::new(Landmarks {
                complete: places.is_some(),
                places: places.unwrap_or_else(|| vec![start]),
            }),
        }
    }

    pub(crate) fn extent(&self) -> Extent {
        *self.extent.lock()
    }

    pub(crate) fn start(&self) -> Place {
        Place { offset: FIRST_FRAME, seq: self.first - 1, chain: self.chain }
    }

    /// Frames may reach to here; behind it is the trailer's block.
    pub(crate) fn usable_end(&self) -> u64 {
        self.bytes - BLOCK as u64
    }

    /// No frame comes any more.
    pub(crate) fn seal(&self) {
        self.extent.lock().sealed = true;
        *self.file.lock() = None;
    }

    pub(crate) fn open(&self) -> Result<Arc<dyn DiskFile>, JournalError> {
        if let Some(file) = &*self.file.lock() {
            return Ok(file.clone());
        }
        let name = cursor::name(self.index);
        self.disk.open(&name).map_err(|e| JournalError::io(format!("cannot open {name}"), &e))
    }

    /// A frame that began at `from` and ends at `to` is durable.
    pub(crate) fn grew(&self, from: Place, to: Place) {
        note(&mut self.landmarks.lock().places, from);
        self.extent.lock().end = to;
    }

    pub(crate) fn cursor(&self, from: Place, end: u64, ahead: usize) -> Result<Cursor, JournalError> {
        Ok(Cursor::new(self.open()?, self.index, self.salt, from, end, ahead))
    }

    /// A place at or before record `seq` from which it can be reached.
    pub(crate) fn place_before(&self, seq: u64) -> Result<Place, JournalError> {
        let mut landmarks = self.landmarks.lock();
        if !landmarks.complete && seq != self.first {
            let end = self.extent().end;
            let (reached, places) = self.walk(end.offset)?;
            if reached != end {
                return Err(damaged(self.index, reached.offset, reached.seq, "its end is not what its trailer says"));
            }
            *landmarks = Landmarks { places, complete: true };
        }
        let at = landmarks.places.partition_point(|p| p.seq < seq);
        Ok(landmarks.places.get(at.saturating_sub(1)).copied().unwrap_or_else(|| self.start()))
    }

    /// Walks every frame up to `end`: where it got to, and the landmarks on the way.
    pub(crate) fn walk(&self, end: u64) -> Result<(Place, Vec<Place>), JournalError> {
        let mut places = vec![self.start()];
        let mut cursor = self.cursor(self.start(), end, 1 << 20)?;
        loop {
            note(&mut places, cursor.at);
            if cursor.must()?.is_none() {
                return Ok((cursor.at, places));
            }
        }
    }
}

/// Keeps `place` when it is far enough from the last one kept.
pub(crate) fn note(places: &mut Vec<Place>, place: Place) {
    if places.last().is_none_or(|p| place.offset >= p.offset + STRIDE) {
        places.push(place);
    }
}

/// All segments with records, in order; the last is the one being written.
#[derive(Default)]
pub(crate) struct Segments(RwLock<Vec<Arc<Segment>>>);

impl Segments {
    pub(crate) fn push(&self, segment: Arc<Segment>) {
        self.0.write().push(segment);
    }

    pub(crate) fn last(&self) -> Option<Arc<Segment>> {
        self.0.read().last().cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Segment>> {
        self.0.read().clone()
    }

    /// The one that holds `seq`, if it is durable.
    pub(crate) fn holding(&self, seq: u64) -> Option<Arc<Segment>> {
        let list = self.0.read();
        let at = list.partition_point(|s| s.first <= seq).checked_sub(1)?;
        list.get(at).filter(|s| s.extent().end.seq >= seq).cloned()
    }

    /// The segments from the one that holds `seq` on.
    pub(crate) fn from(&self, seq: u64) -> Vec<Arc<Segment>> {
        let list = self.0.read();
        let at = list.partition_point(|s| s.first <= seq).saturating_sub(1);
        list.get(at..).unwrap_or_default().to_vec()
    }
}
