//! Opening: decides what is a torn tail, what is damage, and where the log goes on.
//!
//! A bad frame is a torn tail only if it lies past the durable mark and no frame with a valid checksum follows it: the log
//! writes a frame only after the one before it is synced, so a valid follower proves that the bad one was whole once.
//! Sealed segments are held against each other by header and trailer only (two reads each); the last one is walked whole.

use crate::block::{BLOCK, Block, Content, SegmentHeader, Trailer};
use crate::cursor::{FIRST_FRAME, Place, Step, damaged, name};
use crate::error::RESTORE;
use crate::mark_file::{HEAD, HEAD_NEW, MarkFile};
use crate::segments::{Segment, Segments, note};
use crate::tail;
use crate::{Disk, DiskFile, Head, JournalError, Options, Recovery, Repair};
use changzhi_model::Seq;
use std::sync::Arc;

pub(crate) struct Found {
    pub segments: Segments,
    pub mark: MarkFile,
    pub spare: Option<Arc<dyn DiskFile>>,
    pub recovery: Recovery,
}

pub(crate) fn recover(disk: &Arc<dyn Disk>, options: &Options) -> Result<Found, JournalError> {
    let mut repairs = Vec::new();
    let names = disk.list().map_err(|e| JournalError::io(format!("cannot list {}", disk.place()), &e))?;
    for name in names.iter().filter(|n| n.ends_with(".tmp") && (*n == HEAD_NEW || n.starts_with("segment-"))) {
        disk.remove(name).map_err(|e| JournalError::io(format!("cannot remove {name}"), &e))?;
        repairs.push(Repair::LeftoverRemoved { name: name.clone() });
    }
    let files = segment_files(&names)?;
    if !names.iter().any(|n| n == HEAD) {
        if !files.is_empty() {
            return Err(lost(HEAD, 0, "the durable mark is gone but there are segments"));
        }
        MarkFile::make(&**disk)?;
    }
    let (mark, bad_slot) = MarkFile::open(&**disk, !options.without_sync)?;
    repairs.extend(bad_slot.map(|slot| Repair::MarkSlot { slot }));

    let mut opening = Opening { disk, options, mark: &mark, repairs, segments: Segments::default(), spare: None };
    let headers = opening.headers(files)?;
    opening.sealed(&headers)?;
    let head = match headers.last() {
        Some(last) => opening.last(last)?,
        None if mark.newest.seq > 0 || mark.newest.segment > 1 => {
            return Err(lost(&name(1), mark.newest.seq, "no segment is there, but the durable mark counts records"));
        }
        None => Head::EMPTY,
    };
    let Opening { repairs, segments, spare, .. } = opening;
    let recovery = Recovery { clean: mark.newest.clean, head, segments: headers.len() as u64, repairs };
    Ok(Found { segments, mark, spare, recovery })
}

struct Opening<'a> {
    disk: &'a Arc<dyn Disk>,
    options: &'a Options,
    mark: &'a MarkFile,
    repairs: Vec<Repair>,
    segments: Segments,
    spare: Option<Arc<dyn DiskFile>>,
}

