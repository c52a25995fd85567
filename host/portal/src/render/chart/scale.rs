//! From figures to places: round steps, and zero where bars must stand on it.

/// A vertical axis from `low` to `high`, in equal steps.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// Holds zero and all figures, from one round number to another, in three to six steps.
    pub(super) fn round(values: impl Iterator<Item = f64>) -> Scale {
        let (low, high) = values.fold((0.0_f64, 0.0_f64), |(l, h), y| (l.min(y), h.max(y)));
        // Nothing but zeros: an axis to one.
        let high = if high > low { high } else { low + 1.0 };
        let step = round_step((high - low) / 4.0);
        Scale { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// From the least figure to the greatest.
    pub(super) fn tight(values: impl Iterator<Item = f64>) -> Scale {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), y| (l.min(y), h.max(y)));
        let high = if high > low { high } else { low + 1.0 };
        Scale { low, high, step: high - low }
    }

    /// Per cent of the height from the top.
    pub(super) fn down(&self, y: f64) -> f64 {
        ((self.high - y) / (self.high - self.low) * 100.0).clamp(0.0, 100.0)
    }

    /// From the top down.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let mut out = Vec::new();
        let mut y = self.high;
        while y > self.low - self.step / 2.0 && out.len() < 12 {
            // 0.1 + 0.2 is no label
            out.push((y / self.step).round() * self.step);
            y -= self.step;
        }
        out
    }
}

/// 1, 2 or 5 times a power of ten, not below `at_least`.
fn round_step(at_least: f64) -> f64 {
    let power = 10.0_f64.powf(at_least.log10().floor());
    let of = at_least / power;
    let times = if of <= 1.0 {
        1.0
    } else if of <= 2.0 {
        2.0
    } else if of <= 5.0 {
        5.0
    } else {
        10.0
    };
    times * power
}

/// Middle of slot `i` of `n`, in per cent of the width.
#[allow(clippy::cast_precision_loss, reason = "a few hundred at most")]
pub(super) fn x_of(i: usize, n: usize) -> f64 {
    (i as f64 + 0.5) / n.max(1) as f64 * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_is_round_and_holds_zero_and_every_figure() {
        let s = Scale::round([3.0, 97.0].into_iter());
        assert_eq!(s.ticks(), [100.0, 50.0, 0.0]);
        let s = Scale::round([-12.0, 40.0].into_iter());
        assert!(s.ticks().contains(&0.0) && s.ticks()[0] >= 40.0 && *s.ticks().last().unwrap() <= -12.0);
        assert_eq!(Scale::round(std::iter::empty()).ticks(), [1.0, 0.5, 0.0]);
        assert!(Scale::round([0.0].into_iter()).down(0.0).is_finite());
        assert!(Scale::round([1e-9, 2e-9].into_iter()).ticks().len() < 12);
    }

    #[test]
    fn places_lie_within_the_drawing() {
        let s = Scale::round([1.0, 10.0].into_iter());
        for y in [-5.0, 0.0, 3.3, 10.0, 99.0] {
            assert!((0.0..=100.0).contains(&s.down(y)));
        }
        assert_eq!((x_of(0, 2), x_of(1, 2)), (25.0, 75.0));
        assert!(x_of(0, 0).is_finite());
    }
}
