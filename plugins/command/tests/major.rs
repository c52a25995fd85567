//! A major event from its draft to its review, in the real host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod major_scene;

use changzhi_testkit::{EntityId, Value};
use major_scene::{MINUTE, Scene, about, at};
use serde_json::json;

#[test]
fn a_plan_is_made_approved_by_another_briefed_held_and_reviewed() {
    let s = Scene::new();
    let plan = s.full();
    let (planner, boss) = (s.planner(), s.boss());
    let page = planner.sees("command/major", &about(plan)).unwrap();
    assert_eq!(page.rows("gaps"), [[""; 0]; 0], "a full plan has no gaps");
    assert!(page.commands().contains(&"submit-major"));
    planner.does("command/submit-major", &about(plan)).unwrap();
    assert_eq!(planner.refused("command/approve-major", &about(plan)).unwrap().kind(), "role");
    let list = boss.sees("command/majors", &json!({})).unwrap();
    assert_eq!(list.rows("major-to-approve")[0][..2], ["灯会", "state-major-submitted"]);
    boss.does("command/approve-major", &about(plan)).unwrap();
    assert_eq!(s.state(plan), "approved");

    // Told to both, read by one: the other is named.
    let done = planner.does("command/brief-major", &about(plan)).unwrap();
    assert_eq!(done.changes().iter().filter(|c| *c == "intend notify").count(), 2, "{:?}", done.changes());
    let (wang, li) = (s.city.person("wang", &[]).unwrap(), s.city.person("li", &[]).unwrap());
    let duty = wang.sees("command/my-duty", &json!({})).unwrap();
    assert!(duty.says("带好反光背心") && duty.commands() == ["confirm-briefing"], "{:?}", duty.commands());
    wang.does("command/confirm-briefing", &about(plan)).unwrap();
    assert_eq!(planner.sees("command/major", &about(plan)).unwrap().rows("unread"), [["li"]]);
    let stranger = s.city.person("stranger", &[]).unwrap();
    assert_eq!(stranger.refused("command/confirm-briefing", &about(plan)).unwrap(), "not-found: no-such-major");
    assert!(
        stranger.sees("command/major", &about(plan)).is_err()
            && stranger.sees("command/major-board", &about(plan)).is_err()
    );
    li.does("command/confirm-briefing", &about(plan)).unwrap();
    assert!(planner.sees("command/major", &about(plan)).unwrap().rows("unread").is_empty());

    // Only who commands opens it.
    s.until(at(8));
    assert_eq!(planner.refused("command/begin-major", &about(plan)).unwrap(), "denied: major-commander-only");
    let chief = s.chief();
    let begun = chief.does("command/begin-major", &about(plan)).unwrap();
    let watches = begun.created("major-watch");
    assert_eq!((s.state(plan).as_str(), watches.len()), ("live", 1));
    assert_eq!(wang.sees("command/my-duty", &json!({})).unwrap().commands()[0], "check-in-post");
    s.pass(5 * MINUTE);
    wang.does("command/check-in-post", &json!({"watch": watches[0].0, "here": 2})).unwrap();
    let board = chief.sees("command/major-board", &json!({})).unwrap();
    let row = &board.rows(&format!("table-{plan}"))[0];
    assert_eq!(
        (row[0].as_str(), row[2].as_str(), row[3].as_str(), row[5].as_str()),
        ("4", "state-watch-kept", "0", "2/2")
    );
    assert_eq!(row[6], "li、wang", "whom to call");

    // Something happens: an alarm like every other one.
    let what = json!({"major": plan.0, "post": s.post.get().unwrap().0, "category": "medical", "what": "有人中暑"});
    assert_eq!(stranger.refused("command/open-incident", &what).unwrap(), "not-found: no-such-major");
    let incident = li.does("command/open-incident", &what).unwrap();
    let (alarm, incident) = (incident.id("alarm").unwrap(), incident.id("incident").unwrap());
    assert_eq!(
        (s.state(alarm).as_str(), s.city.value(incident, "command.major-incident.alarm").unwrap()),
        ("rung", Value::Entity(alarm))
    );
    assert_eq!(s.city.value(alarm, "command.alarm.spot").unwrap().as_text(), Some("北门 检票口外"));
    let again = wang.does("command/open-incident", &what).unwrap();
    assert_eq!(again.id("incident").unwrap(), incident, "one more press is no second incident");
    let seat = s.city.person("seat", &["operator"]).unwrap();
    assert_eq!(seat.sees("command/ringing", &json!({})).unwrap().parts("alarm").len(), 1);

    // What is open is named before it ends.
    let end = json!({"major": plan.0, "still_open": "中暑人员由 120 接走，值班长跟进"});
    assert_eq!(
        chief.refused("command/stand-down-major", &about(plan)).unwrap(),
        "invalid: still_open: major-name-what-is-open"
    );
    s.until(at(11));
    chief.does("command/stand-down-major", &end).unwrap();
    assert_eq!((s.state(plan).as_str(), s.state(watches[0]).as_str()), ("stood-down", "released"));
    assert!(wang.sees("command/my-duty", &json!({})).unwrap().says("no-duty"));

    // The review is the journal's, and somebody else's than who stood it down.
    let page = boss.sees("command/major-review", &about(plan)).unwrap();
    let checks = page.rows("posts-checks");
    assert_eq!(
        (checks[0][1].as_str(), checks[0][2].as_str()),
        ("1", "1"),
        "kept once, and missed once after it: {checks:?}"
    );
    let marks: Vec<(String, bool)> = page.rows("intervals").iter().map(|r| (r[0].clone(), !r[2].is_empty())).collect();
    assert_eq!(marks.iter().filter(|m| m.1).count(), 5, "{marks:?}");
    let gaps: Vec<String> = page.rows("gaps").into_iter().map(|r| r[0].clone()).collect();
    assert_eq!(gaps, ["gap-major-check", "no-mark-major-reviewed"]);
    assert_eq!(page.rows("incidents").len(), 1);
    let lesson = json!({"alarm": plan.0, "text": "北门加设遮阳棚", "owner": "unit"});
    let lesson = boss.does("command/add-lesson", &lesson).unwrap().id("lesson").unwrap();
    assert_eq!(boss.sees("command/major-review", &about(plan)).unwrap().rows("lessons").len(), 1);
    assert_eq!(
        boss.sees("command/lesson", &json!({"lesson": lesson.0})).unwrap().value("spot").as_deref(),
        Some("灯会")
    );
    boss.does("command/review-major", &json!({"major": plan.0, "findings": "总体平稳"})).unwrap();
    assert_eq!(s.state(plan), "reviewed");
}