impl Opening<'_> {
    /// The segments that have begun. What follows them may be one prepared segment, nothing else.
    fn headers(&mut self, files: Vec<u64>) -> Result<Vec<SegmentHeader>, JournalError> {
        let marked = self.mark.newest.segment;
        let newest = files.last().copied().unwrap_or(0);
        let mut headers = Vec::new();
        for index in files {
            let file = self.open(index)?;
            let len = len_of(&*file, index)?;
            match read_block::<SegmentHeader>(&*file, index, 0, len)?.known(&name(index))? {
                Some(h) if h.index != index => {
                    return Err(damaged(index, 0, h.first, format!("it holds segment {}", h.index)));
                }
                Some(h) if h.bytes != len => {
                    return Err(damaged(
                        index,
                        len,
                        h.first,
                        format!("it should be {} bytes long, not {len}", h.bytes),
                    ));
                }
                Some(h) => headers.push(h),
                // The first file without a header: the segment prepared ahead, if it may be one.
                None if index <= marked && self.mark.newest.seq > 0 || index != newest => {
                    return Err(damaged(index, 0, 0, "its header is bad"));
                }
                None => self.spare = self.spare(index, file, len)?,
            }
        }
        let begun = headers.len() as u64;
        if marked > begun && self.mark.newest.seq > 0 {
            return Err(lost(&name(begun + 1), self.mark.newest.seq, "segments before the durable mark are missing"));
        }
        Ok(headers)
    }

    /// A prepared segment must be blank. A torn header is the trace of a power cut; anything with a frame in it is damage.
    fn spare(
        &mut self,
        index: u64,
        file: Arc<dyn DiskFile>,
        len: u64,
    ) -> Result<Option<Arc<dyn DiskFile>>, JournalError> {
        let what = match tail::written(&*file, index, 0, len)? {
            Some((first, last)) => {
                if let Some(at) = tail::any_frame(&*file, index, FIRST_FRAME.min(len), last)? {
                    return Err(damaged(index, at, 0, "a frame is there, but the segment's header is bad"));
                }
                format!("bytes {first} to {last} are not zero")
            }
            None if len != self.options.segment_bytes => format!("it is {len} bytes long"),
            None => return Ok(Some(file)),
        };
        let io = |e: std::io::Error| JournalError::io(format!("cannot drop {}", name(index)), &e);
        self.disk.remove(&name(index)).map_err(io)?;
        self.disk.sync_dir().map_err(io)?;
        self.repairs.push(Repair::SpareDropped { segment: index, what });
        Ok(None)
    }

    /// All but the last: header and trailer must fit together.
    fn sealed(&mut self, headers: &[SegmentHeader]) -> Result<(), JournalError> {
        let mut follows = Place { offset: 0, seq: 0, chain: [0; 32] };
        for (at, header) in headers.iter().enumerate() {
            if header.first != follows.seq + 1 || header.chain != follows.chain {
                return Err(damaged(header.index, 0, header.first, "it does not follow the segment before it"));
            }
            if at + 1 == headers.len() {
                break;
            }
            let file = self.open(header.index)?;
            let Some(trailer) = read_trailer(&*file, header)?.known(&name(header.index))? else {
                let at = header.bytes - BLOCK as u64;
                return Err(damaged(header.index, at, header.first, "its trailer is bad"));
            };
            if trailer.index != header.index || trailer.last + 1 < header.first {
                return Err(damaged(
                    header.index,
                    header.bytes - BLOCK as u64,
                    trailer.last,
                    "its trailer is another's",
                ));
            }
            follows = Place { offset: trailer.end, seq: trailer.last, chain: trailer.chain };
            let mark = &self.mark.newest;
            if mark.segment == header.index && (mark.seq > follows.seq || mark.clean) {
                return Err(damaged(
                    header.index,
                    mark.offset,
                    mark.seq,
                    "its end is not where the durable mark has it",
                ));
            }
            self.segments.push(Arc::new(Segment::new(header, self.disk.clone(), None, follows, true, None)));
        }
        Ok(())
    }

    /// The last one is walked; what is behind its last good frame is judged and cleared.
    fn last(&mut self, header: &SegmentHeader) -> Result<Head, JournalError> {
        let index = header.index;
        let file = self.open(index)?;
        let start = Place { offset: FIRST_FRAME, seq: header.first - 1, chain: header.chain };
        let segment = Segment::new(header, self.disk.clone(), Some(file.clone()), start, false, None);
        let mark = &self.mark.newest;
        let mut met = mark.segment != index;
        let mut landmarks = vec![start];
        let mut cursor = segment.cursor(start, segment.usable_end(), 1 << 20)?;
        let bad = loop {
            let at = cursor.at;
            note(&mut landmarks, at);
            if mark.segment == index && at.offset == mark.offset {
                if at.seq != mark.seq || at.chain != mark.chain {
                    return Err(damaged(
                        index,
                        at.offset,
                        at.seq,
                        "the log is not the one the durable mark was made for",
                    ));
                }
                met = true;
            }
            match cursor.step()? {
                Step::Frame(_) => {}
                Step::End => break "records are missing here",
                Step::Bad(what) => break what,
            }
        };
        let end = cursor.at;
        let trailer = read_trailer(&*file, header)?;
        let sealed = match &trailer {
            Block::Good(t) if t.index == index && t.end == end.offset && t.last == end.seq && t.chain == end.chain => {
                true
            }
            Block::Good(_) => return Err(damaged(index, end.offset, end.seq + 1, bad)),
            Block::Version(_) => return Err(trailer.known(&name(index)).err().unwrap_or(JournalError::Closed)),
            Block::Bad | Block::Blank => false,
        };
        if !met {
            return Err(damaged(index, end.offset, end.seq + 1, format!("{bad}, and the durable mark is further on")));
        }
        if mark.clean && (mark.segment != index || mark.offset != end.offset) {
            return Err(damaged(index, end.offset, end.seq, "the log goes on behind an orderly close"));
        }
        if !sealed {
            self.clear_tail(&segment, &*file, end, bad)?;
            if trailer == Block::Bad {
                tail::clear(&*file, index, header.bytes - BLOCK as u64, header.bytes)?;
                self.repairs.push(Repair::TrailerCleared { segment: index });
            }
        }
        let file = (!sealed).then_some(file);
        let segment = Segment::new(header, self.disk.clone(), file, end, sealed, Some(landmarks));
        self.segments.push(Arc::new(segment));
        Ok(Head { seq: Seq(end.seq), chain: end.chain })
    }

    fn clear_tail(&mut self, of: &Segment, file: &dyn DiskFile, end: Place, bad: &str) -> Result<(), JournalError> {
        let Some((first, last)) = tail::written(file, of.index, end.offset, of.usable_end())? else { return Ok(()) };
        if let Some(at) = tail::valid_frame(file, of, end.offset)? {
            return Err(damaged(
                of.index,
                end.offset,
                end.seq + 1,
                format!("{bad}, but a valid frame follows at {at}"),
            ));
        }
        tail::clear(file, of.index, first, last + 1)?;
        let (segment, offset, bytes) = (of.index, end.offset, last + 1 - end.offset);
        self.repairs.push(if self.mark.newest.clean {
            Repair::StrayBytes { segment, offset: first, bytes: last + 1 - first }
        } else {
            Repair::TornTail { segment, offset, bytes }
        });
        Ok(())
    }

    fn open(&self, index: u64) -> Result<Arc<dyn DiskFile>, JournalError> {
        self.disk.open(&name(index)).map_err(|e| JournalError::io(format!("cannot open {}", name(index)), &e))
    }
}

