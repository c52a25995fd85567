//! What goes to and fro after a report: code and PIN, notes, templates, rating, silence, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{Done, EntityId, Micros, Person, TestCity};
use serde_json::{Value as Json, json};

fn city() -> TestCity {
    let city = TestCity::with(&["services"]).unwrap();
    // 2026-03-02, nine in the morning in China, a Monday.
    city.pass((31 + 28 + 1) * Micros::DAY + Micros::HOUR);
    city
}

fn filed(who: &Person, body: Json) -> (EntityId, Done) {
    let done = who.does("services/file-report", &body).unwrap();
    (done.id("matter").unwrap(), done)
}

fn lamp() -> Json {
    json!({"title": "路灯不亮", "body": "张三家门口的灯", "category": "street-light", "contact": "13800000000"})
}

fn about(matter: EntityId) -> Json {
    json!({"matter": matter.0})
}

fn reply(matter: EntityId, text: &str) -> Json {
    json!({"matter": matter.0, "reply": text, "outcome": "solved"})
}

/// Brings a matter to `handling`.
fn handled(matter: EntityId, desk: &Person, unit: &Person) {
    desk.does("services/accept", &about(matter)).unwrap();
    desk.does("services/assign", &json!({"matter": matter.0, "agency": "lamps"})).unwrap();
    unit.does("services/start", &about(matter)).unwrap();
}

fn closed(matter: EntityId, desk: &Person, unit: &Person) {
    handled(matter, desk, unit);
    unit.does("services/answer", &reply(matter, "灯泡已更换")).unwrap();
    desk.does("services/close", &about(matter)).unwrap();
}

#[test]
fn whoever_has_code_and_pin_sees_how_it_stands_and_can_add_withdraw_and_nothing_of_another() {
    let city = city();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let resident = city.person("li", &[]).unwrap();
    let (matter, done) = filed(&resident, lamp());
    let (other, _) = filed(&resident, lamp());
    let pin = done.text("pin").unwrap();
    let mark = |matter, field| city.value(matter, field).unwrap().as_text().unwrap().to_owned();
    let marks = |field| (mark(matter, field), mark(other, field));
    assert!(!mark(matter, "host.claim.pin").contains(&pin.replace(' ', "")));
    let (one, two) = marks("host.claim.own");
    assert_ne!(one, two, "two reports of one account do not show that they are");
    assert!(city.visitor(matter, "00000000").is_err());
    let visitor = city.visitor(matter, pin).unwrap();
    let page = visitor.sees("services/track", &about(matter)).unwrap();
    assert_eq!(page.value("code").as_deref(), Some(done.text("code").unwrap()));
    assert_eq!(
        (page.value("step").unwrap(), page.value("who-has-it").unwrap()),
        ("state-submitted".into(), "role-operator".into())
    );
    assert_eq!(page.commands(), ["add-words", "withdraw"]);
    assert!(!page.says("张三家门口的灯"), "their words are a page of their own");
    assert!(visitor.sees("services/track", &about(other)).is_err(), "one matter");
    assert!(visitor.sees("services/own-words", &about(matter)).is_err(), "for a purpose");
    let looks = || city.city().health().looks;
    let words = visitor.for_own_words().sees("services/own-words", &about(matter)).unwrap();
    assert!(words.says("张三家门口的灯") && words.value("contact").as_deref() == Some("13800000000"));
    assert_eq!(looks(), 2, "words and contact: each look is entered");

    // What is asked for is added, sealed, and the matter goes on.
    desk.does("services/ask-more", &json!({"matter": matter.0, "reason": "第几号杆？"})).unwrap();
    assert!(visitor.sees("services/track", &about(matter)).unwrap().says("第几号杆？"));
    let added =
        visitor.does("services/add-words", &json!({"matter": matter.0, "more-words": "七号杆，问李四"})).unwrap();
    assert_eq!(
        added.changes(),
        [
            "create matter-update",
            "put services.update matter reference words*",
            "advance supplement awaiting>submitted"
        ]
    );
    handled(matter, &desk, &unit);
    let page = visitor.sees("services/track", &about(matter)).unwrap();
    assert_eq!(
        (page.value("who-has-it").unwrap(), page.value("next-step").unwrap()),
        ("lamps".into(), "next-answer".into())
    );
    assert_eq!(page.value("day").as_deref(), Some("day-of"));
    visitor.does("services/withdraw", &about(matter)).unwrap();
    assert_eq!(city.state(matter).unwrap(), "withdrawn");
    let more = json!({"matter": matter.0, "more-words": "x"});
    assert_eq!(visitor.refused("services/add-words", &more).unwrap().kind(), "conflict");
}