#[test]
fn whoever_wrote_or_submitted_a_plan_does_not_approve_it_whatever_roles_they_hold() {
    let s = Scene::new();
    let plan = s.full();
    let both = s.city.person("both", &["duty-officer", "official", "admin"]).unwrap();
    let hazard = json!({"major": plan.0, "what": "突降大雨", "measure": "提前一小时研判是否取消"});
    both.does("command/add-major-hazard", &hazard).unwrap();
    s.planner()
        .does("command/add-major-hazard", &json!({"major": plan.0, "what": "停电", "measure": "备发电机"}))
        .unwrap();
    s.planner().does("command/submit-major", &about(plan)).unwrap();
    // One who wrote a line long ago, with others after them.
    assert_eq!(both.refused("command/approve-major", &about(plan)).unwrap(), "denied: major-second-person");
    assert!(!both.sees("command/major", &about(plan)).unwrap().commands().contains(&"approve-major"));
    // Sent back with a reason, and written at again.
    let boss = s.boss();
    assert!(boss.refused("command/return-major", &json!({"major": plan.0, "reason": " "})).is_ok());
    boss.does("command/return-major", &json!({"major": plan.0, "reason": "缺医疗点"})).unwrap();
    assert_eq!(s.state(plan), "draft");
    both.does("command/submit-major", &about(plan)).unwrap();
    assert_eq!(both.refused("command/approve-major", &about(plan)).unwrap(), "denied: major-second-person");
    boss.does("command/approve-major", &about(plan)).unwrap();
    // What is approved is not written at.
    let late = s.planner().refused("command/add-major-hazard", &hazard_of(plan)).unwrap();
    assert_eq!(late.kind(), "conflict", "{late:?}");
    // Called off, with a reason.
    boss.does("command/cancel-major", &json!({"major": plan.0, "reason": "天气"})).unwrap();
    assert_eq!(s.state(plan), "cancelled");
}

