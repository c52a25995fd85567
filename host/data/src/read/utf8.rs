//! Text is UTF-8 or it is refused, with the line and the byte.
//!
//! A byte-order mark is dropped. Price: each byte is looked at once more (`str::from_utf8`, about 10 GB/s on ASCII).

use super::ReadError;
use crate::Said;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

/// Passes bytes on while they are UTF-8.
pub(super) struct Utf8<R> {
    inner: R,
    buf: Box<[u8]>,
    /// `buf[given..checked]` is valid and not handed on yet; `buf[checked..filled]` is the beginning of a character.
    given: usize,
    checked: usize,
    filled: usize,
    line: u64,
    offset: u64,
    began: bool,
}

impl<R: Read> Utf8<R> {
    pub(super) fn new(inner: R) -> Utf8<R> {
        Utf8 {
            inner,
            buf: vec![0; 64 << 10].into_boxed_slice(),
            given: 0,
            checked: 0,
            filled: 0,
            line: 1,
            offset: 0,
            began: false,
        }
    }

    /// Makes `given < checked`, or finds the end.
    fn fill(&mut self) -> io::Result<()> {
        loop {
            self.buf.copy_within(self.checked..self.filled, 0);
            self.filled -= self.checked;
            (self.given, self.checked) = (0, 0);
            let room = self.buf.get_mut(self.filled..).unwrap_or_default();
            let n = self.inner.read(room)?;
            self.filled += n;
            if !self.began && (self.filled >= 3 || n == 0) {
                self.began = true;
                if self.buf.starts_with(b"\xef\xbb\xbf") && self.filled >= 3 {
                    self.buf.copy_within(3..self.filled, 0);
                    self.filled -= 3;
                    self.offset = 3;
                }
            }
            let fresh = self.buf.get(..self.filled).unwrap_or_default();
            let (good, bad) = match std::str::from_utf8(fresh) {
                Ok(_) => (self.filled, false),
                Err(e) => (e.valid_up_to(), e.error_len().is_some() || n == 0),
            };
            let seen = fresh.get(..good).unwrap_or_default();
            self.line += seen.iter().filter(|b| **b == b'\n').count() as u64;
            self.offset += good as u64;
            self.checked = good;
            if good > 0 || (n == 0 && !bad) {
                return Ok(());
            }
            if bad {
                let tail = fresh.to_vec();
                let error = NotUtf8 { line: self.line, offset: self.offset, looks: guess(&tail) };
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
        }
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.checked {
            self.fill()?;
        }
        let ready = self.buf.get(self.given..self.checked).unwrap_or_default();
        let n = ready.len().min(out.len());
        for (to, from) in out.iter_mut().zip(ready) {
            *to = *from;
        }
        self.given += n;
        Ok(n)
    }
}

/// Bytes that are not UTF-8.
#[derive(Clone, Debug)]
pub(super) struct NotUtf8 {
    line: u64,
    offset: u64,
    looks: Option<&'static str>,
}

impl NotUtf8 {
    pub(super) fn into_error(self, path: &Path) -> ReadError {
        let from = self.looks.unwrap_or("GB18030");
        let file = path.display();
        let (zh, en) = match self.looks {
            Some(name) => (format!("不是 UTF-8，看起来是 {name}"), format!("this is not UTF-8; it looks like {name}")),
            None => ("不是 UTF-8 文本".into(), "this is not UTF-8 text".into()),
        };
        let line = format!("iconv -f {from} -t UTF-8 '{file}' > '{file}.utf8'");
        ReadError::new(
            path,
            self.line,
            Said::new(zh, en),
            Said::new(format!("请先转换（解压后）：{line}"), format!("Convert it first (unpacked): {line}")),
        )
        .at(self.offset)
    }
}

impl fmt::Display for NotUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not UTF-8 at line {}, byte {}", self.line, self.offset)
    }
}

impl std::error::Error for NotUtf8 {}

/// A name for what the bytes look like, told to a person who then decides.
fn guess(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some("UTF-16");
    }
    let mut pairs = 0;
    let mut at = bytes.iter().copied().peekable();
    while let Some(first) = at.next() {
        if first < 0x80 {
            continue;
        }
        match (first, at.next()) {
            (0x81..=0xfe, Some(0x40..=0x7e | 0x80..=0xfe)) => pairs += 1,
            (0x81..=0xfe, Some(0x30..=0x39)) => {
                if !matches!((at.next(), at.next()), (Some(0x81..=0xfe), Some(0x30..=0x39)) | (_, None)) {
                    return None;
                }
                pairs += 1;
            }
            (_, None) => break,
            _ => return None,
        }
    }
    (pairs > 0).then_some("GB18030")
}
