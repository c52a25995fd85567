//! What holds whatever is learned.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_routing::*;
use proptest::prelude::*;

const NAMES: [&str; 3] = ["交通运输 公共交通", "环境保护 噪声污染 noise", "城乡建设 园林绿化"];

fn seeded() -> Model {
    let mut model = Model::new(3);
    (0..3).for_each(|c| model.seed(Class(c), NAMES[usize::from(c)]));
    model
}

/// Messages of Chinese characters and Latin words, with the category somebody gave them.
fn messages() -> impl Strategy<Value = Vec<(u16, String)>> {
    let words =
        prop::sample::select(vec!["公交", "噪声", "绿化", "小区", "noise", "bus", "施工", "半夜", " ", "，", "1路"]);
    let text = prop::collection::vec(words, 0..8).prop_map(|w| w.concat());
    prop::collection::vec((0_u16..3, text), 0..30)
}

fn taught(order: &[(u16, String)]) -> Model {
    let mut model = seeded();
    order.iter().for_each(|(c, text)| model.learn(Class(*c), &Profile::of(text, text)));
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_learning_does_not_matter(all in messages()) {
        let mut backwards = all.clone();
        backwards.reverse();
        prop_assert!(taught(&all) == taught(&backwards));
        let asked = Profile::of("公交", "半夜 noise");
        prop_assert_eq!(taught(&all).rank(&asked), taught(&backwards).rank(&asked));
    }

    #[test]
    fn forgetting_undoes_learning_wherever_it_was_learned(all in messages(), pick in any::<prop::sample::Index>()) {
        prop_assume!(!all.is_empty());
        let at = pick.index(all.len());
        let mut model = taught(&all);
        model.forget(Class(all[at].0), &Profile::of(&all[at].1, &all[at].1)).unwrap();
        let mut without = all.clone();
        without.remove(at);
        prop_assert!(model == taught(&without));
    }

    #[test]
    fn a_learned_message_is_judged_as_if_it_had_not_been(all in messages()) {
        prop_assume!(!all.is_empty());
        let (class, text) = &all[0];
        let profile = Profile::of(text, text);
        let (with, without) = (taught(&all), taught(&all[1..]));
        let (held, fresh) = (with.rank_without(&profile, Class(*class)), without.rank(&profile));
        prop_assert_eq!(held.len(), fresh.len());
        // The vocabulary's size in the smoothing still counts the message's own new n-grams: the price of not copying the model.
        for r in &held {
            let other = fresh.iter().find(|f| f.class == r.class).unwrap();
            prop_assert!((r.score - other.score).abs() < 1.5, "{held:?} {fresh:?}");
        }
    }

    #[test]
    fn nothing_that_is_sent_makes_it_fail(title in ".{0,200}", body in ".{0,400}") {
        let profile = Profile::of(&title, &body);
        let mut model = seeded();
        model.learn(Class(0), &profile);
        let proposal = Proposal::of(&model, &Rules::new(), &profile, Some(0.0));
        prop_assert!(proposal.top.len() <= TOP);
        prop_assert!(proposal.top.iter().all(|c| c.score.is_finite()));
        model.forget(Class(0), &profile).unwrap();
        prop_assert!(model == seeded());
    }
}

#[test]
fn what_was_never_learned_cannot_be_forgotten_and_nothing_changes() {
    let mut model = taught(&[(0, "公交太少".into())]);
    let before = model.clone();
    assert_eq!(model.forget(Class(1), &Profile::of("公交太少", "公交太少")), Err(NotLearned));
    assert_eq!(model.forget(Class(0), &Profile::of("别的事情", "")), Err(NotLearned));
    assert!(model == before);
}

#[test]
fn with_no_message_at_all_the_names_of_the_tree_already_propose() {
    let model = seeded();
    let first = |text: &str| model.rank(&Profile::of(text, "")).first().map(|r| r.class);
    assert_eq!(first("公共交通太少，车总是不来"), Some(Class(0)));
    assert_eq!(first("夜里噪声很大"), Some(Class(1)));
    assert_eq!(first("terrible noise at night"), Some(Class(1)));
    assert_eq!(first("绿化带没人管"), Some(Class(2)));
    assert_eq!(first("？？"), None, "nothing known, nothing said");
}

#[test]
fn what_fewer_than_three_messages_say_weighs_nothing_and_is_no_reason() {
    let mut model = seeded();
    let one = Profile::of("张三丰家门口的公交站牌倒了", "");
    model.learn(Class(2), &one);
    model.learn(Class(2), &Profile::of("张三丰家的公交站牌", ""));
    assert!(!model.knows("张三丰"));
    let reasons = |m: &Model| -> Vec<String> {
        let all = Proposal::of(m, &Rules::new(), &one, None).top.into_iter().flat_map(|c| c.reasons);
        all.filter_map(|r| if let Reason::Words(w, _) = r { Some(w) } else { None }).collect()
    };
    assert!(reasons(&model).iter().all(|w| !w.contains("张三")), "{:?}", reasons(&model));
    model.learn(Class(2), &Profile::of("张三丰一路", ""));
    assert!(model.knows("张三丰"), "a third voice makes it a word of the city");
}

#[test]
fn a_correction_is_learned_and_the_next_message_of_its_kind_is_proposed_so() {
    let mut model = seeded();
    let text = "共享单车乱停乱放";
    for street in ["一路", "二路", "三路", "四路"] {
        model.learn(Class(0), &Profile::of(&format!("{street}{text}"), ""));
    }
    assert_eq!(model.rank(&Profile::of("门口共享单车乱停", "")).first().unwrap().class, Class(0));
}

#[test]
fn a_rule_names_its_category_and_rules_that_disagree_name_none() {
    let mut rules = Rules::new();
    rules.add(Class(2), "古树");
    rules.add(Class(1), "广场舞");
    let ask = |text: &str| Proposal::of(&seeded(), &rules, &Profile::of(text, ""), None);
    let one = ask("公交站旁的古树要倒了");
    assert!(one.sure && one.top[0].class == Class(2), "{one:?}");
    assert_eq!(one.top[0].reasons[0], Reason::Rule("古树".into()));
    let both = ask("古树下跳广场舞");
    assert!(!both.sure, "{both:?}");
    assert!(!ask("公交").sure, "without a threshold only rules are sure");
}

#[test]
fn reasons_are_words_of_the_message_itself() {
    let asked = Profile::of("半夜噪声扰民", "施工到三点");
    let proposal = Proposal::of(&seeded(), &Rules::new(), &asked, Some(0.1));
    assert!(proposal.sure);
    let Reason::Words(words, weight) = &proposal.top[0].reasons[0] else { panic!("{proposal:?}") };
    assert!("半夜噪声扰民施工到三点".contains(words.as_str()) && *weight > 0.0, "{proposal:?}");
}