#[test]
fn nobody_but_the_reporter_and_the_desk_speaks_for_a_matter() {
    let city = city();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let (li, wang) = (city.person("li", &["resident"]).unwrap(), city.person("wang", &["resident"]).unwrap());
    let (matter, _) = filed(&li, lamp());
    closed(matter, &desk, &unit);
    let again = json!({"matter": matter.0, "reason": "还是不亮"});
    assert_eq!(wang.refused("services/reopen", &again).unwrap().kind(), "conflict", "another resident");
    assert_eq!(city.state(matter).unwrap(), "closed");
    assert!(wang.sees("services/track", &about(matter)).is_err());
    assert!(li.sees("services/track", &about(matter)).unwrap().commands().contains(&"reopen"), "signed in, no PIN");
    li.does("services/reopen", &again).unwrap();
    assert_eq!(city.state(matter).unwrap(), "assigned");
}

#[test]
fn reporting_for_somebody_keeps_their_words_and_who_they_are_apart_and_makes_the_clerk_no_reporter() {
    let city = city();
    let clerk = city.person("clerk", &["operator"]).unwrap();
    let unit = city.person("unit", &["unit"]).unwrap();
    let body = json!({"channel": "phone", "title": "楼道灯", "words": "咱楼道那个灯啊，坏了三天咯", "category": "street-light",
        "caller-name": "王五", "contact": "13911112222"});
    let done = clerk.does("services/report-for", &body).unwrap();
    let (matter, contact) = (done.id("matter").unwrap(), done.created("report-contact")[0]);
    assert!(city.is_sealed(contact, "services.contact.name") && city.is_sealed(contact, "services.contact.contact"));
    assert!(city.is_sealed(matter, "services.report.body") && !city.is_sealed(matter, "services.report.contact"));
    assert!(city.value(matter, "host.claim.own").unwrap().is_none(), "whoever wrote it down is not the reporter");
    assert!(clerk.sees("services/track", &about(matter)).is_err());
    let plain = unit.sees("services/report", &about(matter)).unwrap();
    assert!(plain.says("words-need-purpose") && plain.value("caller-name").is_none());
    let opened = unit.stating("handling").unwrap().sees("services/report", &about(matter)).unwrap();
    assert!(opened.says("咱楼道那个灯啊，坏了三天咯"), "as it was said");
    assert_eq!(
        (opened.value("caller-name").as_deref(), opened.value("contact").as_deref()),
        (Some("王五"), Some("13911112222"))
    );
    // The caller was told code and PIN.
    let caller = city.visitor(matter, done.text("pin").unwrap()).unwrap();
    assert!(caller.sees("services/track", &about(matter)).is_ok());
    // The person can be forgotten, the matter stays.
    city.city().erase(&Default::default(), &"retention".into(), contact).unwrap();
    let opened = unit.stating("handling").unwrap().sees("services/report", &about(matter)).unwrap();
    assert!(opened.says("咱楼道那个灯啊，坏了三天咯") && opened.value("contact").as_deref() == Some(""));
    let resident = city.person("li", &["resident"]).unwrap();
    assert_eq!(resident.refused("services/report-for", &body).unwrap().kind(), "role");
}

