//! From which margin on a proposal may be made: so that of all proposals of that kind, 95 in 100 were right.

/// Of the proposals that are made, so many are to be right.
pub const PRECISION: f64 = 0.95;
/// Fewer judged messages than this prove nothing: nothing is proposed by the model then.
pub const LEAST: usize = 20;

/// Margins of messages the model had not seen, with whether its first choice was right. The order of adding does not matter.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Calibration {
    held: Vec<(f64, bool)>,
}

impl Calibration {
    pub fn new() -> Calibration {
        Calibration::default()
    }

    pub fn add(&mut self, margin: f64, right: bool) {
        if margin.is_finite() {
            self.held.push((margin, right));
        }
    }

    pub fn len(&self) -> usize {
        self.held.len()
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The lowest margin such that among all at or above it at least `precision` were right, two more failures assumed (so that
    /// a lucky run proves nothing). `None`: no margin is good enough.
    pub fn threshold(&self, precision: f64, least: usize) -> Option<f64> {
        let mut held = self.held.clone();
        held.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (mut right, mut all, mut found) = (0_u32, 0_u32, None);
        for (at, (margin, good)) in held.iter().enumerate() {
            (right, all) = (right + u32::from(*good), all + 1);
            // Only where the margin really falls: equal margins are taken together.
            let last = held.get(at + 1).is_none_or(|(next, _)| next < margin);
            let enough = usize::try_from(all).unwrap_or(usize::MAX) >= least;
            if last && enough && f64::from(right) >= precision * f64::from(all + 2) {
                found = Some(*margin);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_where_precision_still_holds_and_little_proof_is_none() {
        let mut c = Calibration::new();
        for i in 0..100 {
            c.add(f64::from(i), i >= 30);
        }
        let threshold = c.threshold(0.95, 20).unwrap();
        let (right, all) = (70.0, 100.0 - threshold);
        assert!(right / all >= 0.95 && threshold < 30.0, "{threshold}");
        let mut few = Calibration::new();
        (0..19).for_each(|i| few.add(f64::from(i), true));
        assert_eq!(few.threshold(0.95, 20), None);
        let mut bad = Calibration::new();
        (0..200).for_each(|i| bad.add(f64::from(i), i % 2 == 0));
        assert_eq!(bad.threshold(0.95, 20), None);
    }

    #[test]
    fn equal_margins_stand_or_fall_together() {
        let mut c = Calibration::new();
        (0..50).for_each(|_| c.add(1.0, true));
        (0..50).for_each(|_| c.add(1.0, false));
        assert_eq!(c.threshold(0.95, 20), None);
    }
}
