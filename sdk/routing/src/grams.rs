//! Cutting a text into n-grams: runs of Chinese characters by two and three, words of letters and digits by two to five with their edges.

/// Longest piece of a word, in characters, its edges counted.
const WORD_MAX: usize = 5;
/// Longest piece of a run of Chinese characters.
const HAN_MAX: usize = 3;
/// Characters of a text that are looked at; the rest of a novel adds nothing.
const READ_MAX: usize = 20_000;

/// One piece as it stands in the text: its hash, and which characters of the text it covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Gram {
    pub(crate) hash: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// One form for what looks the same: full-width letters and digits become half-width, letters become small.
pub(crate) fn normal(text: &str) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len().min(READ_MAX));
    for c in text.chars().take(READ_MAX) {
        let narrow = match u32::from(c) {
            0x3000 => ' ',
            wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
            _ => c,
        };
        out.extend(narrow.to_lowercase());
    }
    out
}

fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c)
}

/// FNV-1a, with the bits mixed so that the low ones are good.
fn hash(pieces: impl Iterator<Item = char>) -> u32 {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for c in pieces {
        h = (h ^ u64::from(u32::from(c))).wrapping_mul(0x0000_0100_0000_01b3);
    }
    h ^= h >> 29;
    h = h.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    // 2^20 values: some four hundred pairs of Chinese characters share one, so that a count names no word.
    u32::try_from((h >> 32) & 0xf_ffff).unwrap_or(0)
}

/// Every piece of a normal text, in order.
pub(crate) fn cut(text: &[char]) -> Vec<Gram> {
    let mut out = Vec::with_capacity(text.len() * 2);
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        let same: fn(char) -> bool = match c {
            c if is_han(c) => is_han,
            c if is_word(c) => is_word,
            _ => {
                at += 1;
                continue;
            }
        };
        let end = at + text.get(at..).unwrap_or(&[]).iter().take_while(|c| same(**c)).count();
        let run = text.get(at..end).unwrap_or(&[]);
        if is_han(c) {
            han(run, at, &mut out)
        } else {
            word(run, at, &mut out)
        }
        at = end;
    }
    out
}

fn at(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn han(run: &[char], from: usize, out: &mut Vec<Gram>) {
    for n in 2..=HAN_MAX {
        for (i, piece) in run.windows(n).enumerate() {
            out.push(Gram { hash: hash(piece.iter().copied()), start: at(from + i), end: at(from + i + n) });
        }
    }
}

fn word(run: &[char], from: usize, out: &mut Vec<Gram>) {
    let edged: Vec<char> = std::iter::once(' ').chain(run.iter().copied()).chain(std::iter::once(' ')).collect();
    for n in 2..=WORD_MAX.min(edged.len()) {
        for (i, piece) in edged.windows(n).enumerate() {
            // The edges stand for no character of the text.
            let (start, end) = (i.max(1) - 1, (i + n - 1).min(run.len()));
            out.push(Gram { hash: hash(piece.iter().copied()), start: at(from + start), end: at(from + end) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        let text = normal(text);
        cut(&text).iter().map(|g| text[g.start as usize..g.end as usize].iter().collect()).collect()
    }

    #[test]
    fn chinese_is_cut_by_two_and_three_and_words_by_their_pieces() {
        assert_eq!(pieces("噪声扰民"), ["噪声", "声扰", "扰民", "噪声扰", "声扰民"]);
        assert_eq!(pieces("gas")[..4], ["g", "ga", "as", "s"]);
        assert_eq!(pieces("井，盖"), Vec::<String>::new());
    }

    #[test]
    fn full_width_and_capital_letters_are_the_same_as_small_ones() {
        assert_eq!(normal("ＡＴＭ３号"), normal("atm3号"));
        assert_eq!(pieces("Gas Leak").len(), pieces("gas  leak").len());
    }
}
