//! The demo's major events, each step given as the one whose it is: a plan is not approved by its author, in a demo either.

use super::{SEED, submission};
use crate::sink::place_by_code;
use crate::town::Town;
use anyhow::{Context, anyhow};
use changzhi_data::demo::{APPROVER, Command, MajorEvent, PLANNER, majors};
use changzhi_model::{Clock, EntityId, Micros, Named, SystemClock, Value};
use changzhi_pipeline::Outcome;
use serde_json::{Map, Value as Json, json};

const MINUTE: i64 = 60 * Micros::SECOND;

/// Makes them beside the accounts they name.
pub(super) fn make(town: &Town) -> anyhow::Result<()> {
    for event in majors() {
        // A city that was made without these places, or by an older version, has no event there.
        if place_by_code(town, event.place).is_some() {
            Making { town, event, steps: 0 }.make()?;
        }
    }
    Ok(())
}

struct Making<'a> {
    town: &'a Town,
    event: MajorEvent,
    /// Commands given, so that each has a request of its own.
    steps: u32,
}

impl Making<'_> {
    /// Gives a command as an account, and waits for its answer.
    fn gives(&mut self, login: &str, command: &'static str, body: Json) -> anyhow::Result<Vec<Named>> {
        self.steps += 1;
        let request = format!("demo:{SEED}:major:{}:{}", self.event.key, self.steps);
        let body: Map<String, Json> = match body {
            Json::Object(body) => body,
            _ => Map::new(),
        };
        let places = if command == "write-major" { vec![("place", self.event.place.to_owned())] } else { Vec::new() };
        let mut own = submission(self.town, Command { plugin: "command", command, body, places, request })?;
        own.actor.id = self.account(login)?;
        match self.town.city.submit(own).wait() {
            Outcome::Done { answer, .. } => Ok(answer),
            other => Err(anyhow!("demo event {}: {command}: {other:?}", self.event.key)),
        }
    }

    fn account(&self, login: &str) -> anyhow::Result<EntityId> {
        let found = self.town.city.read(|w| w.find("host.account", "login", &Value::text(login)));
        found.with_context(|| format!("demo event {}: no account {login}", self.event.key))
    }

    fn at(&self, minutes: i64) -> String {
        // Whole minutes, as people write them.
        let now = SystemClock.now().0 / MINUTE * MINUTE;
        Micros(now + minutes * MINUTE).to_rfc3339()
    }

    fn make(mut self) -> anyhow::Result<()> {
        let event = self.event;
        let head = json!({
            "title": event.title, "sort": event.sort, "from": self.at(event.begins), "to": self.at(event.begins + event.minutes),
            "crowd": event.crowd, "commander": event.commander, "deputy": event.deputy, "phones": event.phones,
            "briefing": event.briefing,
        });
        let plan = id(&self.gives(PLANNER, "write-major", head)?, "major")?;
        let major = json!({"major": plan});
        for (what, measure) in event.hazards {
            self.gives(PLANNER, "add-major-hazard", json!({"major": plan, "what": what, "measure": measure}))?;
        }
        let mut posts = Vec::new();
        for post in event.posts {
            let body = json!({
                "major": plan, "name": post.name, "spot": post.spot, "task": post.task, "need": post.need, "sort": post.sort,
                "equipment": post.equipment,
            });
            posts.push(id(&self.gives(PLANNER, "add-major-post", body)?, "post")?);
        }
        for shift in event.shifts {
            let (from, to) = (self.at(event.begins + shift.from), self.at(event.begins + shift.to));
            let body = json!({"major": plan, "name": shift.name, "from": from, "to": to});
            let row = id(&self.gives(PLANNER, "add-major-shift", body)?, "shift")?;
            for (post, login) in shift.people {
                let post = posts.get(*post).with_context(|| format!("demo event {}: no post {post}", event.key))?;
                self.gives(PLANNER, "assign-duties", json!({"post": post, "shift": row, "logins": login}))?;
            }
        }
        self.gives(PLANNER, "submit-major", major.clone())?;
        let approval =
            if event.accepted.is_empty() { major.clone() } else { json!({"major": plan, "accepted": event.accepted}) };
        self.gives(APPROVER, "approve-major", approval)?;
        if event.findings.is_empty() { Ok(()) } else { self.hold(plan, &major) }
    }

    /// Briefed, held, stood down and reviewed.
    fn hold(&mut self, plan: u64, major: &Json) -> anyhow::Result<()> {
        let event = self.event;
        self.gives(PLANNER, "brief-major", major.clone())?;
        for (_, login) in event.shifts.iter().flat_map(|s| s.people) {
            self.gives(login, "confirm-briefing", major.clone())?;
        }
        let watches = self.gives(event.commander, "begin-major", major.clone())?;
        for (post, login) in event.shifts.iter().flat_map(|s| s.people) {
            // One shift: its watches are in the order of the posts.
            let watch = id(&watches, &format!("watch_{}", post + 1))?;
            self.gives(login, "check-in-post", json!({"watch": watch, "here": 1}))?;
        }
        self.gives(event.commander, "stand-down-major", major.clone())?;
        self.gives(APPROVER, "add-lesson", json!({"alarm": plan, "text": event.lesson, "owner": "unit"}))?;
        self.gives(APPROVER, "review-major", json!({"major": plan, "findings": event.findings})).map(|_| ())
    }
}

fn id(answer: &[Named], name: &str) -> anyhow::Result<u64> {
    let found = answer.iter().find(|n| n.name == name).and_then(|n| n.value.as_entity());
    found.map(|id| id.0).with_context(|| format!("demo event: no {name} in the answer"))
}
