//! What is approved changes only by a next version, and the one before holds until then, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod major_scene;

use changzhi_testkit::{EntityId, Micros, TestCity};
use major_scene::{MINUTE, Scene, about, at};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn revised(s: &Scene, plan: EntityId) -> EntityId {
    let done = s.planner().does("command/revise-major", &about(plan)).unwrap();
    assert_eq!(done.value("version").unwrap().as_int(), Some(2));
    done.id("major").unwrap()
}

/// Of a version: its only post.
fn post_of(s: &Scene, plan: EntityId) -> EntityId {
    let page = s.planner().sees("command/major", &about(plan)).unwrap();
    let open = page.page.nodes.iter().find(|n| n.key == "matrix").unwrap();
    assert!(open.children > 0);
    let keys: Vec<u64> = page.page.nodes.iter().filter_map(|n| n.key.parse().ok()).collect();
    let is_post = |id: &u64| s.city.city().read(|w| w.core(EntityId(*id))).is_some_and(|c| c.kind == "major-post");
    EntityId(keys.into_iter().find(is_post).unwrap())
}

#[test]
fn a_next_version_has_everything_of_the_one_before_which_holds_until_it_is_approved() {
    let s = Scene::new();
    let plan = s.briefed();
    s.city.person("wang", &[]).unwrap().does("command/confirm-briefing", &about(plan)).unwrap();
    let next = revised(&s, plan);
    let again = s.planner().refused("command/revise-major", &about(plan)).unwrap();
    assert_eq!(again, "conflict: major-version-waits");
    let page = s.planner().sees("command/major", &about(next)).unwrap();
    assert!(page.rows("gaps").is_empty() && page.says("major-other-holds"), "the same people at the same posts");
    let post = post_of(&s, next);
    let duties = s.planner().sees("command/major-post", &json!({"major-post": post.0})).unwrap().rows("duties");
    assert_eq!(duties.iter().map(|d| d[1].as_str()).collect::<Vec<_>>(), ["li", "wang"]);
    assert_eq!(duties[0][3], "", "what was read of the one before is not read of this one");
    // Assigned there already, they are not assigned again; and the old one holds.
    s.planner().does("command/submit-major", &about(next)).unwrap();
    assert_eq!((s.state(plan).as_str(), s.state(next).as_str()), ("briefed", "submitted"));
    let done = s.boss().does("command/approve-major", &about(next)).unwrap();
    assert_eq!((s.state(plan).as_str(), s.state(next).as_str()), ("replaced", "briefed"));
    assert_eq!(done.changes().iter().filter(|c| *c == "intend notify").count(), 2, "each reads it again");
    let wang = s.city.person("wang", &[]).unwrap();
    assert_eq!(wang.sees("command/my-duty", &json!({})).unwrap().commands(), ["confirm-briefing"]);
    assert!(s.planner().sees("command/major", &about(plan)).unwrap().says("major-is-replaced"));
    assert_eq!(s.planner().sees("command/major", &about(next)).unwrap().rows("versions").len(), 2);
    assert_eq!(s.planner().refused("command/revise-major", &about(plan)).unwrap(), "conflict: major-not-in-force");
}

#[test]
fn a_version_approved_while_the_event_goes_on_takes_over_every_post_at_once() {
    let s = Scene::new();
    let (plan, watches) = s.live();
    let next = revised(&s, plan);
    let post = post_of(&s, next);
    // Somebody goes, somebody comes.
    let shift = s.add_shift(next, "加班", 10, 12);
    s.assign(post, shift, "zhao");
    s.planner().does("command/submit-major", &about(next)).unwrap();
    assert_eq!(s.state(watches[0]), "waiting", "the version that holds is watched on");
    let with = json!({"major": next.0, "accepted": "现场增援"});
    let done = s.boss().does("command/approve-major", &with).unwrap();
    assert_eq!(
        (s.state(plan).as_str(), s.state(next).as_str(), s.state(watches[0]).as_str()),
        ("replaced", "live", "released")
    );
    let new = done.created("major-watch");
    assert_eq!(new.iter().map(|w| s.state(*w)).collect::<Vec<_>>(), ["waiting", "waiting"]);
    // The old address leads to what holds.
    let board = s.chief().sees("command/major-board", &about(plan)).unwrap();
    assert_eq!(board.rows(&format!("table-{next}")).len(), 2);
    s.city.person("wang", &[]).unwrap().does("command/check-in-post", &json!({"watch": new[0].0})).unwrap();
    s.until(at(12));
    let stood = s.chief().refused("command/stand-down-major", &about(plan)).unwrap();
    assert_eq!(stood.kind(), "conflict", "what was replaced is not stood down");
    s.chief().does("command/stand-down-major", &about(next)).unwrap();
    let review = s.boss().sees("command/major-review", &about(next)).unwrap();
    assert_eq!(review.rows("posts-checks").len(), 3, "over both versions");
}

