use super::*;
use crate::{CommandDecl, KindDecl, Messages};
use proptest::prelude::*;

fn manifest() -> Manifest {
    Manifest {
        id: "p".into(),
        version: "0.1.0".into(),
        label: "p".into(),
        kinds: vec![],
        facets: vec![],
        commands: vec![],
        views: vec![],
        flows: vec![],
        subscriptions: vec![],
        jobs: vec![],
        grants: vec![],
        messages: vec![],
    }
}

fn facet(name: &str, on: Family, fields: Vec<FieldDecl>) -> Manifest {
    let facets = vec![FacetDecl { name: format!("p.{name}").into(), on, label: "p-x".into(), fields }];
    Manifest { facets, ..manifest() }
}

fn field(name: &str, kind: FieldType) -> FieldDecl {
    FieldDecl::new(name, kind)
}

fn rules(m: &Manifest) -> Vec<u8> {
    let mut rules: Vec<u8> = check(m).err().unwrap_or_default().iter().map(|b| b.rule).collect();
    rules.dedup();
    rules
}

fn command(name: &str, fields: Vec<FieldDecl>) -> Manifest {
    let commands = vec![CommandDecl { name: name.into(), label: "p-c".into(), fields, roles: vec![], purpose: false }];
    Manifest { commands, ..manifest() }
}

fn closed(name: &str, options: &[&str]) -> FieldDecl {
    FieldDecl { options: options.iter().map(|o| (*o).into()).collect(), ..field(name, FieldType::Code) }
}

#[test]
fn a_person_may_have_a_name_a_phone_and_a_language() {
    let fields = vec![
        field("full-name", FieldType::Text),
        field("phone", FieldType::Text),
        field("language", FieldType::Code),
        field("registered", FieldType::Time),
        field("division", FieldType::Entity(Some(Family::Places))),
    ];
    assert_eq!(check(&facet("resident", Family::People, fields)), Ok(()));
}

#[test]
fn an_account_with_its_grants_and_tokens_passes() {
    let person = || field("account", FieldType::Entity(Some(Family::People)));
    let login = FieldDecl { unique: true, ..field("login", FieldType::Text) };
    assert_eq!(check(&facet("account", Family::People, vec![login, field("password", FieldType::Text)])), Ok(()));
    let grant = vec![person(), field("role", FieldType::Code), field("revoked", FieldType::Flag)];
    assert_eq!(check(&facet("grant", Family::Events, grant)), Ok(()));
    let token = vec![person(), field("label", FieldType::Text), field("expires", FieldType::Time)];
    assert_eq!(check(&facet("token", Family::Events, token)), Ok(()));
}

#[test]
fn matters_and_places_may_have_risk_and_level() {
    for on in [Family::Events, Family::Places] {
        let fields = vec![
            field("risk", FieldType::Num),
            closed("level", &["low", "high"]),
            field("reporter", FieldType::Entity(Some(Family::People))),
        ];
        assert_eq!(check(&facet("assessment", on, fields)), Ok(()));
    }
}

#[test]
fn no_number_flag_or_closed_code_sits_on_a_person_whatever_its_name() {
    for f in
        [field("x", FieldType::Int), field("x", FieldType::Num), field("x", FieldType::Flag), closed("x", &["a", "b"])]
    {
        assert_eq!(rules(&facet("card", Family::People, vec![f])), [1]);
    }
}

#[test]
fn a_judging_name_on_a_person_is_refused_in_english_pinyin_and_chinese() {
    for name in [
        "risk_note",
        "creditText",
        "black-list",
        "watch_list",
        "rank",
        "dangerLevel",
        "feng-xian",
        "heimingdan",
        "xinyong_fen",
        "label",
        "tags",
    ] {
        assert_eq!(rules(&facet("card", Family::People, vec![field(name, FieldType::Text)])), [1], "{name}");
        assert_eq!(rules(&facet(name, Family::People, vec![])), [1], "{name}");
    }
    assert_eq!(
        rules(&facet("card", Family::People, vec![field("papers", FieldType::Files)])),
        [1],
        "no pictures of persons"
    );
    let mut m = facet("card", Family::People, vec![field("remark", FieldType::Text)]);
    m.messages.push(Messages { locale: "zh-CN".into(), ftl: "other = 无\nremark = 风险评分\n".into() });
    assert_eq!(rules(&m), [1]);
}

#[test]
fn a_unique_reference_to_a_person_makes_a_grade_a_score() {
    let person = FieldDecl { unique: true, ..field("who", FieldType::Entity(Some(Family::People))) };
    for on in [Family::Events, Family::Places] {
        assert_eq!(rules(&facet("card", on, vec![person.clone(), field("n", FieldType::Num)])), [1]);
        assert_eq!(rules(&facet("card", on, vec![person.clone(), closed("c", &["a", "b"])])), [1]);
        assert_eq!(rules(&facet("card", on, vec![person.clone(), field("note", FieldType::Text)])), [] as [u8; 0]);
    }
}

