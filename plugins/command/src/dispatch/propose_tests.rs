use super::*;
use crate::dispatch::needs::parse;
use proptest::prelude::*;

const HALL: At = (115.9, 28.7);
const SORTS: [&str; 3] = ["police", "guard", "volunteer"];

fn who(id: u64, sort: &'static str, metres: f64, stand: Stand) -> Standing<'static> {
    let at = Some((HALL.0, HALL.1 + metres / DEGREE));
    Standing { id: EntityId(id), sort, skills: "", division: Some(EntityId(1)), at, stand }
}

fn free(minutes: i64) -> Stand {
    Stand::Free(Micros(-minutes * Micros::MINUTE))
}

fn ids(picks: &[Pick]) -> Vec<u64> {
    picks.iter().map(|p| p.id.0).collect()
}

fn asked(all: &[Standing<'_>], card: &str) -> Proposal {
    propose(all, &parse(card).unwrap(), &BTreeMap::new(), Some(HALL))
}

#[test]
fn the_nearest_comes_first_and_of_those_alike_whoever_has_been_free_longest() {
    let all = [
        who(1, "police", 450.0, free(1)),
        who(2, "police", 420.0, free(1)),
        who(3, "police", 410.0, free(90)),
        who(4, "police", 2_000.0, free(500)),
        who(5, "guard", 10.0, free(1)),
    ];
    let found = asked(&all, "police x3 3000m");
    assert_eq!(
        ids(&found.lines[0].picks),
        [3, 1, 2],
        "all four to five hundred metres away: by how long they are free"
    );
    assert_eq!(ids(&found.lines[0].others), [4]);
    assert_eq!(found.lines[0].short, 0);
    assert_eq!(found.lines[0].picks[0].metres, Some(410));
}

#[test]
fn each_shortfall_says_what_keeps_how_many_away() {
    let all = [
        who(1, "police", 100.0, Stand::Off),
        who(2, "police", 100.0, Stand::Off),
        who(3, "police", 100.0, Stand::Busy),
        who(4, "police", 100.0, Stand::Declined),
        who(5, "police", 100.0, Stand::NoAnswer),
        who(6, "police", 9_000.0, free(1)),
        who(7, "police", 100.0, free(1)),
    ];
    let found = asked(&all, "police x3 3000m");
    let line = &found.lines[0];
    assert_eq!((ids(&line.picks), line.short), (vec![7], 2));
    let because =
        [(Because::Off, 2), (Because::Busy, 1), (Because::Declined, 1), (Because::NoAnswer, 1), (Because::TooFar, 1)];
    assert_eq!(line.because, because);
    let none = asked(&all, "medical x1");
    assert_eq!((none.lines[0].short, &*none.lines[0].because), (1, &[(Because::Unknown, 0)][..]));
}

#[test]
fn nobody_is_proposed_for_two_lines_and_skills_must_all_be_there() {
    let skilled = Standing { skills: "first-aid boat", ..who(1, "volunteer", 100.0, free(1)) };
    let all = [skilled, who(2, "volunteer", 50.0, free(1))];
    let found = asked(&all, "volunteer x1 +first-aid +boat; volunteer x2");
    assert_eq!(ids(&found.lines[0].picks), [1]);
    assert_eq!(found.lines[0].because, []);
    assert_eq!((ids(&found.lines[1].picks), found.lines[1].short), (vec![2], 1));
    assert_eq!(found.lines[1].because, [(Because::Elsewhere, 1)]);
    let part = asked(&all, "volunteer x2 +first-aid +driving");
    assert_eq!((part.lines[0].short, &*part.lines[0].because), (2, &[(Because::Unskilled, 2)][..]));
}

#[test]
fn what_stands_already_is_not_asked_for_again() {
    let all =
        [who(1, "police", 100.0, Stand::Busy), who(2, "police", 200.0, free(1)), who(3, "police", 300.0, free(1))];
    let standing = BTreeMap::from([("police".to_owned(), 1)]);
    let found = propose(&all, &parse("police x2").unwrap(), &standing, Some(HALL));
    assert_eq!((found.lines[0].standing, ids(&found.lines[0].picks), found.lines[0].short), (1, vec![2], 0));
    let more = BTreeMap::from([("police".to_owned(), 5)]);
    let found = propose(&all, &parse("police x2").unwrap(), &more, Some(HALL));
    assert_eq!((found.lines[0].picks.len(), found.lines[0].short), (0, 0));
}

#[test]
fn what_stays_behind_is_counted_where_somebody_is_taken_away() {
    let other = Standing { division: Some(EntityId(2)), ..who(4, "police", 150.0, free(9)) };
    let all = [
        who(1, "police", 100.0, free(1)),
        who(2, "police", 900.0, free(1)),
        who(3, "police", 901.0, Stand::Off),
        other,
    ];
    let found = asked(&all, "police x2 1000m");
    assert_eq!(ids(&found.lines[0].picks), [4, 1]);
    let cover = |division, left| Cover { division: Some(EntityId(division)), sort: "police".into(), left };
    assert_eq!(found.cover, [cover(1, 1), cover(2, 0)], "the second division is left with none");
}

#[test]
fn where_it_is_is_not_known_and_somebody_is_proposed_all_the_same() {
    let nowhere = Standing { at: None, ..who(2, "police", 0.0, free(99)) };
    let all = [nowhere, who(1, "police", 100.0, free(1))];
    assert_eq!(ids(&asked(&all, "police x2 500m").lines[0].picks), [1, 2], "an unknown distance comes last");
    let found = propose(&all, &parse("police x2 500m").unwrap(), &BTreeMap::new(), None);
    assert_eq!(ids(&found.lines[0].picks), [2, 1]);
}

fn stand() -> impl Strategy<Value = Stand> {
    prop_oneof![
        3 => (0..500_i64).prop_map(free),
        1 => Just(Stand::Off),
        1 => Just(Stand::Busy),
        1 => Just(Stand::Declined),
        1 => Just(Stand::NoAnswer),
    ]
}

fn responders() -> impl Strategy<Value = Vec<Standing<'static>>> {
    let one =
        (0..3_usize, prop_oneof![Just(""), Just("first-aid")], 0..3_u64, 0.0..9_000.0_f64, any::<bool>(), stand());
    prop::collection::vec(one, 0..60).prop_map(|all| {
        let each = all.into_iter().enumerate().map(|(n, (sort, skills, division, metres, known, stand))| {
            let mut who = who(n as u64 + 1, SORTS[sort], metres, stand);
            (who.skills, who.division) = (skills, (division > 0).then_some(EntityId(division)));
            who.at = who.at.filter(|_| known);
            who
        });
        each.collect()
    })
}

fn needs() -> impl Strategy<Value = Vec<Need>> {
    let one = (0..3_usize, 1..6_u32, prop::option::of(100..9_000_u32), any::<bool>());
    prop::collection::vec(one, 1..6).prop_map(|lines| {
        let mut card: Vec<Need> = Vec::new();
        for (sort, count, metres, skill) in lines {
            let skills = if skill { vec!["first-aid".to_owned()] } else { Vec::new() };
            let within = metres.map(super::super::needs::Within::Metres);
            let need = Need { sort: SORTS[sort].into(), count, within, skills };
            if card.iter().all(|n| n.name() != need.name()) {
                card.push(need);
            }
        }
        card
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_is_off_on_a_task_or_has_declined_is_never_proposed(all in responders(), card in needs(), at in prop::option::of(Just(HALL))) {
        let found = propose(&all, &card, &BTreeMap::new(), at);
        let mut seen = BTreeSet::new();
        for line in &found.lines {
            prop_assert_eq!(line.need.count, line.standing + u32::try_from(line.picks.len()).unwrap() + line.short, "asked is proposed and missing");
            prop_assert!(line.short == 0 || !line.because.is_empty(), "each shortfall has its reason");
            for pick in line.picks.iter().chain(&line.others) {
                let who = all.iter().find(|w| w.id == pick.id).unwrap();
                prop_assert!(matches!(who.stand, Stand::Free(_)), "{:?}", who);
                prop_assert_eq!(who.sort, &line.need.sort);
                prop_assert!(line.need.metres().zip(pick.metres).is_none_or(|(most, far)| far <= most));
            }
            for pick in &line.picks {
                prop_assert!(seen.insert(pick.id), "nobody twice");
            }
            let order: Vec<_> = line.picks.iter().chain(&line.others).map(order).collect();
            prop_assert!(order.is_sorted());
        }
        for cover in &found.cover {
            let left = all.iter().filter(|w| w.division == cover.division && w.sort == cover.sort);
            let left = left.filter(|w| matches!(w.stand, Stand::Free(_)) && !seen.contains(&w.id)).count();
            prop_assert_eq!(usize::try_from(cover.left).unwrap(), left);
        }
    }

    #[test]
    fn the_order_of_what_is_read_changes_nothing((all, other) in responders().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())), card in needs()) {
        prop_assert_eq!(propose(&all, &card, &BTreeMap::new(), Some(HALL)), propose(&other, &card, &BTreeMap::new(), Some(HALL)));
    }
}
