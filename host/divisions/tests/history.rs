//! What took the place of a code, at any date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_divisions::{Codes, Lost, Step, Today, circle, plain, since, today, until};
use proptest::prelude::*;
use std::collections::HashMap;
use std::convert::Infallible;

/// A history in memory: a date is a number.
#[derive(Default)]
struct Book {
    steps: Vec<Step>,
    places: Vec<&'static str>,
    drawn: HashMap<&'static str, i64>,
}

impl Codes for Book {
    type Error = Infallible;
    fn after(&self, code: &str) -> Result<Vec<Step>, Infallible> {
        Ok(self.steps.iter().filter(|s| s.old == code).cloned().collect())
    }
    fn before(&self, code: &str) -> Result<Vec<Step>, Infallible> {
        Ok(self.steps.iter().filter(|s| s.new == code).cloned().collect())
    }
    fn held(&self, code: &str) -> Result<bool, Infallible> {
        Ok(self.places.contains(&code))
    }
    fn drawn(&self, code: &str) -> Result<Option<i64>, Infallible> {
        Ok(self.drawn.get(code).copied())
    }
}

fn step(old: &str, new: &str, at: i64) -> Step {
    Step { old: old.into(), new: new.into(), at, ..Step::default() }
}

/// As the city of the demo has it: one district ended, one was made of a part of another, a county became a district.
fn nanchang() -> Book {
    Book {
        steps: vec![
            step("360105", "360112", 201_912),
            step("360112", "360113", 201_912),
            step("360122", "360112", 201_508),
        ],
        places: vec!["360100", "360102", "360112", "360113"],
        drawn: HashMap::new(),
    }
}

const NOW: i64 = 202_611;

fn ask(book: &Book, code: &str, at: i64) -> Today {
    today(book, code, at, NOW).unwrap()
}

fn codes(book: &Book, code: &str, at: i64) -> Vec<String> {
    let today = ask(book, code, at);
    assert!(today.lost.is_empty(), "{today:?}");
    today.now.into_iter().map(|n| n.code).collect()
}

#[test]
fn a_code_that_ended_is_what_took_its_place_also_when_it_is_written_years_later() {
    let book = nanchang();
    for at in [201_001, 201_911, 201_912, 202_201] {
        // 新建区 gave 红谷滩区 away on the very day it took 湾里区 in: that part was never 湾里区's.
        assert_eq!(codes(&book, "360105", at), ["360112"], "{at}");
    }
    let now = ask(&book, "360105", 201_801).now;
    assert_eq!(now[0].through, [book.steps[0].clone()]);
    assert_eq!(until(&book, "360105", NOW).unwrap(), Some(201_912));
    assert_eq!(until(&book, "360105", 201_801).unwrap(), None, "what is to come has not ended anything");
}

#[test]
fn a_code_that_lives_on_means_what_it_had_on_that_day() {
    let book = nanchang();
    assert_eq!(codes(&book, "360112", 201_801), ["360112", "360113"]);
    assert_eq!(codes(&book, "360112", 201_912), ["360112"]);
    assert_eq!(codes(&book, "360122", 201_401), ["360112", "360113"]);
    assert_eq!(until(&book, "360112", NOW).unwrap(), None);
}

#[test]
fn a_code_of_later_and_one_nobody_knows_say_so() {
    let book = nanchang();
    assert_eq!(
        ask(&book, "360113", 201_801),
        Today { now: vec![], lost: vec![Lost::NotYet { code: "360113".into(), since: 201_912 }] }
    );
    assert_eq!(codes(&book, "360113", 201_912), ["360113"]);
    assert_eq!(since(&book, "360112").unwrap(), Some(201_508), "the first step to it, not the last");
    assert_eq!(ask(&book, "130132", 201_801).lost, [Lost::Unknown { code: "130132".into() }]);
    assert_eq!(since(&book, "360102").unwrap(), None);
    // Another city's history leads to codes that have no place here.
    let elsewhere = Book { steps: vec![step("1", "2", 10), step("1", "360102", 10)], ..nanchang() };
    let both = ask(&elsewhere, "1", 5);
    assert_eq!(both.now[0].code, "360102");
    assert_eq!(both.lost, [Lost::Nowhere { code: "2".into(), through: vec![step("1", "2", 10)] }]);
}

#[test]
fn a_code_did_not_begin_with_what_it_took_in() {
    let only = |more: Step| Book { steps: vec![more], ..nanchang() };
    assert_eq!(since(&only(step("360105", "360112", 201_912)), "360112").unwrap(), Some(201_912), "nothing earlier");
    let said = Step { begins: Some(false), ..step("360105", "360112", 201_912) };
    assert_eq!(codes(&only(said), "360112", 201_801), ["360112"]);
    let drawn = Book { drawn: HashMap::from([("360112", 201_812)]), ..only(step("360105", "360112", 201_912)) };
    assert_eq!(codes(&drawn, "360112", 201_801), ["360112"], "a boundary of before tells of it");
    // A place may still have the code of what ended: then the step must say so.
    let said = Step { ends: Some(true), ..step("360102", "360112", 201_912) };
    assert_eq!(codes(&only(said), "360102", 202_201), ["360112"]);
}

