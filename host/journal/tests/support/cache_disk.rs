//! A disk with a volatile write cache, as a file served over FUSE: what a loop device is put on.
//!
//! Writes stay in the cache until a flush (fsync) arrives. When the power is cut, each cached sector survives with
//! probability one half, decided by the seed, and every access fails until the power is back.

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, Generation, INodeNo, LockOwner,
    MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyWrite, Request,
    WriteFlags,
};
use parking_lot::Mutex;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

const SECTOR: usize = 512;
const FOREVER: Duration = Duration::from_secs(3600);
const FILE: INodeNo = INodeNo(2);
pub const NAME: &str = "disk";

struct Medium {
    kept: Vec<u8>,
    cache: BTreeMap<usize, Vec<u8>>,
    dark: bool,
}

/// Clones are the same disk.
#[derive(Clone)]
pub struct CacheDisk(Arc<Mutex<Medium>>);

impl CacheDisk {
    pub fn new(bytes: usize) -> CacheDisk {
        CacheDisk(Arc::new(Mutex::new(Medium { kept: vec![0; bytes], cache: BTreeMap::new(), dark: false })))
    }

    /// Serves the disk as the file `disk` in `folder` until the session is dropped.
    pub fn mount(&self, folder: &Path) -> std::io::Result<BackgroundSession> {
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("journal-power-cut".to_owned())];
        fuser::spawn_mount(self.clone(), folder, &config)
    }

    pub fn cut(&self, seed: u64) {
        let mut medium = self.0.lock();
        let mut dice = StdRng::seed_from_u64(seed);
        for (sector, bytes) in std::mem::take(&mut medium.cache) {
            if dice.random_bool(0.5) {
                medium.kept[sector * SECTOR..][..SECTOR].copy_from_slice(&bytes);
            }
        }
        medium.dark = true;
    }

    pub fn power_on(&self) {
        self.0.lock().dark = false;
    }

    fn attr(&self, ino: INodeNo) -> FileAttr {
        let folder = ino == INodeNo::ROOT;
        let size = if folder { 0 } else { self.0.lock().kept.len() as u64 };
        FileAttr {
            ino,
            size,
            blocks: size / 512,
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind: if folder { FileType::Directory } else { FileType::RegularFile },
            perm: if folder { 0o755 } else { 0o600 },
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }
}

impl Medium {
    fn sector(&self, sector: usize) -> Vec<u8> {
        self.cache.get(&sector).cloned().unwrap_or_else(|| self.kept[sector * SECTOR..][..SECTOR].to_vec())
    }

    fn read(&self, at: usize, len: usize) -> Vec<u8> {
        let end = (at + len).min(self.kept.len());
        let mut out = self.kept.get(at..end).unwrap_or_default().to_vec();
        for (sector, bytes) in self.cache.range(at / SECTOR..end.div_ceil(SECTOR)) {
            for (i, b) in bytes.iter().enumerate() {
                if let Some(to) = (sector * SECTOR + i).checked_sub(at).and_then(|i| out.get_mut(i)) {
                    *to = *b;
                }
            }
        }
        out
    }

    fn write(&mut self, at: usize, data: &[u8]) {
        let (mut at, mut data) = (at, data);
        while !data.is_empty() {
            let (sector, within) = (at / SECTOR, at % SECTOR);
            let step = (SECTOR - within).min(data.len());
            let mut bytes = self.sector(sector);
            bytes[within..within + step].copy_from_slice(&data[..step]);
            self.cache.insert(sector, bytes);
            (at, data) = (at + step, &data[step..]);
        }
    }

    fn flush(&mut self) {
        for (sector, bytes) in std::mem::take(&mut self.cache) {
            self.kept[sector * SECTOR..][..SECTOR].copy_from_slice(&bytes);
        }
    }
}

impl Filesystem for CacheDisk {
    fn lookup(&self, _: &Request, _: INodeNo, name: &OsStr, reply: ReplyEntry) {
        if name == NAME {
            reply.entry(&FOREVER, &self.attr(FILE), Generation(0));
        } else {
            reply.error(Errno::ENOENT);
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&FOREVER, &self.attr(ino));
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        at: u64,
        len: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let medium = self.0.lock();
        if medium.dark {
            reply.error(Errno::EIO);
        } else {
            reply.data(&medium.read(usize::try_from(at).unwrap(), len as usize));
        }
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        at: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mut medium = self.0.lock();
        let at = usize::try_from(at).unwrap();
        if medium.dark {
            reply.error(Errno::EIO);
        } else if at + data.len() > medium.kept.len() {
            reply.error(Errno::ENOSPC);
        } else {
            medium.write(at, data);
            reply.written(u32::try_from(data.len()).unwrap());
        }
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let mut medium = self.0.lock();
        if medium.dark {
            reply.error(Errno::EIO);
        } else {
            medium.flush();
            reply.ok();
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn readdir(&self, _: &Request, _: INodeNo, _: FileHandle, at: u64, mut reply: ReplyDirectory) {
        if at == 0 {
            let _ = reply.add(FILE, 1, FileType::RegularFile, NAME);
        }
        reply.ok();
    }
}
