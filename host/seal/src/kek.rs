//! Where key-encryption keys come from. A file now; a TPM or KMS implements the same four calls later.

use crate::SealError;
use crate::crypt::{KEY, Secret, random};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A key-encryption key. Wiped when dropped; never printed.
pub struct Kek(pub(crate) Secret);

impl Kek {
    pub fn new(bytes: [u8; KEY]) -> Kek {
        Kek(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kek(hidden)")
    }
}

/// Makes, keeps and destroys KEKs by generation.
pub trait KekSource: Send + Sync + 'static {
    /// A fresh KEK for this generation, durable on return; one that was there before is replaced.
    fn create(&self, generation: u64) -> Result<Kek, SealError>;
    fn load(&self, generation: u64) -> Result<Kek, SealError>;
    /// No error when it is gone already.
    fn destroy(&self, generation: u64) -> Result<(), SealError>;
    fn generations(&self) -> Result<Vec<u64>, SealError>;
}

/// KEKs as files `kek-N`, mode 0600: `CZKEK001` ‖ generation u64 ‖ key 32 ‖ crc32.
#[derive(Debug)]
pub struct FileKeks {
    dir: PathBuf,
}

const MAGIC: &[u8; 8] = b"CZKEK001";
const LEN: usize = 8 + 8 + KEY + 4;

impl FileKeks {
    pub fn new(dir: impl Into<PathBuf>) -> FileKeks {
        FileKeks { dir: dir.into() }
    }

    fn path(&self, generation: u64) -> PathBuf {
        self.dir.join(format!("kek-{generation}"))
    }
}

impl KekSource for FileKeks {
    fn create(&self, generation: u64) -> Result<Kek, SealError> {
        let kek = Kek(Zeroizing::new(random()?));
        let mut bytes = Zeroizing::new(MAGIC.to_vec());
        bytes.extend_from_slice(&generation.to_le_bytes());
        bytes.extend_from_slice(&kek.0[..]);
        let crc = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        write_new(&self.path(generation), &bytes)?;
        sync_dir(&self.dir)?;
        Ok(kek)
    }

    fn load(&self, generation: u64) -> Result<Kek, SealError> {
        let path = self.path(generation);
        let mut bytes = Zeroizing::new(Vec::with_capacity(LEN + 1));
        match File::open(&path) {
            Ok(file) => file.take(LEN as u64 + 1).read_to_end(&mut bytes).map_err(io(&path, "read"))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(SealError::KekMissing(path)),
            Err(e) => return Err(io(&path, "open")(e)),
        };
        let damaged = |what| SealError::Damaged { path: path.clone(), at: 0, what };
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(|| damaged("it is too short"))?;
        if bytes.len() != LEN || crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return Err(damaged("its length or checksum is wrong"));
        }
        let key = body
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.strip_prefix(&generation.to_le_bytes()))
            .ok_or_else(|| damaged("it belongs to another generation"))?;
        let mut kek = Secret::default();
        kek.copy_from_slice(key.get(..KEY).ok_or_else(|| damaged("it is too short"))?);
        Ok(Kek(kek))
    }

    fn destroy(&self, generation: u64) -> Result<(), SealError> {
        destroy(&self.path(generation))
    }

    fn generations(&self) -> Result<Vec<u64>, SealError> {
        numbered(&self.dir, "kek-")
    }
}

pub(crate) fn io<'a>(path: &'a Path, what: &'static str) -> impl Fn(std::io::Error) -> SealError + 'a {
    move |source| SealError::Io { path: path.to_owned(), what, source }
}

/// Writes a whole file that only its owner may read, durable on return (its name is not: see [`sync_dir`]).
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SealError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(io(path, "create"))?;
    file.write_all(bytes).map_err(io(path, "write"))?;
    file.sync_all().map_err(io(path, "fsync"))
}

pub(crate) fn sync_dir(dir: &Path) -> Result<(), SealError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(io(dir, "fsync of the folder"))
}

/// Overwrites, syncs and unlinks. No error when it is gone already.
pub(crate) fn destroy(path: &Path) -> Result<(), SealError> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(io(path, "open")(e)),
    };
    let mut left = file.metadata().map_err(io(path, "stat"))?.len();
    let zeros = vec![0; 1 << 16];
    while left > 0 {
        let n = left.min(zeros.len() as u64) as usize;
        file.write_all(zeros.get(..n).unwrap_or_default()).map_err(io(path, "overwrite"))?;
        left -= n as u64;
    }
    file.sync_all().map_err(io(path, "fsync"))?;
    fs::remove_file(path).map_err(io(path, "unlink"))
}

/// The numbers of the files named `PREFIX` + number, ascending.
pub(crate) fn numbered(dir: &Path, prefix: &str) -> Result<Vec<u64>, SealError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(io(dir, "listing"))? {
        let name = entry.map_err(io(dir, "listing"))?.file_name();
        if let Some(n) = name.to_str().and_then(|n| n.strip_prefix(prefix)).and_then(|n| n.parse().ok()) {
            found.push(n);
        }
    }
    found.sort_unstable();
    Ok(found)
}
