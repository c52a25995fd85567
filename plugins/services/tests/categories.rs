//! Categories as data, proposals, and what other systems may see and send, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Person, TestCity};
use serde_json::json;

fn city() -> TestCity {
    TestCity::with(&["services"]).unwrap()
}

fn filed(who: &Person, title: &str, category: &str) -> EntityId {
    // Answers to the questions of other categories are left out.
    let body = json!({"title": title, "category": category, "answers": "noise.when=night"});
    who.does("services/file-report", &body).unwrap().id("matter").unwrap()
}

#[test]
fn a_changed_category_is_a_new_version_and_old_matters_keep_theirs() {
    let city = city();
    let admin = city.person("admin", &["admin"]).unwrap();
    let built_in = admin.sees("services/categories", &json!({})).unwrap();
    assert!(
        built_in.rows("categories").iter().any(|r| r[0] == "noise" && r[3] == "0"),
        "{:?}",
        built_in.rows("categories")
    );
    let set = |zh: &str| {
        json!({"code": "noise", "zh": zh, "en": "Noise", "hours": 48, "open": true, "lead": "公安局",
        "questions": "when | singlevaluelist | required | 什么时候 | When | night=夜里/At night, day=白天/By day"})
    };
    let first = admin.does("services/set-category", &set("噪声")).unwrap();
    assert_eq!(first.value("version").unwrap().as_int(), Some(1));
    let old = filed(&admin, "夜里很吵", "noise");
    assert_eq!(
        admin.does("services/set-category", &set("噪声扰民")).unwrap().value("version").unwrap().as_int(),
        Some(2)
    );
    let new = filed(&admin, "夜里很吵", "noise");
    let version = |m| city.value(m, "services.report.category-version").unwrap().as_int();
    assert_eq!((version(old), version(new)), (Some(1), Some(2)));
    let rows = admin.sees("services/categories", &json!({})).unwrap().rows("categories");
    let noise: Vec<_> = rows.iter().filter(|r| r[0] == "noise").collect();
    assert!(noise.len() == 1 && noise[0][1] == "噪声扰民" && noise[0][3] == "2", "{noise:?}");
    admin.does("services/retire-category", &json!({"code": "noise"})).unwrap();
    let rows = admin.sees("services/categories", &json!({})).unwrap().rows("categories");
    assert!(rows.iter().all(|r| r[0] != "noise"));
    let to_retired = json!({"service": "noise", "address": "门口"});
    assert_eq!(admin.refused("services/open-request", &to_retired).unwrap(), "invalid: service: no-such-category");
}

#[test]
fn a_category_that_does_not_read_is_refused_with_its_line_and_nobody_but_an_administrator_sets_one() {
    let city = city();
    let (admin, desk) = (city.person("admin", &["admin"]).unwrap(), city.person("desk", &["operator"]).unwrap());
    let set = |code: &str, questions: &str| json!({"code": code, "zh": "甲", "en": "A", "questions": questions});
    let bad = admin.refused("services/set-category", &set("a", "x | size | required | 问 | q")).unwrap();
    assert!(bad.as_str().contains("questions: question-type"), "{}", bad.as_str());
    let bad = admin.refused("services/set-category", &set("A b", "")).unwrap();
    assert!(bad.as_str().contains("code: category-code-wrong"), "{}", bad.as_str());
    assert_eq!(desk.refused("services/set-category", &set("a", "")).unwrap().kind(), "role");
}