#[test]
fn a_public_note_reaches_the_reporter_an_internal_one_never_does() {
    let city = city();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let (matter, done) = filed(&city.person("li", &[]).unwrap(), lamp());
    handled(matter, &desk, &unit);
    let told =
        unit.does("services/inform", &json!({"matter": matter.0, "public-words": "施工队明天上午到场"})).unwrap();
    assert_eq!(
        told.changes(),
        ["create public-note", "put services.public-note matter words formula", "advance inform handling>handling"]
    );
    let kept = unit
        .does("services/note-internally", &json!({"matter": matter.0, "internal-words": "杆号登记错了，别对外说"}))
        .unwrap();
    assert_eq!(kept.changes(), ["create internal-note", "put services.internal-note matter words"]);
    let staff = desk.sees("services/report", &about(matter)).unwrap();
    assert!(staff.says("施工队明天上午到场") && staff.says("杆号登记错了，别对外说"));
    let visitor = city.visitor(matter, done.text("pin").unwrap()).unwrap();
    let outside = [
        visitor.sees("services/track", &about(matter)).unwrap(),
        visitor.for_own_words().sees("services/own-words", &about(matter)).unwrap(),
        visitor_free(&city).sees("services/open-requests", &json!({"ids": done.text("code").unwrap()})).unwrap(),
        visitor_free(&city).sees("services/new-report", &json!({"category": "street-light"})).unwrap(),
    ];
    assert!(outside[0].says("施工队明天上午到场"));
    for page in &outside {
        assert!(!format!("{:?}", page.page).contains("别对外说"), "{}", page.title());
    }
    assert!(visitor.sees("services/report", &about(matter)).is_err());
    assert_eq!(
        visitor.refused("services/inform", &json!({"matter": matter.0, "public-words": "x"})).unwrap().kind(),
        "role"
    );
}

/// Somebody with an account and no role.
fn visitor_free(city: &TestCity) -> Person<'_> {
    city.person("anybody", &[]).unwrap()
}

#[test]
fn a_word_that_only_says_forwarded_is_shown_and_stops_no_clock_and_is_no_answer() {
    let city = city();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let (matter, done) = filed(&city.person("li", &[]).unwrap(), lamp());
    handled(matter, &desk, &unit);
    city.pass(2 * Micros::DAY);
    let clocks = || city.city().clocks(matter, city.now()).unwrap();
    let before = clocks();
    let empty = "您好，您反映的问题已转交城市管理局处理，请耐心等待。";
    let told = unit.does("services/inform", &json!({"matter": matter.0, "public-words": empty})).unwrap();
    assert!(!told.changes().iter().any(|c| c.starts_with("advance")), "{:?}", told.changes());
    assert_eq!(clocks(), before, "no clock is stopped, nor set back");
    let visitor = city.visitor(matter, done.text("pin").unwrap()).unwrap();
    assert!(visitor.sees("services/track", &about(matter)).unwrap().says(empty), "it is shown");
    let refused = unit.refused("services/answer", &reply(matter, empty)).unwrap();
    assert_eq!(refused, "invalid: reply: reply-only-forwarded");
    assert_eq!((city.state(matter).unwrap().as_str(), clocks()), ("handling", before.clone()));
    // A word that says something sets back the clock of silence and no other.
    unit.does("services/inform", &json!({"matter": matter.0, "public-words": "灯具已到货，周四安装"})).unwrap();
    let after = clocks();
    for (then, now) in before.iter().map(|c| (c, after.iter().find(|a| a.clock == c.clock).unwrap())) {
        assert_eq!(now.begun > then.begun, now.clock == "silence", "{}", now.clock);
    }
}

#[test]
fn after_five_working_days_without_a_word_the_unit_is_reminded_and_the_reporter_sees_why() {
    let city = city();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let (matter, done) = filed(&city.person("li", &[]).unwrap(), lamp());
    handled(matter, &desk, &unit);
    unit.does("services/contact", &about(matter)).unwrap();
    let visitor = city.visitor(matter, done.text("pin").unwrap()).unwrap();
    let silent = || visitor.sees("services/track", &about(matter)).unwrap().says("silent-for");
    let task = || unit.sees("services/tasks", &json!({})).unwrap().rows("tasks")[0].contains(&"silent".to_owned());
    city.pass(4 * Micros::DAY);
    city.city().run_timers();
    assert!(!silent() && !task());
    // Monday to Monday: five working days and a weekend.
    city.pass(5 * Micros::DAY);
    city.city().run_timers();
    assert!(silent() && task());
    let story = city.city().story(matter).unwrap();
    assert!(story.iter().any(|e| e.name == "silent"), "it is written to the matter");
    assert!(visitor.sees("services/track", &about(matter)).unwrap().says("event-silent"), "and the reporter sees it");
    unit.does("services/inform", &json!({"matter": matter.0, "public-words": "灯具缺货，预计下周三安装"})).unwrap();
    assert!(!silent() && !task(), "a word ends it");
}