fn hazard_of(plan: EntityId) -> serde_json::Value {
    json!({"major": plan.0, "what": "拥挤", "measure": "分流"})
}

#[test]
fn a_plan_with_a_gap_is_approved_only_by_somebody_who_says_why() {
    let s = Scene::new();
    let plan = s.draft();
    let (post, shift) = (s.add_post(plan, "北门", 3), s.add_shift(plan, "早班", 8, 10));
    s.assign(post, shift, "wang");
    let found = |key: &str| {
        let page = s.planner().sees("command/major", &about(plan)).unwrap();
        page.rows("gaps").iter().filter(|r| r[0] == key).count()
    };
    assert_eq!((found("gap-major-short"), found("gap-major-uncovered")), (1, 1));
    s.assign(post, shift, "volunteer");
    assert_eq!((found("gap-major-short"), found("gap-major-unfit")), (0, 1), "not the kind that is asked for");
    // Whoever leaves is seen at once.
    let wang = s.city.person("wang", &[]).unwrap().id();
    s.city.person("root", &["admin"]).unwrap().does("host/close-account", &json!({"account": wang.0})).unwrap();
    assert_eq!(found("gap-major-left"), 1);
    s.planner().does("command/submit-major", &about(plan)).unwrap();
    let boss = s.boss();
    let refused = boss.refused("command/approve-major", &about(plan)).unwrap();
    assert_eq!(refused, "invalid: accepted: major-gaps-need-reason");
    let with = json!({"major": plan.0, "accepted": "缺员由派出所临时补足"});
    boss.does("command/approve-major", &with).unwrap();
    assert_eq!(s.city.value(plan, "command.major.accepted").unwrap().as_text(), Some("缺员由派出所临时补足"));
    let review = boss.sees("command/major-review", &about(plan)).unwrap();
    assert!(review.rows("gaps").iter().any(|r| r[0] == "gap-major-accepted"));
}

#[test]
fn nobody_is_assigned_to_two_places_at_once_in_this_event_or_another() {
    let s = Scene::new();
    let plan = s.draft();
    let (north, south) = (s.add_post(plan, "北门", 1), s.add_post(plan, "南门", 1));
    let (early, late) = (s.add_shift(plan, "早班", 8, 10), s.add_shift(plan, "晚班", 10, 12));
    s.assign(north, early, "wang");
    s.assign(north, early, "wang");
    let duties = |post: EntityId| {
        s.planner().sees("command/major-post", &json!({"major-post": post.0})).unwrap().rows("duties").len()
    };
    assert_eq!(duties(north), 1, "assigned twice is assigned once");
    let twice = s.planner().refused("command/assign-duties", &Scene::duty(south, early, "wang")).unwrap();
    assert_eq!(twice, "invalid: logins: major-elsewhere");
    s.assign(south, late, "wang");
    // Where one ends the other begins: that is no overlap, and too little rest.
    let page = s.planner().sees("command/major", &about(plan)).unwrap();
    assert!(page.rows("gaps").iter().any(|r| r[0] == "gap-major-rest"));
    let other = s.draft();
    let (post, shift) = (s.add_post(other, "西门", 1), s.add_shift(other, "全天", 9, 12));
    let elsewhere = s.planner().refused("command/assign-duties", &Scene::duty(post, shift, "wang")).unwrap();
    assert_eq!(elsewhere, "invalid: logins: major-elsewhere");
    let gone = s.planner().refused("command/assign-duties", &Scene::duty(post, shift, "nobody")).unwrap();
    assert_eq!(gone, "invalid: logins: major-no-login");
    // Every person of a plan is an account.
    let mut persons = vec![s.city.value(plan, "command.major.commander").unwrap().as_entity().unwrap()];
    for duty in s.assign(south, late, "zhao volunteer") {
        persons.push(s.city.value(duty, "command.major-duty.who").unwrap().as_entity().unwrap());
    }
    for who in &persons {
        assert_eq!(s.city.city().read(|w| w.core(*who)).unwrap().kind.as_str(), "account");
    }
    assert_eq!(persons.len(), 3);
    // Called off, it holds nobody up.
    s.planner().does("command/cancel-major", &json!({"major": plan.0, "reason": "合并"})).unwrap();
    assert_eq!(s.assign(post, shift, "wang").len(), 1);
}
