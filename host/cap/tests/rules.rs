//! Each rule of the standard beyond its schema, broken one by one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_cap::{
    Alert, Area, Category, Info, Moment, MsgType, Pair, Reference, Ring, Scope, Severity, Status, Version, write,
};

fn at(text: &str) -> Moment {
    Moment::strict(text).unwrap()
}

fn good() -> Alert {
    let mut info = Info::new("zh-CN", Category::Met, "暴雨");
    info.severity = Severity::Extreme;
    info.headline = Some("暴雨红色预警".into());
    info.expires = Some(at("2026-08-26T22:00:00+08:00"));
    let square = Ring::parse("28.6,115.8 28.6,115.9 28.7,115.9 28.7,115.8 28.6,115.8").unwrap();
    info.areas = vec![Area { desc: "东湖区".into(), polygons: vec![square], ..Area::default() }];
    let mut english = Info { language: "en".into(), headline: Some("Red warning of rainstorm".into()), ..info.clone() };
    english.event = "rainstorm".into();
    Alert {
        version: Version::V1_2,
        identifier: "36010041600000_20260826160913".into(),
        sender: "cap@nc.gov.cn".into(),
        sent: at("2026-08-26T16:09:13+08:00"),
        status: Status::Actual,
        message: MsgType::Alert,
        source: None,
        scope: Scope::Public,
        restriction: None,
        addresses: None,
        codes: Vec::new(),
        note: None,
        references: Vec::new(),
        incidents: None,
        infos: vec![info, english],
    }
}

fn broken(change: impl FnOnce(&mut Alert)) -> Vec<(String, &'static str)> {
    let mut alert = good();
    change(&mut alert);
    write(&alert).unwrap_err().into_iter().map(|f| (f.path, f.rule)).collect()
}

fn earlier(sent: &str) -> Reference {
    Reference { sender: "cap@nc.gov.cn".into(), identifier: "before".into(), sent: Some(at(sent)) }
}

#[test]
fn a_good_alert_is_written_in_the_order_of_the_schema_and_utc_is_never_z() {
    let mut alert = good();
    let text = write(&alert).unwrap();
    let order = [
        "<identifier>",
        "<sender>",
        "<sent>",
        "<status>",
        "<msgType>",
        "<scope>",
        "<info>",
        "<language>zh-CN",
        "<category>",
        "<event>",
        "<urgency>",
        "<severity>",
        "<certainty>",
        "<expires>",
        "<headline>",
        "<area>",
        "<areaDesc>",
        "<polygon>",
        "<language>en<",
    ];
    let places: Vec<usize> =
        order.iter().map(|tag| text.find(tag).unwrap_or_else(|| panic!("{tag} in {text}"))).collect();
    assert!(places.is_sorted(), "{text}");
    alert.sent = at("2026-08-26T08:09:13-00:00");
    let text = write(&alert).unwrap();
    assert!(text.contains("<sent>2026-08-26T08:09:13-00:00</sent>") && !text.contains("Z<"), "{text}");
}

#[test]
fn scope_restriction_and_addresses_go_together() {
    assert_eq!(broken(|a| a.restriction = Some("x".into())), [("alert/restriction".into(), "restriction")]);
    assert_eq!(broken(|a| a.scope = Scope::Restricted), [("alert/restriction".into(), "restriction")]);
    assert_eq!(broken(|a| a.scope = Scope::Private), [("alert/addresses".into(), "addresses")]);
}

