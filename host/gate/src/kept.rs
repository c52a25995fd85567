//! Sign-ins that outlive a restart: a host that starts anew at night does not silence the seats that wait for alarms.
//!
//! ```text
//! begun ──► `+ HASH ACCOUNT TIME`     used, now and then ──► `~ HASH TIME`
//! ended at it ──► `- HASH TIME`        ended from elsewhere ──► `! HASH TIME`
//!                                   one line each, at the end of a file that is written anew when the host starts
//! ```
//!
//! Invariants: the file holds hashes of cookies, numbers of accounts and times, nothing that lets anybody in, no device and no address; what was ended is on disk
//! as ended before anybody is told so, and when that cannot be written the file is removed, so that the next start signs everybody
//! out; a file that does not read is not believed in part. Beginning is not waited for: what is lost is a sign-in, not a right.

use crate::sessions::{Key, Length};
use changzhi_model::{EntityId, Micros};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// So long is remembered what was ended from elsewhere: by then a device has wiped itself.
const REMEMBERED: i64 = 7 * Micros::DAY;
/// A line is a hundred bytes; a file this large is not ours.
const LARGEST: u64 = 256 << 20;

/// What a start finds.
#[derive(Default, PartialEq, Debug)]
pub(crate) struct Found {
    /// Cookie's hash, account, begun, known to be used last.
    pub(crate) live: Vec<(Key, EntityId, Micros, Micros)>,
    /// Ended from elsewhere, the oldest first.
    pub(crate) revoked: Vec<Key>,
}

pub(crate) struct Kept {
    path: PathBuf,
    /// `None`: it could not be written, and is no more.
    file: Mutex<Option<File>>,
}

enum Line {
    Began(Key, EntityId, Micros),
    Used(Key, Micros),
    Ended(Key),
    Revoked(Key, Micros),
}

fn parse(line: &str) -> Option<Line> {
    let mut parts = line.split(' ');
    let (sort, hash) = (parts.next()?, parts.next()?);
    let mut key = Key::default();
    hex::decode_to_slice(hash, &mut key).ok()?;
    let mut number = || parts.next()?.parse::<i64>().ok();
    let read = match sort {
        "+" => Line::Began(key, EntityId(number()?.try_into().ok()?), Micros(number()?)),
        "~" => Line::Used(key, Micros(number()?)),
        "-" => {
            number()?;
            Line::Ended(key)
        }
        "!" => Line::Revoked(key, Micros(number()?)),
        _ => return None,
    };
    parts.next().is_none().then_some(read)
}

/// `None`: a line in the middle does not read. The last one may be torn: nobody was told of it.
fn read(text: &str, now: Micros, length: Length) -> Option<(Found, Vec<(Key, Micros)>)> {
    let (whole, _torn) = text.rsplit_once('\n').unwrap_or(("", text));
    let (mut live, mut revoked) = (HashMap::new(), Vec::new());
    for line in whole.lines() {
        match parse(line)? {
            Line::Began(key, account, begun) => {
                live.insert(key, (account, begun, begun));
            }
            Line::Used(key, at) => {
                if let Some((_, _, used)) = live.get_mut(&key) {
                    *used = at;
                }
            }
            Line::Ended(key) => {
                live.remove(&key);
            }
            Line::Revoked(key, at) => {
                live.remove(&key);
                revoked.push((key, at));
            }
        }
    }
    let most = |d: std::time::Duration| i64::try_from(d.as_micros()).unwrap_or(i64::MAX);
    let young = |since: Micros, most: i64| (0..=most).contains(&now.0.saturating_sub(since.0));
    revoked.retain(|(_, at)| young(*at, REMEMBERED));
    let mut live: Vec<_> = live.into_iter().map(|(key, (account, begun, used))| (key, account, begun, used)).collect();
    // Whoever had been away too long does not come back because the host was started anew.
    live.retain(|(_, _, begun, used)| young(*begun, most(length.absolute)) && young(*used, most(length.idle)));
    live.sort_by_key(|(key, _, begun, _)| (*begun, *key));
    let keys = revoked.iter().map(|(key, _)| *key).collect();
    Some((Found { live, revoked: keys }, revoked))
}

fn begun_line(key: &Key, account: EntityId, begun: Micros) -> String {
    format!("+ {} {} {}\n", hex::encode(key), account.0, begun.0)
}

