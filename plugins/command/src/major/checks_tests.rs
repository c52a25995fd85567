//! What the checks find, and what they must never miss.

use super::super::facet::{Post, Shift};
use super::*;
use proptest::prelude::*;

const HOUR: i64 = Micros::HOUR;
const PLAN: EntityId = EntityId(1);

fn at(hour: i64) -> Micros {
    Micros(hour * HOUR)
}

fn post(id: u64, need: i64, sort: Option<&str>, skills: Option<&str>) -> PostRow {
    let (sort, skills) = (sort.map(str::to_owned), skills.map(str::to_owned));
    let post = Post {
        plan: PLAN,
        name: format!("p{id}"),
        spot: None,
        task: "t".into(),
        need,
        sort,
        skills,
        equipment: None,
        ended: None,
    };
    PostRow { id: EntityId(id), within: None, post }
}

fn shift(id: u64, from: i64, to: i64) -> ShiftRow {
    let shift = Shift { plan: PLAN, name: format!("s{id}"), from: at(from), to: at(to), ended: None };
    ShiftRow { id: EntityId(id), shift }
}

fn duty(id: u64, post: u64, shift: u64, who: u64) -> DutyRow {
    let (post, shift, who) = (EntityId(post), EntityId(shift), EntityId(who));
    DutyRow { id: EntityId(id), post, shift, who, shown: format!("n{who}"), read: None }
}

fn standing(sort: &str, skills: &[&str], open: bool) -> Standing {
    Standing { sort: Some(sort.into()), skills: skills.iter().map(|s| (*s).to_owned()).collect(), open }
}

const FRAME: Frame = Frame { from: Micros(8 * HOUR), to: Micros(20 * HOUR), rest_hours: 8 };

fn keys(found: &[Finding]) -> Vec<&'static str> {
    found.iter().map(|f| f.key).collect()
}

#[test]
fn a_plan_without_posts_or_shifts_says_so_and_a_full_one_says_nothing() {
    assert_eq!(keys(&findings(FRAME, &[], &[], &[], &BTreeMap::new())), ["gap-major-no-post", "gap-major-no-shift"]);
    let known = BTreeMap::from([(EntityId(50), standing("guard", &[], true))]);
    let full =
        findings(FRAME, &[post(10, 1, Some("guard"), None)], &[shift(20, 8, 20)], &[duty(30, 10, 20, 50)], &known);
    assert_eq!(keys(&full), [""; 0]);
}

#[test]
fn whoever_lacks_the_kind_or_a_skill_does_not_fill_a_post_and_is_named() {
    let known = BTreeMap::from([
        (EntityId(50), standing("guard", &[], true)),
        (EntityId(51), standing("guard", &["first-aid"], true)),
        (EntityId(52), standing("volunteer", &["first-aid"], true)),
    ]);
    let posts = [post(10, 3, Some("guard"), Some("first-aid"))];
    let duties = [duty(30, 10, 20, 50), duty(31, 10, 20, 51), duty(32, 10, 20, 52)];
    let found = findings(FRAME, &posts, &[shift(20, 8, 20)], &duties, &known);
    assert_eq!(keys(&found), ["gap-major-unfit"]);
    let said = format!("{:?}", found[0].text);
    assert!(said.contains("n50") && said.contains("n52") && !said.contains("n51"), "{said}");
}

#[test]
fn hours_that_no_shift_covers_are_told_each_once() {
    let shifts = [shift(20, 9, 12), shift(21, 11, 13), shift(22, 15, 19)];
    let found = findings(FRAME, &[], &shifts, &[], &BTreeMap::new());
    let gaps: Vec<_> = found.iter().filter(|f| f.key == "gap-major-uncovered").collect();
    assert_eq!(gaps.len(), 3, "{gaps:?}");
}

#[test]
fn too_little_rest_two_posts_at_once_and_a_closed_account_are_told() {
    let known =
        BTreeMap::from([(EntityId(50), standing("guard", &[], true)), (EntityId(51), standing("guard", &[], false))]);
    let posts = [post(10, 1, None, None), post(11, 1, None, None)];
    let shifts = [shift(20, 8, 12), shift(21, 14, 20)];
    let duties = [duty(30, 10, 20, 50), duty(31, 10, 21, 50), duty(32, 11, 20, 51), duty(33, 11, 21, 50)];
    let found = keys(&findings(FRAME, &posts, &shifts, &duties, &known));
    for key in ["gap-major-rest", "gap-major-twice", "gap-major-left", "gap-major-uncovered"] {
        assert!(found.contains(&key), "{key} is not in {found:?}");
    }
}

proptest! {
    /// Whoever stands in two shifts that share a moment is always found, in whatever order things were written.
    #[test]
    fn nobody_is_in_two_places_at_once_without_being_found(
        times in prop::collection::vec((0_i64..40, 1_i64..12), 1..6),
        assigned in prop::collection::vec((0_u64..3, 0_usize..6, 0_u64..4), 0..12),
    ) {
        let posts: Vec<PostRow> = (0..3).map(|n| post(10 + n, 1, None, None)).collect();
        let mut shifts: Vec<ShiftRow> =
            times.iter().zip(20..).map(|((from, long), id)| shift(id, *from, from + long)).collect();
        let duties: Vec<DutyRow> = assigned
            .iter()
            .zip(100..)
            .map(|((post, shift, who), id)| duty(id, 10 + post, 20 + (shift % times.len()) as u64, 50 + who))
            .collect();
        shifts.sort_by_key(|s| (s.shift.from, s.id));
        let time = |id: EntityId| shifts.iter().find(|s| s.id == id).map(|s| (s.shift.from, s.shift.to)).unwrap();
        let clash = duties.iter().enumerate().any(|(n, a)| {
            duties[n + 1..].iter().any(|b| a.who == b.who && overlap(time(a.shift), time(b.shift)))
        });
        let found = findings(FRAME, &posts, &shifts, &duties, &BTreeMap::new());
        prop_assert_eq!(clash, found.iter().any(|f| f.key == "gap-major-twice"));
    }
}
