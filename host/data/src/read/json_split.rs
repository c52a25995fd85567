//! Cutting a JSON stream into its top-level objects, without reading all of it.
//!
//! Understands just enough (strings, escapes, depth) to know where an object ends; what is inside is parsed afterwards.

use std::io::{self, BufRead, BufReader, Read};

pub(super) enum Piece {
    /// The bytes of one object and the line it begins on.
    Object(u64, Vec<u8>),
    /// Something else where an object should be, up to the end of the line.
    Other(u64, Vec<u8>),
    /// An object that is longer than the limit, or never closed.
    TooLong(u64),
    Unclosed(u64),
    End,
}

pub(super) struct Splitter<R> {
    input: BufReader<R>,
    limit: usize,
    line: u64,
}

impl<R: Read> Splitter<R> {
    pub(super) fn new(input: R, limit: usize) -> Splitter<R> {
        Splitter { input: BufReader::with_capacity(64 << 10, input), limit, line: 1 }
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let Some(b) = self.input.fill_buf()?.first().copied() else { return Ok(None) };
        self.input.consume(1);
        if b == b'\n' {
            self.line += 1;
        }
        Ok(Some(b))
    }

    pub(super) fn next(&mut self) -> io::Result<Piece> {
        loop {
            match self.byte()? {
                None => return Ok(Piece::End),
                // Between objects: an array's brackets and commas, and the lines of JSON lines.
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']') => {}
                Some(b'{') => return self.object(),
                Some(other) => return self.other(other),
            }
        }
    }

    fn object(&mut self) -> io::Result<Piece> {
        let began = self.line;
        let mut bytes = vec![b'{'];
        let mut depth = 1_u32;
        let (mut quoted, mut escaped) = (false, false);
        while depth > 0 {
            let Some(b) = self.byte()? else { return Ok(Piece::Unclosed(began)) };
            bytes.push(b);
            if bytes.len() > self.limit {
                return Ok(Piece::TooLong(began));
            }
            match b {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth -= 1,
                _ => {}
            }
        }
        Ok(Piece::Object(began, bytes))
    }

    fn other(&mut self, first: u8) -> io::Result<Piece> {
        let began = self.line;
        let mut bytes = vec![first];
        while let Some(b) = self.byte()? {
            if b == b'\n' {
                break;
            }
            bytes.push(b);
            if bytes.len() > self.limit {
                return Ok(Piece::TooLong(began));
            }
        }
        Ok(Piece::Other(began, bytes))
    }
}