#[test]
fn a_report_at_the_desk_shows_a_proposal_with_reasons_and_a_correction_is_learned() {
    let city = city();
    let desk = city.person("desk", &["operator"]).unwrap();
    let matter = filed(&desk, "厂门口燃气泄漏味道很大", "other");
    let page = desk.sees("services/report", &json!({"matter": matter.0})).unwrap();
    let rows = page.rows("proposals");
    assert!(rows.len() <= 3 && rows[0][0].contains("燃气与供暖") && rows[0][1].contains("✓ 燃气泄漏"), "{rows:?}");
    assert!(rows[0][2].contains("城市管理局"), "the lead unit is proposed with it: {rows:?}");
    assert!(page.commands().contains(&"decide-category"));
    let decided =
        desk.does("services/decide-category", &json!({"matter": matter.0, "category": "gas-heating"})).unwrap();
    let put = "put services.report category-version category-decided";
    assert_eq!(decided.changes(), ["recategorise gas-heating", put]);
    let page = desk.sees("services/report", &json!({"matter": matter.0})).unwrap();
    assert!(page.rows("proposals").is_empty(), "decided is decided");

    // Nobody's word list knows this; four corrections do.
    let strange = "共享轮椅无法归还";
    let first = |m: EntityId| {
        let rows = desk.sees("services/report", &json!({"matter": m.0})).unwrap().rows("proposals");
        rows.first().map(|r| r[0].clone()).unwrap_or_default()
    };
    for n in 0..4 {
        let m = filed(&desk, &format!("{n}号站{strange}"), "other");
        desk.does("services/decide-category", &json!({"matter": m.0, "category": "public-transport"})).unwrap();
    }
    assert!(first(filed(&desk, strange, "other")).contains("公共交通"));
    let resident = city.person("li", &["resident"]).unwrap();
    let wrong = json!({"matter": matter.0, "category": "noise"});
    assert_eq!(resident.refused("services/decide-category", &wrong).unwrap().kind(), "role");
}

#[test]
fn what_nobody_is_sure_of_is_not_proposed() {
    let city = city();
    let desk = city.person("desk", &["operator"]).unwrap();
    let matter = filed(&desk, "有一件事想反映", "other");
    let page = desk.sees("services/report", &json!({"matter": matter.0})).unwrap();
    assert!(page.says("no-proposal"));
}

#[test]
fn a_like_matter_near_by_is_shown_as_maybe_the_same_with_every_part() {
    let city = city();
    let grid = city.place("grid", "grid", "G-1", None).unwrap();
    let desk = city.person("desk", &["operator"]).unwrap();
    let file = |title: &str| {
        let body =
            json!({"title": title, "category": "drainage", "place": grid.0, "position": {"lon": 115.9, "lat": 28.68}});
        desk.does("services/file-report", &body).unwrap().id("matter").unwrap()
    };
    let (first, other) = (file("红谷中大道井盖破损"), file("广告牌掉了"));
    let again = file("红谷中大道的井盖破了");
    let rows = desk.sees("services/report", &json!({"matter": again.0})).unwrap().rows("alike");
    let shown = |m: EntityId| city.value(m, "services.report.code").unwrap().as_text().unwrap().to_owned();
    assert!(
        rows.iter().any(|r| r[0] == shown(first) && r[2].contains("probably-same") && r[3].contains("m (")),
        "{rows:?}"
    );
    assert!(rows.iter().all(|r| r[0] != shown(other)), "{rows:?}");
}

#[test]
fn other_systems_file_with_answers_and_see_no_words_and_no_homes() {
    let city = city();
    let (admin, app) = (city.person("admin", &["admin"]).unwrap(), city.person("app", &[]).unwrap());
    let lamp = json!({"code": "lamp", "zh": "灯", "en": "Lamp", "open": true, "hours": 24,
        "questions": "pole | number | required | 杆号 | Pole\nkind | multivaluelist | optional | 种类 | Kind | a=甲/A, b=乙/B"});
    admin.does("services/set-category", &lamp).unwrap();
    let request = |answers: &str| {
        json!({"service": "lamp", "description": "张三家门口的灯不亮", "contact": "13800000000",
        "position": {"lon": 115.9, "lat": 28.68}, "answers": answers})
    };
    let missing = app.refused("services/open-request", &request("")).unwrap();
    assert!(missing.as_str().contains("attribute[pole]: answer-needed"), "{}", missing.as_str());
    for (answers, field) in
        [("pole=x", "pole"), ("pole=1\npole=2", "pole"), ("pole=1\nkind=c", "kind"), ("pole=1\nsize=2", "size")]
    {
        let refused = app.refused("services/open-request", &request(answers)).unwrap();
        assert!(refused.as_str().contains(&format!("attribute[{field}]: ")), "{answers}: {}", refused.as_str());
    }
    let done = app.does("services/open-request", &request("pole=7\nkind=a\nkind=b")).unwrap();
    let matter = done.id("matter").unwrap();
    assert!(city.is_sealed(matter, "services.report.body"));
    assert!(city.is_sealed(done.created("report-contact")[0], "services.contact.contact"));
    let rows = app.sees("services/open-requests", &json!({"services": "lamp"})).unwrap().rows("requests");
    assert_eq!(rows.len(), 1);
    assert!(
        rows[0].iter().any(|c| c == "28.68") && rows[0].iter().all(|c| !c.contains("张三") && !c.contains("138")),
        "{rows:?}"
    );

    // A neighbours' dispute is in no list; whoever has its number sees how it stands and not where.
    let quarrel = json!({"service": "neighbour", "description": "楼上漏水", "position": {"lon": 115.9, "lat": 28.68}});
    let code = app.does("services/open-request", &quarrel).unwrap().text("code").unwrap().to_owned();
    let all = app.sees("services/open-requests", &json!({})).unwrap().rows("requests");
    assert!(all.iter().all(|r| r[0] != code), "{all:?}");
    let one = app.sees("services/open-requests", &json!({"ids": code})).unwrap().rows("requests");
    assert!(one.len() == 1 && one[0].iter().all(|c| c != "28.68" && c != "115.9"), "{one:?}");
}

