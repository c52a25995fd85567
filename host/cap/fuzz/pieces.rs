//! A change that keeps a document a document: bytes changed blindly are seldom XML, and never say an element twice.
//!
//! A text is taken as pieces, each a tag with what follows it. Pieces are said again, left out or moved by elements; otherwise bytes
//! change as libFuzzer would have it.

use libfuzzer_sys::fuzzer_mutate;

/// Changes `data` in place and gives its new length.
pub fn change(data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
    let Some(text) = data.get(..size).and_then(|d| std::str::from_utf8(d).ok()) else {
        return fuzzer_mutate(data, size, max);
    };
    let pieces: Vec<&str> = text.split_inclusive('>').collect();
    let mut dice = Dice(seed);
    if pieces.len() < 4 || dice.upto(3) == 0 {
        return fuzzer_mutate(data, size, max);
    }
    let from = dice.upto(pieces.len());
    let element = &pieces[from..end(&pieces, from)];
    let rest: Vec<&str> = pieces[..from].iter().chain(&pieces[from + element.len()..]).copied().collect();
    let to = dice.upto(rest.len() + 1);
    let changed: Vec<&str> = match dice.upto(4) {
        // Said again at once, which is where a schema lets most elements stand.
        0 | 1 => [&pieces[..from], element, element, &pieces[from + element.len()..]].concat(),
        2 => rest,
        _ => [&rest[..to], element, &rest[to..]].concat(),
    };
    let changed = changed.concat();
    let length = changed.len().min(max);
    match data.get_mut(..length) {
        Some(into) => into.copy_from_slice(&changed.as_bytes()[..length]),
        None => return size,
    }
    length
}

/// Where the element ends that begins at a piece: its tag is closed as often as it is opened. A piece that opens none is one by itself.
fn end(pieces: &[&str], from: usize) -> usize {
    let mut depth = 0_i32;
    for (n, piece) in pieces.iter().enumerate().skip(from) {
        let tag = piece.rsplit('<').next().unwrap_or_default();
        depth += match (tag.starts_with('/'), tag.ends_with("/>")) {
            (true, _) => -1,
            (false, true) => 0,
            (false, false) => 1,
        };
        if depth <= 0 {
            return n + 1;
        }
    }
    from + 1
}

/// Numbers out of a seed.
struct Dice(u32);

impl Dice {
    fn upto(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % end.max(1)
    }
}
