//! Numbers from a seed: SplitMix64 (Steele, Lea, Flood 2014). For made-up data only, never for secrets.

#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// `stream` keeps parts of the city independent: a change of the reports leaves the places as they are.
    pub(super) fn new(seed: u64, stream: u64) -> Rng {
        let mut rng = Rng(seed ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        rng.next();
        rng
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `[0, 1)`.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// In `0..n`; 0 for `n = 0`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// `total` cut into `parts` of at least one, unequal but not wildly so.
    pub(super) fn share(&mut self, total: usize, parts: usize) -> Vec<usize> {
        let weights: Vec<f64> = (0..parts).map(|_| self.between(0.6, 1.4)).collect();
        let sum: f64 = weights.iter().sum();
        let spare = total.saturating_sub(parts);
        let mut shares = Vec::with_capacity(parts);
        let (mut owed, mut given) = (0.0, 0_usize);
        for weight in weights {
            owed += weight / sum * spare as f64;
            let here = (owed.round() as usize).clamp(given, spare) - given;
            given += here;
            shares.push(1 + here);
        }
        if let Some(last) = shares.last_mut() {
            *last += spare - given;
        }
        shares
    }
}
