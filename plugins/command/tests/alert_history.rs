//! What a received alert means by codes and boundaries of its own day, and which places of today that is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_data::divisions::{Days, Properties, boundaries, code_history};
use changzhi_model::body;
use changzhi_testkit::{EntityId, Person, TestCity, Value};
use serde_json::{Map, Value as Json, json};
use std::path::{Path, PathBuf};

const DAY: &str = "2019-12-01T00:00:00+08:00";

/// The divisions of today, each with its boundary: 新建区 in the west, 红谷滩区 between it and 东湖区.
const TODAY: [(&str, &str, &str); 4] = [
    ("360100", "南昌市", "115.4,28.4 116.4,29.0"),
    ("360112", "新建区", "115.4,28.4 115.8,29.0"),
    ("360113", "红谷滩区", "115.8,28.4 115.9,29.0"),
    ("360102", "东湖区", "115.9,28.4 116.4,29.0"),
];

fn bare() -> TestCity {
    let city = TestCity::with(&["command"]).unwrap();
    for (code, name, extent) in TODAY {
        let text = |t: &str| Value::text(t);
        let top = code == "360100";
        let (category, parent) = if top { ("city", Value::None) } else { ("district", text("360100")) };
        let body = vec![text("division"), text(category), text(code), text(name), parent, Value::None, text(extent)];
        city.gate().as_host("create-place", body).unwrap();
    }
    city
}

/// A command of the host, as its declaration has it.
fn host(city: &TestCity, command: &str, json: Map<String, Json>) {
    let manifest = city.city().manifest("host").unwrap();
    let decl = manifest.command(command).unwrap();
    let body = body::parse(&decl.fields, &Json::Object(json)).unwrap();
    city.gate().as_host(command, body).unwrap();
}

fn steps(city: &TestCity, rows: &Json) {
    host(city, "record-successions", Map::from_iter([("rows".to_owned(), rows.to_string().into())]));
}

fn old_boundary(city: &TestCity, code: &str, name: &str, rings: &str) {
    let Json::Object(body) = json!({"code": code, "name": name, "until": DAY, "rings": rings}) else { panic!() };
    host(city, "record-boundary", body);
}

/// As Nanchang had it: 湾里区 was the north of what is 新建区 today, 红谷滩区 was made of parts of 新建区 and 东湖区.
fn town() -> TestCity {
    let city = bare();
    steps(
        &city,
        &json!([
            {"old": "360105", "old-name": "湾里区", "new": "360112", "effective": DAY, "note": "撤销并入新建区"},
            {"old": "360112", "new": "360113", "effective": DAY, "note": "设立红谷滩区"},
            {"old": "360122", "old-name": "新建县", "new": "360112", "effective": "2015-08-01T00:00:00+08:00", "note": "撤县设区"},
        ]),
    );
    old_boundary(&city, "360105", "湾里区", "115.4,28.8 115.8,29.0");
    old_boundary(&city, "360112", "新建区", "115.4,28.4 115.85,28.4 115.85,29.0 115.8,29.0 115.8,28.8 115.4,28.8");
    old_boundary(&city, "360102", "东湖区", "115.85,28.4 116.4,29.0");
    city
}

fn alert(identifier: &str, sent: &str, area: &str) -> String {
    format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>{identifier}</identifier><sender>met@jx.cn</sender>\
         <sent>{sent}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>\
         <info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>\
         <severity>Minor</severity><certainty>Likely</certainty><headline>暴雨</headline><area><areaDesc>某地</areaDesc>{area}</area></info></alert>"
    )
}

fn coded(code: &str) -> String {
    format!("<geocode><valueName>CPEAS Geographic Code</valueName><value>{code}</value></geocode>")
}

/// What the page of a message shows: its places, its history, its gaps.
struct Meant {
    places: Vec<String>,
    history: Vec<Vec<String>>,
    gaps: Vec<Vec<String>>,
}

struct Reader<'a> {
    person: Person<'a>,
    count: std::cell::Cell<usize>,
}