fn appending(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

impl Kept {
    /// Reads what was kept, and writes the file anew without what is over. What does not read signs everybody out.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(crate) fn open(path: &Path, now: Micros, length: Length) -> io::Result<(Kept, Found)> {
        let small = std::fs::metadata(path).is_ok_and(|m| m.len() <= LARGEST);
        let text = if small { std::fs::read_to_string(path).ok() } else { None };
        let (found, revoked) = text.and_then(|text| read(&text, now, length)).unwrap_or_else(|| {
            if path.exists() {
                tracing::warn!(file = %path.display(), "kept sign-ins do not read: everybody signs in again");
            }
            (Found::default(), Vec::new())
        });
        let mut text = String::new();
        for (key, account, begun, used) in &found.live {
            text.push_str(&begun_line(key, *account, *begun));
            text.push_str(&format!("~ {} {}\n", hex::encode(key), used.0));
        }
        for (key, at) in &revoked {
            text.push_str(&format!("! {} {}\n", hex::encode(key), at.0));
        }
        let new = path.with_extension("new");
        if new.exists() {
            std::fs::remove_file(&new)?;
        }
        let mut file = appending(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        Ok((Kept { path: path.to_path_buf(), file: Mutex::new(Some(appending(path)?)) }, found))
    }

    pub(crate) fn began(&self, key: &Key, account: EntityId, begun: Micros) {
        self.append(&begun_line(key, account, begun), false);
    }

    pub(crate) fn used(&self, key: &Key, now: Micros) {
        self.append(&format!("~ {} {}\n", hex::encode(key), now.0), false);
    }

    /// On disk when this returns.
    pub(crate) fn ended(&self, keys: &[Key], now: Micros, from_elsewhere: bool) {
        let sort = if from_elsewhere { '!' } else { '-' };
        let lines: String = keys.iter().map(|key| format!("{sort} {} {}\n", hex::encode(key), now.0)).collect();
        if !lines.is_empty() {
            self.append(&lines, true);
        }
    }

    fn append(&self, lines: &str, durable: bool) {
        let mut file = self.file.lock();
        let Some(open) = file.as_mut() else { return };
        // Larger than it may be read again: it is not kept any longer.
        let mut written = match open.metadata() {
            Ok(m) if m.len() + lines.len() as u64 > LARGEST => Err(io::ErrorKind::FileTooLarge.into()),
            _ => open.write_all(lines.as_bytes()),
        };
        if durable && written.is_ok() {
            written = open.sync_data();
        }
        if let Err(error) = written {
            tracing::error!(file = %self.path.display(), %error, "sign-ins are not kept any more: the next start signs everybody out");
            *file = None;
            if let Err(error) = std::fs::remove_file(&self.path) {
                tracing::error!(file = %self.path.display(), %error, "remove this file: it holds sign-ins that were ended");
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const DAY: Length =
        Length { idle: std::time::Duration::from_secs(86_400), absolute: std::time::Duration::from_secs(86_400) };

    fn at(seconds: i64) -> Micros {
        Micros(seconds * Micros::SECOND)
    }

    #[test]
    fn what_began_is_found_again_what_ended_is_not_and_what_was_ended_from_elsewhere_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sign-ins");
        let (kept, found) = Kept::open(&path, at(0), DAY).unwrap();
        assert_eq!(found, Found::default());
        let (a, b, c) = ([1; 32], [2; 32], [3; 32]);
        for key in [&a, &b, &c] {
            kept.began(key, EntityId(7), at(1));
        }
        kept.ended(&[b], at(2), false);
        kept.ended(&[c], at(2), true);
        for _ in 0..2 {
            let (_, found) = Kept::open(&path, at(3), DAY).unwrap();
            assert_eq!(found, Found { live: vec![(a, EntityId(7), at(1), at(1))], revoked: vec![c] });
        }
        let (_, found) = Kept::open(&path, at(86_402), DAY).unwrap();
        assert_eq!(found, Found { live: Vec::new(), revoked: vec![c] }, "it was too long ago");
        let (_, found) = Kept::open(&path, at(8 * 86_400), DAY).unwrap();
        assert_eq!(found, Found::default(), "the device has wiped itself by now");
    }

    #[test]
    fn whoever_was_away_too_long_does_not_come_back_with_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sign-ins");
        let length = Length { idle: std::time::Duration::from_secs(1_800), ..DAY };
        let (kept, _) = Kept::open(&path, at(0), length).unwrap();
        let (idle, busy) = ([1; 32], [2; 32]);
        kept.began(&idle, EntityId(7), at(1));
        kept.began(&busy, EntityId(8), at(1));
        kept.used(&busy, at(1_500));
        let (_, found) = Kept::open(&path, at(2_000), length).unwrap();
        assert_eq!(found.live, [(busy, EntityId(8), at(1), at(1_500))]);
        assert_eq!(Kept::open(&path, at(3_301), length).unwrap().1.live, [], "a restart is no use of it");
    }

    #[test]
    fn a_torn_last_line_is_passed_over_and_a_bad_one_before_it_signs_everybody_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sign-ins");
        let (kept, _) = Kept::open(&path, at(0), DAY).unwrap();
        kept.began(&[1; 32], EntityId(7), at(1));
        kept.began(&[2; 32], EntityId(7), at(1));
        let whole = std::fs::read(&path).unwrap();
        for cut in whole.len() - 20..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(Kept::open(&path, at(2), DAY).unwrap().1.live.len(), 1, "cut at {cut}");
        }
        for bit in 0..8 {
            let mut bad = whole.clone();
            bad[0] ^= 1 << bit;
            std::fs::write(&path, &bad).unwrap();
            assert_eq!(Kept::open(&path, at(2), DAY).unwrap().1, Found::default(), "bit {bit}");
        }
    }

    #[test]
    fn the_file_holds_no_cookie_and_only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sign-ins");
        let (kept, _) = Kept::open(&path, at(0), DAY).unwrap();
        let secret = crate::sessions::fresh();
        kept.began(&crate::sessions::key(&secret), EntityId(7), at(1));
        assert!(!std::fs::read_to_string(&path).unwrap().contains(&secret));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn when_an_end_cannot_be_written_nothing_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sign-ins");
        let (kept, _) = Kept::open(&path, at(0), DAY).unwrap();
        kept.began(&[1; 32], EntityId(7), at(1));
        // A file that cannot be written to any more.
        *kept.file.lock() = Some(File::open(&path).unwrap());
        kept.ended(&[[1; 32]], at(2), true);
        assert!(!path.exists());
        assert_eq!(Kept::open(&path, at(3), DAY).unwrap().1, Found::default());
    }
}