#[test]
fn a_closed_matter_is_rated_once_by_its_reporter_and_counted_from_five_on() {
    let city = city();
    let (desk, unit) = (city.person("desk", &["operator"]).unwrap(), city.person("unit", &["unit"]).unwrap());
    let li = city.person("li", &["resident"]).unwrap();
    let rate = |m: EntityId, n: u32| json!({"matter": m.0, "rated-outcome": format!("rated-{n}"), "rated-manner": "rated-4", "rated-words": "小王来得很快"});
    let mut first = None;
    for n in 1..=5 {
        let (matter, done) = filed(&li, lamp());
        assert_eq!(li.refused("services/rate", &rate(matter, n)).unwrap().kind(), "conflict", "not closed yet");
        closed(matter, &desk, &unit);
        let page = desk.sees("services/satisfaction", &json!({})).unwrap();
        assert!(page.rows("by-category").is_empty() && page.rows("by-unit").is_empty(), "{n}: fewer than five");
        // From the tracking page or signed in: the same right, once.
        let rated = match n % 2 {
            0 => city
                .visitor(matter, done.text("pin").unwrap())
                .unwrap()
                .does("services/rate", &rate(matter, n))
                .unwrap(),
            _ => li.does("services/rate", &rate(matter, n)).unwrap(),
        };
        let rating = rated.created("rating")[0];
        assert!(city.is_sealed(rating, "services.rating.words"));
        assert_eq!(li.refused("services/rate", &rate(matter, 5)).unwrap().kind(), "conflict", "once");
        assert!(!li.sees("services/track", &about(matter)).unwrap().commands().contains(&"rate"));
        first.get_or_insert(matter);
    }
    let page = desk.sees("services/satisfaction", &json!({})).unwrap();
    assert_eq!(page.rows("by-category"), [["category-street-light", "5", "3", "4"]]);
    assert_eq!(page.rows("by-unit"), [["lamps", "5", "3", "4"]]);
    let matter = first.unwrap();
    let stating = |who: &Person<'_>| {
        who.stating("handling").unwrap().sees("services/report", &about(matter)).unwrap().says("小王来得很快")
    };
    let verifier = city.person("check", &["verifier"]).unwrap();
    assert!(stating(&verifier) && !stating(&unit), "who was rated does not read it");
    assert_eq!(unit.refused("services/rate", &rate(matter, 1)).unwrap().kind(), "role");
}