impl<'a> Reader<'a> {
    fn of(city: &'a TestCity) -> Reader<'a> {
        Reader { person: city.person("met", &["connector"]).unwrap(), count: std::cell::Cell::new(0) }
    }

    fn takes(&self, text: &str) -> Meant {
        let done = self.person.does("command/receive-alert", &json!({"message": text})).unwrap();
        let id: EntityId = done.id("alert").unwrap();
        let page = self.person.sees("command/alert", &json!({"alert": id.0})).unwrap();
        let mut places: Vec<String> = page.rows("places").into_iter().map(|r| r[0].clone()).collect();
        places.sort();
        Meant { places, history: page.rows("history"), gaps: page.rows("gaps") }
    }

    fn of_day(&self, day: &str, area: &str) -> Meant {
        self.count.set(self.count.get() + 1);
        self.takes(&alert(&format!("a{}", self.count.get()), &format!("{day}T08:00:00+08:00"), area))
    }
}

fn day(text: &str) -> String {
    Days::of("+08:00").unwrap().begin(text).unwrap().0.to_string()
}

#[test]
fn a_code_that_ended_resolves_to_what_took_its_place_and_the_page_says_so() {
    let town = town();
    let reader = Reader::of(&town);
    for sent in ["2018-07-01", "2022-07-01"] {
        let meant = reader.of_day(sent, &coded("360105000000"));
        assert_eq!(meant.places, ["新建区"], "{sent}");
        let line = ["360105 湾里区 → 360112", "alert-then-code", "新建区 360112", &day("2019-12"), "撤销并入新建区"];
        assert_eq!(meant.history, [line], "{sent}");
        assert!(meant.gaps.is_empty(), "{sent}");
    }
    // Two steps, of which the second gave a part of it away; and a street of it, which has no history of its own.
    let county = reader.of_day("2014-07-01", &coded("360122"));
    assert_eq!(county.places, ["新建区", "红谷滩区"]);
    assert_eq!(county.history[1][0], "360122 新建县 → 360112 → 360113");
    assert_eq!(county.history[1][4], "撤县设区；设立红谷滩区");
    let street = reader.of_day("2018-07-01", &coded("360105001000"));
    assert_eq!(
        (street.places.as_slice(), street.history[0][1].as_str()),
        (&["新建区".to_owned()][..], "alert-then-part")
    );
    assert_eq!(street.history[0][0], "360105001 (360105) 湾里区 → 360112");
}

#[test]
fn a_code_that_lives_on_means_the_land_it_had_on_that_day() {
    let town = town();
    let reader = Reader::of(&town);
    let then = reader.of_day("2018-07-01", &coded("360112"));
    assert_eq!(then.places, ["新建区", "红谷滩区"]);
    assert_eq!(then.history.len(), 1, "新建区 itself is no news");
    // No step says that 东湖区 gave land away: its boundary of that day does.
    let east = reader.of_day("2018-07-01", &coded("360102"));
    assert_eq!(east.places, ["东湖区", "红谷滩区"]);
    assert_eq!(east.history, [["360102 东湖区", "alert-then-land", "红谷滩区 360113", &day("2019-12"), ""]]);
    for code in ["360112", "360102"] {
        let now = reader.of_day("2020-07-01", &coded(code));
        assert_eq!((now.places.len(), now.history.len(), now.gaps.len()), (1, 0, 0), "{code}");
    }
    let whole = reader.of_day("2018-07-01", &coded("360100000000"));
    assert_eq!((whole.places.as_slice(), whole.history.len()), (&["南昌市".to_owned()][..], 0));
}

#[test]
fn a_code_of_later_one_nobody_knows_and_one_that_left_the_city_are_gaps_with_their_reason() {
    let town = town();
    steps(&town, &json!([{"old": "360106", "new": "360900", "effective": "2010-01-01T00:00:00+08:00"}]));
    let reader = Reader::of(&town);
    let early = reader.of_day("2018-07-01", &coded("360113"));
    assert!(early.places.is_empty());
    assert_eq!(early.gaps, [["某地: CPEAS Geographic Code 360113", "alert-why-not-yet", &day("2019-12")]]);
    let foreign = reader.of_day("2018-07-01", &coded("130132000000"));
    assert_eq!(foreign.gaps, [["某地: CPEAS Geographic Code 130132000000", "alert-why-unknown", ""]]);
    let gone = reader.of_day("2018-07-01", &coded("360106"));
    assert_eq!(gone.gaps, [["某地: CPEAS Geographic Code 360106 → 360900", "alert-why-nowhere", &day("2010")]]);
    let same = reader.of_day("2018-07-01", "<geocode><valueName>SAME</valueName><value>006109</value></geocode>");
    assert_eq!(same.gaps, [["某地: SAME 006109", "alert-why-other", ""]]);
}

#[test]
fn a_shape_of_another_day_is_read_by_the_boundaries_of_that_day_too() {
    let town = town();
    let reader = Reader::of(&town);
    let north = "<polygon>28.85,115.5 28.85,115.6 28.9,115.6 28.9,115.5 28.85,115.5</polygon>";
    let then = reader.of_day("2018-07-01", north);
    assert_eq!(then.places, ["新建区"]);
    let line = ["360105 湾里区 → 360112", "alert-then-boundary", "新建区 360112", &day("2019-12"), "撤销并入新建区"];
    assert_eq!(then.history, [line]);
    assert!(reader.of_day("2020-07-01", north).history.is_empty());
    // It was 东湖区's, it is 红谷滩区's: whom the sender meant and whose land it is are both told.
    let bank = "<circle>28.6,115.88 1</circle>";
    let then = reader.of_day("2018-07-01", bank);
    assert_eq!(then.places, ["东湖区", "红谷滩区"]);
    assert_eq!(then.history, [["360102 东湖区", "alert-then-boundary", "东湖区 360102", &day("2019-12"), ""]]);
    assert_eq!(reader.of_day("2020-07-01", bank).places, ["红谷滩区"]);
}

#[test]
fn what_was_withdrawn_is_not_read_and_without_a_history_a_code_is_the_place_that_has_it() {
    let town = town();
    let reader = Reader::of(&town);
    for (facet, key) in [("host.succession", "360105>360112"), ("host.boundary", "360105@2019-11-30T16:00:00Z")] {
        let find = || town.city().read(|w| w.find(facet, "key", &Value::text(key)));
        let id = find().unwrap_or_else(|| panic!("{key}"));
        host(&town, "withdraw-dated", Map::from_iter([("record".to_owned(), id.0.into())]));
    }
    assert_eq!(reader.of_day("2018-07-01", &coded("360105")).gaps[0][1], "alert-why-unknown");
    let bare = bare();
    let reader = Reader::of(&bare);
    let plain = reader.of_day("2018-07-01", &coded("360113"));
    assert_eq!((plain.places.as_slice(), plain.history.len(), plain.gaps.len()), (&["红谷滩区".to_owned()][..], 0, 0));
}

/// Every code with every date around each change: places that are there today, or gaps with a reason.
#[test]
fn at_any_date_a_code_is_places_of_today_or_a_gap_that_says_why() {
    let town = town();
    let reader = Reader::of(&town);
    let names: Vec<&str> = TODAY.iter().map(|(_, name, _)| *name).collect();
    for code in ["360100", "360102", "360105", "360112", "360113", "360122", "360105002003", "360199", "110000"] {
        for sent in ["1999-01-01", "2015-07-31", "2015-08-01", "2019-11-30", "2019-12-01", "2024-01-01", "2030-01-01"] {
            let meant = reader.of_day(sent, &coded(code));
            assert!(!meant.places.is_empty() || !meant.gaps.is_empty(), "{code} {sent}");
            assert!(meant.places.iter().all(|p| names.contains(&p.as_str())), "{code} {sent}: {:?}", meant.places);
            assert!(meant.gaps.iter().all(|g| g[1].starts_with("alert-why-")), "{code} {sent}: {:?}", meant.gaps);
        }
    }
}

fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let data = std::env::var_os("CHANGZHI_SHARED").map_or(root, PathBuf::from).join("data");
    if data.is_dir() {
        return Some(data);
    }
    eprintln!("skipped: no shared data at {} (set CHANGZHI_SHARED)", data.display());
    None
}