/// The numbers of the segment files, which must be 1, 2, 3, …
fn segment_files(names: &[String]) -> Result<Vec<u64>, JournalError> {
    let mut files: Vec<u64> = names.iter().filter_map(|n| n.strip_prefix("segment-")?.parse().ok()).collect();
    files.sort_unstable();
    match (1u64..).zip(&files).find(|(want, have)| want != *have) {
        Some((missing, _)) => Err(lost(&name(missing), 0, "the segment is missing while later ones are there")),
        None => Ok(files),
    }
}

pub(crate) fn len_of(file: &dyn DiskFile, index: u64) -> Result<u64, JournalError> {
    file.len().map_err(|e| JournalError::io(format!("cannot measure {}", name(index)), &e))
}

pub(crate) fn read_block<T: Content>(
    file: &dyn DiskFile,
    index: u64,
    at: u64,
    len: u64,
) -> Result<Block<T>, JournalError> {
    if at + BLOCK as u64 > len {
        return Ok(Block::Bad);
    }
    let mut bytes = vec![0; BLOCK];
    file.read_at(&mut bytes, at).map_err(|e| JournalError::io(format!("cannot read {}", name(index)), &e))?;
    Ok(T::decode(&bytes))
}

pub(crate) fn read_trailer(file: &dyn DiskFile, header: &SegmentHeader) -> Result<Block<Trailer>, JournalError> {
    read_block(file, header.index, header.bytes - BLOCK as u64, header.bytes)
}

fn lost(file: &str, seq: u64, what: &str) -> JournalError {
    JournalError::Damaged { file: file.to_owned(), segment: 0, offset: 0, seq, what: what.to_owned(), hint: RESTORE }
}