#[test]
fn an_answer_begins_with_a_template_of_its_category_in_either_language() {
    let city = city();
    let (admin, desk) = (city.person("admin", &["admin"]).unwrap(), city.person("desk", &["operator"]).unwrap());
    let unit = city.person("unit", &["unit"]).unwrap();
    let set = |code: &str, category: Option<&str>, zh: &str| json!({"template-code": code, "zh": "灯已修好", "en": "Lamp mended", "category": category, "text-zh": zh, "text-en": "The lamp was repaired."});
    admin.does("services/set-template", &set("lamp-done", Some("street-light"), "灯已修复。")).unwrap();
    let second = admin
        .does("services/set-template", &set("lamp-done", Some("street-light"), "路灯已修复，感谢您的反映。"))
        .unwrap();
    assert_eq!(second.value("version").unwrap().as_int(), Some(2));
    admin.does("services/set-template", &set("noise-done", Some("noise"), "已整改。")).unwrap();
    admin.does("services/set-template", &set("all", None, "已办结，问题已解决。")).unwrap();
    let bad = admin.refused("services/set-template", &set("empty", None, "已转办")).unwrap();
    assert_eq!(bad, "invalid: text-zh: reply-only-forwarded");
    assert_eq!(desk.refused("services/set-template", &set("a", None, "已修复")).unwrap().kind(), "role");
    assert_eq!(admin.sees("services/templates", &json!({})).unwrap().rows("templates").len(), 3);

    let (matter, _) = filed(&desk, lamp());
    handled(matter, &desk, &unit);
    let page = unit.sees("services/report", &about(matter)).unwrap();
    let offered = format!("{:?}", page.page);
    assert!(offered.contains("lamp-done@zh") && offered.contains("lamp-done@en") && offered.contains("all@zh"));
    assert!(!offered.contains("noise-done"), "of its own category");
    let with = |template: &str, reply: Option<&str>| json!({"matter": matter.0, "template": template, "reply": reply, "outcome": "solved"});
    assert_eq!(unit.refused("services/answer", &with("gone@zh", None)).unwrap(), "invalid: template: no-such-template");
    unit.does("services/answer", &with("lamp-done@zh", Some("七号杆换了灯泡。"))).unwrap();
    let reply = city.value(matter, "services.report.reply").unwrap();
    assert_eq!(reply.as_text(), Some("路灯已修复，感谢您的反映。\n\n七号杆换了灯泡。"));
    admin.does("services/retire-template", &json!({"template-code": "lamp-done"})).unwrap();
    assert_eq!(city.value(matter, "services.report.reply").unwrap(), reply, "what was sent stays");
    assert_eq!(admin.sees("services/templates", &json!({})).unwrap().rows("templates").len(), 2);
}

#[test]
fn the_form_asks_a_categorys_questions_and_shows_what_is_known_near_by_without_words() {
    let city = city();
    let (admin, li) = (city.person("admin", &["admin"]).unwrap(), city.person("li", &[]).unwrap());
    let set = json!({"code": "lamp", "zh": "灯", "en": "Lamp", "open": true,
        "questions": "pole | number | required | 杆号 | Pole\nkind | singlevaluelist | optional | 种类 | Kind | a=甲/A, b=乙/B"});
    admin.does("services/set-category", &set).unwrap();
    let form = format!("{:?}", li.sees("services/new-report", &json!({})).unwrap().page);
    assert!(
        form.contains("answers[lamp.pole]") && form.contains("answers[street-light.lamp]"),
        "questions of every category"
    );
    let at = json!({"lon": 115.9, "lat": 28.68});
    let report = |category: &str, answers: &str| json!({"title": "张三家门口", "body": "李四", "category": category, "answers": answers, "position": at});
    let missing = li.refused("services/file-report", &report("lamp", "street-light.lamp=street")).unwrap();
    assert_eq!(missing, "invalid: answers[lamp.pole]: answer-needed");
    let wrong = li.refused("services/file-report", &report("lamp", "lamp.pole=x\nlamp.kind=c")).unwrap();
    assert!(
        wrong.as_str().contains("answers[lamp.pole]: answer-wrong") && wrong.as_str().contains("answers[lamp.kind]"),
        "{wrong:?}"
    );
    let (matter, _) = filed(&li, report("lamp", "lamp.pole=7\nlamp.kind=a"));
    let read = li.sees("services/own-words", &about(matter)).unwrap_err().to_string();
    assert!(read.contains("purpose"), "{read}");
    let near_by = |category: &str| {
        li.sees("services/new-report", &json!({"category": category, "lon": 115.9005, "lat": 28.6803})).unwrap()
    };
    let page = near_by("lamp");
    assert_eq!(page.rows("nearby").len(), 1);
    let shown = format!("{:?}", page.page);
    let code = city.value(matter, "services.report.code").unwrap();
    for hidden in ["张三", "李四", code.as_text().unwrap()] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
    assert!(near_by("noise").rows("nearby").is_empty());
    // A quarrel near by is nobody else's business; that there are many is.
    for n in 0..5 {
        let page = near_by("neighbour");
        assert!(page.rows("nearby").is_empty() && !page.says("nearby-count"), "{n}");
        filed(&li, report("neighbour", ""));
    }
    let page = near_by("neighbour");
    assert!(page.rows("nearby").is_empty() && page.says("nearby-count"));
}
