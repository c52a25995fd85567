//! The code of a matter (一案一码): short enough to be read out on the phone.

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `XXXXX-XXXXX` from 50 bits of the request's seed. Among ten million matters two meet with a chance of 4 %, and then the
/// unique field refuses the second request, which is sent again under another id.
pub(crate) fn from_seed(seed: u64) -> String {
    let mixed = seed ^ (seed >> 50);
    let mut out = String::with_capacity(11);
    for i in 0..10 {
        if i == 5 {
            out.push('-');
        }
        let digit = usize::try_from((mixed >> (45 - 5 * i)) & 31).unwrap_or(0);
        out.push(ALPHABET.get(digit).copied().map_or('0', char::from));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::from_seed;
    use std::collections::HashSet;

    #[test]
    fn codes_are_short_fixed_and_differ_with_the_seed() {
        let codes: HashSet<String> =
            (0..10_000_u64).map(|i| from_seed(i.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
        assert_eq!(codes.len(), 10_000);
        assert!(codes.iter().all(|c| c.len() == 11 && c.as_bytes()[5] == b'-'));
        assert_eq!(from_seed(7), from_seed(7));
    }
}