#[test]
fn after_a_restart_a_missed_check_in_is_still_told_at_its_own_time() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, watch);
    {
        let city = TestCity::in_dir(folder.path(), &["command"]).unwrap();
        city.place("division", "district", "D-1", None).unwrap();
        let square = city.place("facility", "square", "SQ-1", Some("D-1")).unwrap();
        let s = Scene::of(city, square);
        let live = s.live();
        (plan, watch) = (live.0, live.1[0]);
    }
    let city = TestCity::in_dir(folder.path(), &["command"]).unwrap();
    // A city of the kit begins its clock anew; the journal's time does not run back.
    city.at(Micros(at(8).0 + 10 * MINUTE));
    city.city().run_timers();
    let seat = city.person("seat", &["operator"]).unwrap();
    let board = seat.sees("command/major-board", &about(plan)).unwrap();
    assert_eq!(board.rows(&format!("table-{plan}"))[0][2], "watch-missed");
    assert_eq!(seat.sees("command/ringing", &json!({})).unwrap().parts("alarm"), [watch.to_string()]);
}

/// What a planner may try: post, shift, person.
fn tries() -> impl Strategy<Value = Vec<(usize, usize, usize, bool)>> {
    prop::collection::vec((0_usize..2, 0_usize..4, 0_usize..4, any::<bool>()), 1..16)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever is tried in whatever order, nobody who is assigned stands in two shifts that share a moment.
    #[test]
    fn nobody_is_ever_assigned_to_shifts_that_overlap(tries in tries()) {
        const SHIFTS: [(i64, i64); 4] = [(8, 10), (9, 11), (10, 12), (8, 12)];
        const PEOPLE: [&str; 4] = ["wang", "li", "zhao", "volunteer"];
        let s = Scene::new();
        let plan = s.draft();
        let posts = [s.add_post(plan, "北门", 1), s.add_post(plan, "南门", 1)];
        let shifts: Vec<EntityId> =
            SHIFTS.iter().enumerate().map(|(n, (from, to))| s.add_shift(plan, &format!("班{n}"), *from, *to)).collect();
        let mut held: Vec<(usize, usize, usize, EntityId)> = Vec::new();
        for (post, shift, who, drops) in tries {
            if drops && !held.is_empty() {
                let (.., duty) = held.remove(0);
                s.planner().does("command/end-duty", &json!({"duty": duty.0})).unwrap();
                continue;
            }
            let body: Json = Scene::duty(posts[post], shifts[shift], PEOPLE[who]);
            let here = held.iter().any(|(p, sh, w, _)| (*p, *sh, *w) == (post, shift, who));
            let clash = held.iter().any(|(p, sh, w, _)| {
                let (a, b) = (SHIFTS[*sh], SHIFTS[shift]);
                *w == who && (*p, *sh) != (post, shift) && a.0 < b.1 && b.0 < a.1
            });
            match s.planner().asks("command/assign-duties", &body).unwrap() {
                changzhi_testkit::Reply::Done(done) => {
                    prop_assert!(here || !clash);
                    if !here {
                        held.push((post, shift, who, done.id(&format!("duty-{}", PEOPLE[who])).unwrap()));
                    }
                }
                changzhi_testkit::Reply::Refused(why) => {
                    prop_assert!(clash && !here);
                    prop_assert_eq!(why, "invalid: logins: major-elsewhere");
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
        let page = s.planner().sees("command/major", &about(plan)).unwrap();
        prop_assert!(!page.rows("gaps").iter().any(|r| r[0] == "gap-major-twice"));
    }
}
