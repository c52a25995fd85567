//! Where an import's commands go: the gate, then the city.

use crate::town::Town;
use anyhow::anyhow;
use changzhi_data::{Answer, Known, PlaceWish, Said, Sink, Submit};
use changzhi_gate::{Ask, Gate, GateRefusal, NewAccount, Session};
use changzhi_model::{Clock, EntityId, Micros, Refusal, SystemClock, Text, Value, body};
use changzhi_pipeline::{City, Outcome};
use changzhi_world::Cell;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

const LOGIN: &str = "import";
/// A run takes minutes; its token does not outlive the day.
const TOKEN_LIVES: i64 = Micros::DAY;

/// The place with this code.
pub fn place_by_code(town: &Town, code: &str) -> Option<EntityId> {
    town.city.read(|w| w.find("host.place", "code", &Value::text(code)))
}

/// One import's way in, under an account of its own.
pub struct GateSink {
    city: Arc<City>,
    gate: Arc<Gate>,
    session: Arc<Session>,
}

impl GateSink {
    pub fn new(town: &Town) -> anyhow::Result<GateSink> {
        let password = hex::encode(rand::random::<[u8; 24]>());
        let account = NewAccount {
            login: LOGIN,
            name: "数据导入",
            password: &password,
            roles: &[("operator", None)],
            purposes: &[],
        };
        let id = town.gate.ensure_account(&account).map_err(|e| anyhow!("account {LOGIN}: {e}"))?;
        let expires = Micros(SystemClock.now().0 + TOKEN_LIVES);
        let token = town.gate.issue_token(id, "import", expires).map_err(|e| anyhow!("token: {e}"))?;
        let session =
            town.gate.by_token(&token).ok_or_else(|| anyhow!("the import's own token does not open a session"))?;
        Ok(GateSink { city: Arc::clone(&town.city), gate: Arc::clone(&town.gate), session })
    }
}

impl Sink for GateSink {
    fn known(&self, facet: &str, reference: &str) -> Result<Option<Known>, String> {
        Ok(self.city.read(|w| {
            let entity = w.find(facet, "reference", &Value::text(reference))?;
            let digest = match w.cell(entity, facet, "digest") {
                Some(Cell::Here(Value::Text(digest))) => digest,
                _ => String::new(),
            };
            Some(Known { digest, revision: w.entity_revision(entity).0 })
        }))
    }

    fn place(&self, wish: &PlaceWish, _parent: Option<EntityId>) -> Result<EntityId, String> {
        let code = Value::text(wish.code.as_str());
        if let Some(id) = self.city.read(|w| w.find("host.place", "code", &code)) {
            return Ok(id);
        }
        let manifest = self.city.manifest("host").ok_or("the host's own domain is not in force")?;
        let decl = manifest.command("create-place").ok_or("no command host/create-place")?;
        let json = serde_json::Value::Object(wish.body());
        let body = body::parse(&decl.fields, &json)
            .map_err(|problems| problems.iter().map(body::explain).collect::<Vec<_>>().join("; "))?;
        let answer = self.gate.as_host("create-place", body)?;
        answer.iter().find_map(|n| n.value.as_entity()).ok_or_else(|| "host/create-place gave no place".to_owned())
    }

    fn submit(&self, command: Submit, then: Box<dyn FnOnce(Answer) + Send>) {
        let key = hex::encode(Sha256::digest(command.request.as_bytes()));
        let ask = Ask {
            plugin: &command.plugin,
            command: &command.command,
            purpose: None,
            place: None,
            key: Some(&key),
            locale: "zh-CN",
        };
        match self.gate.check(&self.session, &ask, &serde_json::Value::Object(command.body)) {
            Err(refusal) => then(refused(&refusal)),
            Ok(checked) => self.city.submit_then(checked.submission, Box::new(move |outcome| then(answer(outcome)))),
        }
    }
}

fn refused(refusal: &GateRefusal) -> Answer {
    let text = match refusal {
        GateRefusal::Invalid(problems) => problems.iter().map(body::explain).collect::<Vec<_>>().join("; "),
        GateRefusal::Unavailable(reason) => {
            return Answer::Unavailable { reason: reason.clone(), retry_after: Duration::from_millis(250) };
        }
        // Not in an import of this binary, which sets no rate: whoever gives the sink a gate with one is slowed, not refused.
        GateRefusal::Rate { wait, .. } => {
            return Answer::Unavailable { reason: refusal.to_string(), retry_after: *wait };
        }
        other => other.to_string(),
    };
    Answer::Refused(Said::new(&text, &text))
}

fn answer(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Done { answer, replayed, .. } => {
            let outcome = answer.iter().find(|n| n.name == "outcome").and_then(|n| n.value.as_text()).unwrap_or("new");
            Answer::Done { outcome: outcome.to_owned(), replayed }
        }
        Outcome::Refused(refusal) => {
            let text = words(&refusal);
            Answer::Refused(Said::new(&text, &text))
        }
        Outcome::Unavailable { reason, retry_after } => Answer::Unavailable { reason, retry_after },
        Outcome::Failed(why) => Answer::Failed(why),
        // An import says nothing of what it saw.
        Outcome::Outdated(_) => Answer::Failed("what it is about has changed".into()),
    }
}

fn words(refusal: &Refusal) -> String {
    let text = |t: &Text| match t {
        Text::Plain(s) => s.clone(),
        Text::Msg(m) => m.key.clone(),
    };
    match refusal {
        Refusal::Invalid(problems) => problems.iter().map(body::explain).collect::<Vec<_>>().join("; "),
        Refusal::Denied(t) | Refusal::Conflict(t) | Refusal::NotFound(t) | Refusal::Other(t) => text(t),
    }
}
