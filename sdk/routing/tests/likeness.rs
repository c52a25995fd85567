//! Repeats: what makes two messages the same matter, and what does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_routing::*;
use proptest::prelude::*;

const HOUR: i64 = 3_600_000_000;

fn like(a: (&str, i64, u64, &str), b: (&str, i64, u64, &str), metres: Option<f64>) -> Likeness {
    let (pa, pb) = (Profile::of(a.0, ""), Profile::of(b.0, ""));
    let sight = |profile, (_, at, place, category)| Sight { profile, at, place, category };
    Likeness::of(&Model::new(1), sight(&pa, a), sight(&pb, b), metres)
}

#[test]
fn the_same_words_near_by_on_the_same_day_are_probably_the_same_matter() {
    let like = like(("红谷路井盖破损", 0, 7, "drainage"), ("红谷路口井盖破了", HOUR, 7, "drainage"), Some(20.0));
    assert_eq!(like.verdict(), Verdict::Probably, "{like:?}");
}

#[test]
fn the_same_words_far_away_or_a_year_ago_are_another_matter() {
    let words = "半夜施工噪声扰民";
    let far = like((words, 0, 7, "noise"), (words, HOUR, 9, "noise"), Some(8_000.0));
    assert!(far.verdict() < Verdict::Probably, "{far:?}");
    let old = like((words, 0, 7, "noise"), (words, 24 * 365 * HOUR, 9, "noise"), None);
    assert!(old.verdict() < Verdict::Probably, "{old:?}");
    let other = like(("路灯不亮", 0, 7, "street-light"), ("树倒了", HOUR, 7, "green-space"), Some(20.0));
    assert_eq!(other.verdict(), Verdict::Different, "{other:?}");
}

#[test]
fn every_part_of_the_answer_is_shown_and_they_sum_up_to_it() {
    let like = like(("井盖破损", 0, 0, "drainage"), ("井盖破损", 0, 4, "road-damage"), None);
    assert_eq!((like.near, like.same_category), (Near::Unknown, false));
    let parts = like.by_words + like.by_place + like.by_time + like.by_category;
    assert!((parts - like.odds()).abs() < 1e-12);
    assert!((like.words - 1.0).abs() < 1e-9);
}

proptest! {
    #[test]
    fn it_is_the_same_from_both_sides(a in "[红谷路井盖破损 a-c]{0,12}", b in "[红谷路井盖破损 a-c]{0,12}", gap in 0_i64..2_000) {
        let (one, two) = ((a.as_str(), 0, 3, "x"), (b.as_str(), gap * HOUR, 5, "y"));
        let (there, back) = (like(one, two, None), like(two, one, None));
        prop_assert!((there.odds() - back.odds()).abs() < 1e-9);
        prop_assert!((0.0..=1.0).contains(&there.words));
    }

    #[test]
    fn nearer_and_sooner_never_makes_it_less_the_same(metres in 0.0..5_000.0_f64, less in 0.0..1.0_f64, hours in 0_i64..2_000) {
        let at = |metres: f64, hours: i64| like(("井盖破损", 0, 0, "x"), ("井盖坏了", hours * HOUR, 0, "x"), Some(metres)).odds();
        prop_assert!(at(metres * less, hours) >= at(metres, hours));
        prop_assert!(at(metres, hours / 2) >= at(metres, hours));
    }
}