#[test]
fn an_addition_is_kept_once_sealed_and_moves_nothing() {
    let city = city();
    let (desk, app) = (city.person("desk", &["operator"]).unwrap(), city.person("app", &[]).unwrap());
    let filed = app.does("services/open-request", &json!({"service": "drainage", "address": "门口"})).unwrap();
    let (matter, code) = (filed.id("matter").unwrap(), filed.text("code").unwrap().to_owned());
    let body = json!({"code": code, "update-id": "17", "status": "fixed", "words": "已经好了，谢谢李四"});
    let done = app.does("services/open-update", &body).unwrap();
    let update = done.created("matter-update")[0];
    assert!(city.is_sealed(update, "services.update.words"));
    assert!(app.does("services/open-update", &body).unwrap().changes().is_empty(), "the same addition twice is one");
    assert_eq!(city.state(matter).unwrap(), "submitted", "people decide");
    let page = desk.sees("services/report", &json!({"matter": matter.0})).unwrap();
    assert_eq!(page.rows("updates").len(), 1);
    assert!(!page.says("李四"), "words need a purpose");
    let lost = json!({"code": "00000-00000", "update-id": "1", "words": "x"});
    assert_eq!(app.refused("services/open-update", &lost).unwrap().kind(), "not-found");
}

#[test]
fn who_files_and_how_often_changes_no_proposal_and_no_likeness() {
    let titles = ["井盖破损", "红谷路井盖坏了", "井盖松动响声大", "路灯不亮", "井盖丢失", "小区门口井盖破损"];
    let shown = |people: usize| {
        let city = city();
        let grid = city.place("grid", "grid", "G-1", None).unwrap();
        let desk = city.person("desk", &["operator"]).unwrap();
        let logins: Vec<String> = (0..people).map(|n| format!("p{n}")).collect();
        let who: Vec<Person> = logins.iter().map(|login| city.person(login, &["resident"]).unwrap()).collect();
        for (n, title) in titles.iter().enumerate() {
            let body = json!({"title": title, "category": "drainage", "place": grid.0});
            let matter = who[n % people].does("services/file-report", &body).unwrap().id("matter").unwrap();
            desk.does("services/decide-category", &json!({"matter": matter.0, "category": "drainage"})).unwrap();
        }
        let body = json!({"title": "井盖破了", "category": "other", "place": grid.0});
        let last = who[0].does("services/file-report", &body).unwrap().id("matter").unwrap();
        let page = desk.sees("services/report", &json!({"matter": last.0})).unwrap();
        let alike: Vec<_> = page.rows("alike").into_iter().map(|r| r[1..4].to_vec()).collect();
        (page.rows("proposals"), alike)
    };
    let (by_one, by_many) = (shown(1), shown(6));
    assert_eq!(by_one, by_many);
    assert!(!by_one.0.is_empty() && !by_one.1.is_empty());
}