#[test]
fn a_step_that_is_to_come_changes_nothing_yet() {
    let book = Book { steps: vec![step("360102", "360114", NOW + 1)], places: vec!["360102"], ..Book::default() };
    assert_eq!(codes(&book, "360102", NOW), ["360102"]);
}

#[test]
fn steps_that_lead_back_are_a_circle_unless_the_code_lived_on() {
    assert_eq!(circle(&nanchang().steps), None);
    assert_eq!(circle(&[step("a", "a", 1)]).unwrap(), ["a", "a"]);
    let round = [step("x", "a", 1), step("a", "b", 1), step("b", "c", 2), step("c", "a", 3)];
    assert_eq!(circle(&round).unwrap(), ["a", "b", "c", "a"]);
    let back = [Step { ends: Some(false), ..step("a", "b", 1) }, step("b", "a", 2)];
    assert_eq!(circle(&back), None);
    let book = Book { steps: back.to_vec(), places: vec!["a"], ..Book::default() };
    assert_eq!(codes(&book, "b", 1), ["a"]);
    assert_eq!(codes(&book, "a", 0), ["a"]);
}

#[test]
fn codes_are_compared_by_the_digits_of_their_level() {
    assert_eq!(plain("360105000000"), "360105");
    assert_eq!(plain(" 360105001000 "), "360105001");
    assert_eq!(plain("NC-HIGHTECH"), "NC-HIGHTECH");
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let flag = || prop::option::of(any::<bool>());
    let one = (0..6_usize, 0..6_usize, 0..20_i64, flag(), flag());
    let made = |(old, new, at, ends, begins): (usize, usize, i64, Option<bool>, Option<bool>)| Step {
        ends,
        begins,
        ..step(NAMES[old], NAMES[new], at)
    };
    prop::collection::vec(one.prop_map(made), 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, fork: false, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the steps are, circles too: every answer is a code a place has, with steps that lead to it, or a reason; and there is always one of the two.
    #[test]
    fn at_any_date_a_code_is_a_place_of_today_or_lost_with_a_reason(
        steps in steps(),
        held in prop::collection::vec(0..6_usize, 0..6),
        code in 0..6_usize,
        at in -1..22_i64,
        now in 0..22_i64,
    ) {
        let book = Book { steps, places: held.into_iter().map(|n| NAMES[n]).collect(), drawn: HashMap::new() };
        let today = today(&book, NAMES[code], at, now).unwrap();
        prop_assert!(!today.now.is_empty() || !today.lost.is_empty());
        for found in &today.now {
            prop_assert!(book.places.contains(&found.code.as_str()));
            prop_assert!(until(&book, &found.code, now).unwrap().is_none(), "what ended is no place of today");
            let mut here = NAMES[code].to_owned();
            for step in &found.through {
                prop_assert!(book.steps.contains(step) && step.old == here && step.at <= now);
                here = step.new.clone();
            }
            prop_assert_eq!(&here, &found.code);
        }
        for lost in &today.lost {
            match lost {
                Lost::NotYet { since: begins, .. } => prop_assert!(*begins > at),
                Lost::Unknown { code } => prop_assert!(!book.places.contains(&code.as_str())),
                // A circle that ends a code says so of the code itself.
                Lost::Nowhere { code, .. } => {
                    prop_assert!(!book.places.contains(&code.as_str()) || circle(&book.steps).is_some());
                }
            }
        }
    }

    /// A circle that is told is one; without one every code has an end.
    #[test]
    fn a_circle_is_made_of_steps_that_are_there(steps in steps()) {
        match circle(&steps) {
            Some(round) => {
                prop_assert!(round.len() > 1 && round.first() == round.last());
                for pair in round.windows(2) {
                    prop_assert!(steps.iter().any(|s| s.old == pair[0] && s.new == pair[1] && s.ends != Some(false)));
                }
            }
            None => {
                let mut left: Vec<&Step> = steps.iter().filter(|s| s.ends != Some(false)).collect();
                while !left.is_empty() {
                    let ends: Vec<String> = left.iter().map(|s| s.new.clone()).filter(|n| !left.iter().any(|s| s.old == *n)).collect();
                    prop_assert!(!ends.is_empty(), "{:?}", left);
                    left.retain(|s| !ends.contains(&s.new));
                }
            }
        }
    }
}