#[test]
fn updates_and_cancels_refer_to_earlier_messages_only_so_no_circle_can_close() {
    let path = || "alert/references".to_owned();
    assert_eq!(broken(|a| a.message = MsgType::Update), [(path(), "no-reference")]);
    let late = |sent: &str| {
        let reference = earlier(sent);
        broken(|a| (a.message, a.references) = (MsgType::Cancel, vec![reference]))
    };
    assert_eq!(late("2026-08-26T16:09:13+08:00"), [(path(), "reference-late")], "of the same second");
    assert_eq!(late("2026-08-26T08:09:14-00:00"), [(path(), "reference-late")], "later, by another zone");
    let own = |a: &mut Alert| {
        let own = Reference { sent: Some(at("2026-01-01T00:00:00+08:00")), ..a.reference() };
        (a.message, a.references) = (MsgType::Update, vec![own]);
    };
    assert_eq!(broken(own), [(path(), "reference-late")], "itself");
    let mut alert = good();
    (alert.message, alert.references) = (MsgType::Update, vec![earlier("2026-08-26T16:09:12+08:00")]);
    let text = write(&alert).unwrap();
    assert!(text.contains("<references>cap@nc.gov.cn,before,2026-08-26T16:09:12+08:00</references>"), "{text}");
}

#[test]
fn two_languages_never_say_the_same() {
    let same = |a: &mut Alert| a.infos[1].headline = a.infos[0].headline.clone();
    assert_eq!(broken(same), [("alert/info[2]/headline".into(), "same-text")]);
}

#[test]
fn markup_is_refused_wherever_people_read() {
    assert_eq!(
        broken(|a| a.infos[0].description = Some("雨<br>大".into())),
        [("alert/info[1]/description".into(), "html")]
    );
    assert_eq!(
        broken(|a| a.infos[0].instruction = Some("A &nbsp; B".into())),
        [("alert/info[1]/instruction".into(), "html")]
    );
    assert_eq!(broken(|a| a.infos[0].event = "<b>雨</b>".into()), [("alert/info[1]/event".into(), "html")]);
    let mut alert = good();
    alert.infos[0].description = Some("水位 < 19 米 & 上涨".into());
    assert!(write(&alert).unwrap().contains("水位 &lt; 19 米 &amp; 上涨"));
}

#[test]
fn polygons_are_closed_have_four_points_and_do_not_cross_themselves() {
    let ring = |text: &str| {
        let ring = Ring::parse(text).unwrap();
        broken(|a| a.infos[0].areas[0].polygons = vec![ring])
    };
    for text in ["28,115 28,116 29,116", "28,115 28,116 29,116 29,115", "28,115 29,116 28,116 29,115 28,115"] {
        assert_eq!(ring(text), [("alert/info[1]/area[1]/polygon[1]".into(), "polygon")], "{text}");
    }
    assert_eq!(broken(|a| a.infos[0].areas[0].unread = vec!["1,2".into()])[0].1, "polygon");
}

#[test]
fn it_ends_after_it_begins_and_an_exercise_is_named() {
    let expires = |text: &str| {
        let text = text.to_owned();
        broken(move |a| a.infos[0].expires = Some(at(&text)))
    };
    assert_eq!(expires("2026-08-26T16:09:13+08:00"), [("alert/info[1]/expires".into(), "ends-early")]);
    let onset = |a: &mut Alert| a.infos[0].onset = Some(at("2026-08-27T00:00:00+08:00"));
    assert_eq!(broken(onset), [("alert/info[1]/expires".into(), "ends-early")]);
    assert_eq!(broken(|a| a.status = Status::Exercise), [("alert/note".into(), "note")]);
}

#[test]
fn names_values_addresses_and_what_xml_cannot_say_are_checked() {
    assert_eq!(broken(|a| a.identifier = "a b".into()), [("alert/identifier".into(), "name")]);
    assert_eq!(broken(|a| a.sender = "a,b".into()), [("alert/sender".into(), "name")]);
    assert_eq!(broken(|a| a.infos[0].web = Some("nowhere".into())), [("alert/info[1]/web".into(), "address")]);
    assert_eq!(broken(|a| a.infos[0].contact = Some("\u{1}".into())), [("alert/info[1]/contact".into(), "character")]);
    assert_eq!(
        broken(|a| a.infos[0].parameters = vec![Pair::new("x", "")]),
        [("alert/info[1]/parameter[1]/value".into(), "empty")]
    );
    assert_eq!(broken(|a| a.infos[0].areas[0].ceiling = Some("x".into())).len(), 2);
    assert_eq!(broken(|a| a.infos.clear()), [("alert/info".into(), "info")]);
}
