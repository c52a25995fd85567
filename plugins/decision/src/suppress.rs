//! Small cells are not shown, and nothing is shown that would give them away.

/// A count below this is shown as "<5".
pub(crate) const K: u64 = 5;

/// A count as it may be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shown {
    None,
    Few,
    Count(u64),
}

pub(crate) fn shown(count: u64) -> Shown {
    match count {
        0 => Shown::None,
        1..K => Shown::Few,
        count => Shown::Count(count),
    }
}

/// Change against the year before, as a share. Only where both counts may be shown: a change next to one shown count would
/// give the other away.
pub(crate) fn change(now: u64, before: u64) -> Option<f64> {
    match (shown(now), shown(before)) {
        (Shown::Count(now), Shown::Count(before)) => Some(now as f64 / before as f64 - 1.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_count_from_one_to_four_is_shown_or_can_be_worked_out() {
        for small in 1..K {
            assert_eq!(shown(small), Shown::Few);
            for other in 0..100 {
                assert_eq!(change(small, other), None);
                assert_eq!(change(other, small), None);
            }
        }
        assert_eq!(shown(K), Shown::Count(K));
        assert_eq!(change(10, 5), Some(1.0));
        assert_eq!(change(10, 0), None);
    }
}
