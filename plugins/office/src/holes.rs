//! Times that nobody covers.

use changzhi_sdk::Micros;

/// A stretch of time, the end not included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Span {
    pub(crate) from: Micros,
    pub(crate) to: Micros,
}

/// What of `window` no span covers, in order. Spans may overlap and come in any order.
pub(crate) fn holes(mut spans: Vec<Span>, window: Span) -> Vec<Span> {
    spans.sort();
    let mut holes = Vec::new();
    let mut covered = window.from;
    for span in spans {
        if span.from >= window.to {
            break;
        }
        if span.from > covered {
            holes.push(Span { from: covered, to: span.from });
        }
        covered = covered.max(span.to);
    }
    if covered < window.to {
        holes.push(Span { from: covered, to: window.to });
    }
    holes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span { from: Micros(from), to: Micros(to) }
    }

    /// Naive: minute by minute.
    fn naive(spans: &[Span], window: Span) -> Vec<i64> {
        (window.from.0..window.to.0).filter(|t| !spans.iter().any(|s| (s.from.0..s.to.0).contains(t))).collect()
    }

    #[test]
    fn holes_are_exactly_what_no_duty_covers() {
        let window = span(10, 40);
        let mut seed = 1_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from(seed >> 58).unwrap()
        };
        for _ in 0..500 {
            let spans: Vec<Span> = (0..next() % 6)
                .map(|_| {
                    let from = next();
                    span(from, from + 1 + next() / 4)
                })
                .collect();
            let found = holes(spans.clone(), window);
            let minutes: Vec<i64> = found.iter().flat_map(|h| h.from.0..h.to.0).collect();
            assert_eq!(minutes, naive(&spans, window), "{spans:?}");
            assert!(found.windows(2).all(|w| w[0].to < w[1].from), "holes do not touch");
        }
    }
}