#[test]
fn a_score_on_the_person_a_row_refers_to_is_refused_without_unique_too() {
    let who = field("who", FieldType::Entity(Some(Family::People)));
    assert_eq!(rules(&facet("person-risk", Family::Events, vec![who, field("risk-score", FieldType::Num)])), [1]);
    assert_eq!(rules(&command("rate-resident", vec![field("score", FieldType::Int)])), [1]);
}

#[test]
fn a_kind_of_dangerous_people_is_refused() {
    let kinds = vec![KindDecl { name: "watchlist-entry".into(), on: Family::People, label: "k".into(), flow: None }];
    assert_eq!(rules(&Manifest { kinds, ..manifest() }), [1]);
}

#[test]
fn biometrics_are_refused_on_every_family_and_in_commands() {
    for name in [
        "face_id",
        "gait",
        "person-embedding",
        "plate",
        "track_id",
        "trackId",
        "re-identification",
        "renlian",
        "chepaihao",
    ] {
        for on in [Family::Events, Family::Places] {
            assert_eq!(rules(&facet("detection", on, vec![field(name, FieldType::Text)])), [3], "{name}");
        }
        assert_eq!(rules(&command("detect", vec![field(name, FieldType::Text)])), [3], "{name}");
    }
    assert_eq!(
        check(&facet(
            "road",
            Family::Places,
            vec![field("surface", FieldType::Text), field("template", FieldType::Text)]
        )),
        Ok(())
    );
}

#[test]
fn a_circle_is_anchored_on_facilities_not_on_persons_or_dwellings() {
    let anchor = field("anchor", FieldType::Entity(Some(Family::Places)));
    assert_eq!(
        check(&facet(
            "circle",
            Family::Places,
            vec![anchor, field("approver", FieldType::Entity(Some(Family::People)))]
        )),
        Ok(())
    );
    assert_eq!(rules(&facet("circle", Family::People, vec![])), [2]);
    assert_eq!(rules(&facet("home-camera", Family::Places, vec![])), [2]);
    assert_eq!(
        rules(&facet("circle", Family::Events, vec![field("target", FieldType::Entity(Some(Family::People)))])),
        [2]
    );
}

#[test]
fn complaining_is_no_factor() {
    let count = || field("complaints", FieldType::Int);
    assert!(rules(&facet("card", Family::People, vec![count()])).contains(&4));
    assert!(rules(&facet("card", Family::People, vec![field("petition-channel", FieldType::Code)])).contains(&4));
    assert_eq!(rules(&command("triage", vec![field("petitions-filed", FieldType::Int)])), [4]);
    assert_eq!(rules(&facet("factors", Family::Events, vec![field("shangfangcishu", FieldType::Int)])), [4]);
    assert_eq!(check(&facet("grid-month", Family::Places, vec![count()])), Ok(()));
    assert_eq!(check(&facet("complaint", Family::Events, vec![field("text", FieldType::LongText)])), Ok(()));
}

#[test]
fn protected_traits_are_no_factors() {
    for name in [
        "age",
        "gender",
        "ethnicity",
        "religion",
        "political-opinion",
        "health",
        "disability",
        "hukou",
        "income",
        "minzu",
    ] {
        assert_eq!(rules(&facet("triage", Family::Events, vec![field(name, FieldType::Text)])), [5], "{name}");
        assert_eq!(
            rules(&facet("matter", Family::Events, vec![field(&format!("factor-{name}"), FieldType::Text)])),
            [5],
            "{name}"
        );
    }
    assert_eq!(rules(&facet("matter", Family::Events, vec![closed("factor", &["noise", "age"])])), [5]);
    assert_eq!(
        check(&facet(
            "triage",
            Family::Places,
            vec![field("message", FieldType::Text), field("usage", FieldType::Text)]
        )),
        Ok(())
    );
}

#[test]
fn every_breach_is_reported_with_rule_place_field_and_mending() {
    let found = check(&facet(
        "card",
        Family::People,
        vec![field("a", FieldType::Int), field("b", FieldType::Flag), field("face", FieldType::Text)],
    ))
    .unwrap_err();
    assert_eq!(found.len(), 3);
    for b in &found {
        let line = b.to_string();
        assert!(line.contains("p.card") && line.contains(b.field.as_deref().unwrap()) && !b.mend.is_empty(), "{line}");
    }
}

proptest! {
    #[test]
    fn any_facet_on_people_with_a_number_is_refused(
        name in "[a-z][a-z_-]{0,20}", facet_name in "[a-z][a-z-]{0,20}", int in any::<bool>(), others in 0_usize..5, at in 0_usize..5,
        sealed in any::<bool>(), required in any::<bool>(),
    ) {
        let mut fields: Vec<FieldDecl> = (0..others).map(|i| field(&format!("t{i}"), FieldType::Text)).collect();
        let number = FieldDecl {
            sensitivity: if sealed { crate::Sensitivity::Secret } else { crate::Sensitivity::Public },
            required,
            ..field(&name, if int { FieldType::Int } else { FieldType::Num })
        };
        fields.insert(at.min(others), number);
        let found = check(&facet(&facet_name, Family::People, fields)).unwrap_err();
        prop_assert!(found.iter().any(|b| b.rule == 1 && b.field.as_deref() == Some(name.as_str())));
    }
}
