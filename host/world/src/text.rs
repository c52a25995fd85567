//! Short texts of one field in one arena.
//!
//! Contract: a row's text is where its packed span says. Overwriting leaves the old bytes behind; when more than half of
//! the arena is dead it is packed again. Price: 8 bytes a row and the bytes themselves, at most twice.

/// Longest text an arena takes, in bytes; the declaration's limit is far below.
pub(crate) const TEXT_LIMIT: usize = 64 * 1024;
const LENGTH_BITS: u32 = 20;

#[derive(Default, Debug, Clone)]
pub(crate) struct TextArena {
    spans: Vec<u64>,
    bytes: Vec<u8>,
    dead: usize,
}

fn pack(start: usize, len: usize) -> u64 {
    (start as u64) << LENGTH_BITS | len as u64
}

fn unpack(span: u64) -> (usize, usize) {
    ((span >> LENGTH_BITS) as usize, (span & ((1 << LENGTH_BITS) - 1)) as usize)
}

impl TextArena {
    pub fn push(&mut self, text: &str) {
        self.spans.push(pack(self.bytes.len(), text.len()));
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub fn get(&self, row: usize) -> &str {
        let (start, len) = self.spans.get(row).map_or((0, 0), |span| unpack(*span));
        self.bytes.get(start..start + len).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("")
    }

    pub fn set(&mut self, row: usize, text: &str) {
        if let Some(span) = self.spans.get_mut(row) {
            self.dead += unpack(*span).1;
            *span = pack(self.bytes.len(), text.len());
            self.bytes.extend_from_slice(text.as_bytes());
        }
        if self.dead > 1 << 16 && self.dead > self.bytes.len() / 2 {
            self.repack();
        }
    }

    fn repack(&mut self) {
        let mut bytes = Vec::with_capacity(self.bytes.len() - self.dead);
        for span in &mut self.spans {
            let (start, len) = unpack(*span);
            *span = pack(bytes.len(), len);
            bytes.extend_from_slice(self.bytes.get(start..start + len).unwrap_or_default());
        }
        self.bytes = bytes;
        self.dead = 0;
    }
}