/// The real history and the real boundaries of both years, and the excerpt of a real alert that has nothing but a code.
#[test]
fn the_real_city_reads_a_real_message_with_a_code_that_ended() {
    let Some(data) = shared() else { return };
    let city = TestCity::with(&["command"]).unwrap();
    let properties = Properties { code: "adcode".into(), name: "name".into() };
    let folder = data.join("nanchang-divisions");
    // One datum for all of it: they are compared with each other alone.
    let year = |y: &str| {
        boundaries(&folder.join(format!("districts_{y}_gcj02.geojson")), &properties, &|x, y| (x, y)).unwrap()
    };
    let text = |t: &str| Value::text(t);
    let place = |code: &str, name: &str, category: &str, parent: Value| {
        let body = vec![text("division"), text(category), text(code), text(name), parent, Value::None, Value::None];
        city.gate().as_host("create-place", body).unwrap();
    };
    place("360100", "南昌市", "city", Value::None);
    let days = Days::of("+08:00").unwrap();
    let change = days.begin("2019-12").unwrap();
    for now in year("2022") {
        place(&now.code, &now.name, "district", text("360100"));
        host(&city, "record-boundary", now.body(Some(change), None));
    }
    for old in year("2019") {
        host(&city, "record-boundary", old.body(None, Some(change)));
    }
    let rows = code_history(&folder.join("code_history.csv"), &days).unwrap();
    steps(&city, &Json::from(rows.into_iter().map(Json::Object).collect::<Vec<_>>()));

    let excerpt = std::fs::read_to_string(data.join("cap-samples/cma_excerpt.xml")).unwrap();
    let reader = Reader::of(&city);
    let real = |code: &str, n: usize, sent: &str| {
        let whole = excerpt
            .replace("</sent>", "</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>")
            .replace("<event>", "<category>Met</category><event>")
            .replace(
                "<severity>Minor</severity>",
                "<urgency>Expected</urgency><severity>Minor</severity><certainty>Likely</certainty>",
            )
            .replace("</identifier>", &format!("{n}</identifier>"))
            .replace("130132000000", code);
        let at = whole.find("<sent>").unwrap() + "<sent>".len();
        let end = whole.find("</sent>").unwrap();
        reader.takes(&format!("{}{sent}T10:00:00+08:00{}", &whole[..at], &whole[end..]))
    };
    let wanli = real("360105000000", 1, "2019-06-01");
    assert_eq!(wanli.places, ["新建区"]);
    assert_eq!(wanli.history[0][..3], ["360105 湾里区 → 360112", "alert-then-code", "新建区 360112"]);
    assert!(wanli.gaps.is_empty(), "{:?}", wanli.gaps);
    // 红谷滩区 was 新建区's by the steps; that a bank of it was 东湖区's only the boundaries tell.
    assert_eq!(real("360112000000", 2, "2019-06-01").places, ["新建区", "红谷滩区"]);
    assert_eq!(real("360112000000", 3, "2020-06-01").places, ["新建区"]);
    let east = real("360102000000", 4, "2019-06-01");
    assert_eq!(east.places, ["东湖区", "红谷滩区"]);
    assert_eq!(east.history[0][..3], ["360102 东湖区", "alert-then-land", "红谷滩区 360113"]);
    // Neighbours that only share a line have no part in each other.
    for code in ["360121", "360123", "360124"] {
        assert_eq!(real(code, 5 + code.len() + code.as_bytes()[5] as usize, "2019-06-01").places.len(), 1, "{code}");
    }
    let not_yet = real("360113000000", 99, "2019-06-01");
    assert_eq!((not_yet.places.len(), not_yet.gaps[0][1].as_str()), (0, "alert-why-not-yet"));
    // A shape in what was 湾里区.
    let shape = "<circle>28.72,115.73 0.5</circle>";
    let meant = reader.of_day("2019-06-01", shape);
    assert_eq!(meant.places, ["新建区"]);
    assert!(meant.history.iter().any(|l| l[0].starts_with("360105 湾里区")), "{:?}", meant.history);
}
