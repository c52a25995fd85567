//! An event in a district with a planner, a leader, a commander and people who can be assigned.
#![allow(dead_code)]

use changzhi_testkit::{EntityId, Micros, Person, TestCity};
use serde_json::{Value as Json, json};
use std::cell::Cell;

pub const MINUTE: i64 = 60 * Micros::SECOND;
pub const HOUR: i64 = 60 * MINUTE;
/// 2026-01-01T00:00:00Z, where a test city begins; the event is on the third day.
const BEGIN: Micros = Micros(1_767_225_600 * Micros::SECOND);
const DAY: i64 = 2;

/// An hour of the day of the event.
pub fn at(hour: i64) -> Micros {
    Micros(BEGIN.0 + DAY * Micros::DAY + hour * HOUR)
}

pub fn about(plan: EntityId) -> Json {
    json!({"major": plan.0})
}

pub struct Scene {
    pub city: TestCity,
    pub square: EntityId,
    /// The post of [`Scene::full`].
    pub post: Cell<Option<EntityId>>,
}

impl Scene {
    pub fn new() -> Scene {
        let city = TestCity::with(&["command"]).unwrap();
        city.place("division", "district", "D-1", None).unwrap();
        let square = city.place("facility", "square", "SQ-1", Some("D-1")).unwrap();
        Scene::of(city, square)
    }

    pub fn of(city: TestCity, square: EntityId) -> Scene {
        let scene = Scene { city, square, post: Cell::new(None) };
        for (login, sort) in [("wang", "guard"), ("li", "guard"), ("zhao", "guard"), ("volunteer", "volunteer")] {
            scene.city.person(login, &[]).unwrap();
            let body = json!({"login": login, "sort": sort, "place": square.0});
            scene.planner().does("command/register-responder", &body).unwrap();
        }
        scene.chief();
        scene
    }

    pub fn planner(&self) -> Person<'_> {
        self.city.person("planner", &["duty-officer"]).unwrap()
    }

    pub fn boss(&self) -> Person<'_> {
        self.city.person("boss", &["official"]).unwrap()
    }

    /// Commands the event, and holds no role at all.
    pub fn chief(&self) -> Person<'_> {
        self.city.person("chief", &[]).unwrap()
    }

    pub fn state(&self, id: EntityId) -> String {
        self.city.state(id).unwrap()
    }

    pub fn pass(&self, time: i64) {
        self.until(Micros(self.city.now().0 + time));
    }

    pub fn until(&self, then: Micros) {
        self.city.pass(then.0 - self.city.now().0);
        self.city.city().run_timers();
    }

    pub fn draft(&self) -> EntityId {
        let body = json!({
            "title": "灯会", "sort": "festival", "place": self.square.0, "from": at(8).to_rfc3339(), "to": at(12).to_rfc3339(),
            "crowd": 8000, "commander": "chief", "phones": "指挥部 0791-12345", "interval": 30, "grace": 10, "rest": 8,
            "briefing": "带好反光背心",
        });
        self.planner().does("command/write-major", &body).unwrap().id("major").unwrap()
    }

    pub fn add_post(&self, plan: EntityId, name: &str, need: i64) -> EntityId {
        let body = json!({"major": plan.0, "name": name, "task": "看守入口", "spot": "检票口外", "need": need, "sort": "guard", "equipment": "对讲机"});
        self.planner().does("command/add-major-post", &body).unwrap().id("post").unwrap()
    }

    pub fn add_shift(&self, plan: EntityId, name: &str, from: i64, to: i64) -> EntityId {
        let body = json!({"major": plan.0, "name": name, "from": at(from).to_rfc3339(), "to": at(to).to_rfc3339()});
        self.planner().does("command/add-major-shift", &body).unwrap().id("shift").unwrap()
    }

    pub fn duty(post: EntityId, shift: EntityId, logins: &str) -> Json {
        json!({"post": post.0, "shift": shift.0, "logins": logins})
    }

    /// The duties that were made.
    pub fn assign(&self, post: EntityId, shift: EntityId, logins: &str) -> Vec<EntityId> {
        let done = self.planner().does("command/assign-duties", &Scene::duty(post, shift, logins)).unwrap();
        done.created("major-duty")
    }

    /// One post of two guards and one shift over the whole event.
    pub fn full(&self) -> EntityId {
        let plan = self.draft();
        let (post, shift) = (self.add_post(plan, "北门", 2), self.add_shift(plan, "全天", 8, 12));
        self.assign(post, shift, "wang li");
        self.post.set(Some(post));
        plan
    }

    /// Submitted, approved and briefed.
    pub fn briefed(&self) -> EntityId {
        let plan = self.full();
        self.hold(plan);
        self.planner().does("command/brief-major", &about(plan)).unwrap();
        plan
    }

    pub fn hold(&self, plan: EntityId) {
        self.planner().does("command/submit-major", &about(plan)).unwrap();
        self.boss().does("command/approve-major", &about(plan)).unwrap();
    }

    /// Begun when its first shift does. The watches.
    pub fn live(&self) -> (EntityId, Vec<EntityId>) {
        let plan = self.briefed();
        self.until(at(8));
        let done = self.chief().does("command/begin-major", &about(plan)).unwrap();
        (plan, done.created("major-watch"))
    }
}
