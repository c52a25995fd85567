//! One message: what became of it, and what the device is told.

use crate::door::{self, Became, Knock, Says};
use crate::line::Line;
use crate::message::{Kind, LARGEST, Letter, Said, Topic};
use changzhi_gate::{Backend, Checked, DeviceProof, Gate, GateRefusal, Outcome};
use changzhi_model::Micros;
use parking_lot::Mutex;
use rumqttc::Publish;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// A heartbeat is journaled once in so long, or when the battery has changed by [`BATTERY`].
const HOURLY: i64 = 3_600 * Micros::SECOND;
const BATTERY: i64 = 5;
/// Devices whose last heartbeat is remembered; beyond it all are journaled once more.
const REMEMBERED: usize = 100_000;
/// A plugin that falls over a press is asked so often; its input is kept each time.
const FAULTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Takes messages. Shared by all that are under way.
pub(crate) struct Desk {
    pub(crate) gate: Arc<Gate>,
    pub(crate) city: Arc<dyn Backend>,
    pub(crate) prefix: String,
    pub(crate) line: Line,
    heard: Mutex<HashMap<String, (Micros, Option<i64>)>>,
}

/// What a device is told, and where.
pub(crate) struct Told {
    pub(crate) topic: String,
    pub(crate) json: Value,
}

/// Why it is not decided yet.
enum Again {
    /// Busy, full or resting: it mends itself.
    After(Duration),
    /// The plugin fell over it.
    Fault,
}

impl Desk {
    pub(crate) fn new(gate: Arc<Gate>, city: Arc<dyn Backend>, prefix: String, line: Line) -> Desk {
        Desk { gate, city, prefix, line, heard: Mutex::new(HashMap::new()) }
    }

    /// Decides about one message, however long that takes. `Err`: the host stops, and it must be delivered again.
    pub(crate) async fn take(&self, message: &Publish, stop: &mut watch::Receiver<bool>) -> Result<Option<Told>, ()> {
        let Some(topic) = Topic::read(&self.prefix, &message.topic) else {
            self.line.refused("other", &message.topic, "not-a-topic", self.gate.now());
            return Ok(None);
        };
        let seen = if message.retain {
            Err("retained")
        } else if message.payload.len() > LARGEST {
            Err("too-large")
        } else {
            Letter::read(&message.payload).ok_or("malformed")
        };
        let letter = match seen {
            Ok(letter) => letter,
            Err(why) => return Ok(self.refuse(&topic, &message.topic, None, why)),
        };
        let said = Said::read(&letter);
        let id = said.id.clone();
        let says = said.says(topic.kind);
        let mut faults = 0;
        loop {
            let wait = match self.once(&topic, &message.topic, &letter, &says).await {
                Ok(Ok(became)) => return Ok(self.answer(&topic, &message.topic, id, became)),
                Ok(Err(why)) => return Ok(self.refuse(&topic, &message.topic, id, why)),
                // The next heartbeat comes by itself.
                Err(_) if topic.kind == Kind::Alive => return Ok(self.refuse(&topic, &message.topic, id, "busy")),
                Err(Again::Fault) if faults + 1 >= FAULTS => {
                    return Ok(self.refuse(&topic, &message.topic, id, "failed"));
                }
                Err(Again::Fault) => {
                    faults += 1;
                    PAUSE
                }
                Err(Again::After(wait)) => wait.clamp(Duration::from_millis(50), LONGEST_PAUSE),
            };
            tokio::select! {
                _ = stop.changed() => return Err(()),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Once through the door. `Ok(Err(why))`: it is refused for good.
    async fn once(
        &self,
        topic: &Topic<'_>,
        whole: &str,
        letter: &Letter<'_>,
        says: &Says,
    ) -> Result<Result<Became, &'static str>, Again> {
        let signed = letter.signed(whole);
        let proof = DeviceProof::Signature { message: &signed, signature: letter.signature };
        // Not the broker's address: one device that is set up wrongly makes no other wait.
        let address = format!("mqtt {}/{}", topic.site, topic.device);
        let key = letter.signature.to_ascii_lowercase();
        let knock = Knock { device: topic.device, proof, address: &address, key: Some(&key), locale: "zh-CN" };
        let checked = match door::check(&self.gate, &*self.city, &knock, says) {
            Ok(checked) => checked,
            Err(GateRefusal::WrongPin) => return Ok(Err("wrong-signature")),
            Err(GateRefusal::Throttled(_)) => return Ok(Err("throttled")),
            Err(GateRefusal::Rate { wait, .. }) => return Err(Again::After(wait)),
            // The plugin is not in force (yet): the broker keeps the press until it is.
            Err(GateRefusal::Unavailable(_) | GateRefusal::NotFound(_)) => return Err(Again::After(PAUSE)),
            Err(GateRefusal::NotServed { .. }) => return Ok(Err("not-served")),
            Err(other) => {
                tracing::warn!(device = topic.device, reason = %other, "a device's message was refused");
                return Ok(Err("refused"));
            }
        };
        if let Says::Alive { battery } = says {
            if self.is_known_alive(topic.device, *battery) {
                return Ok(Ok(Became { alarm: None, outcome: "heard".into() }));
            }
            let became = self.submit(checked).await?;
            if matches!(&became, Ok(b) if !b.is_revoked()) {
                self.remember(topic.device, *battery);
            }
            return Ok(became);
        }
        self.submit(checked).await
    }

    async fn submit(&self, checked: Checked) -> Result<Result<Became, &'static str>, Again> {
        let (tell, told) = oneshot::channel();
        let tell = Box::new(move |outcome| {
            // Whoever waited may be gone: what was done stands.
            let _ = tell.send(outcome);
        });
        self.city.submit_then(checked.submission, tell);
        match told.await {
            Ok(Outcome::Done { answer, .. }) => Ok(Ok(Became::of(&answer))),
            Ok(Outcome::Refused(refusal)) => {
                tracing::warn!(?refusal, "a device's message was refused");
                Ok(Err("refused"))
            }
            Ok(Outcome::Unavailable { retry_after, .. }) => Err(Again::After(retry_after)),
            Ok(Outcome::Failed(reason)) => {
                tracing::error!(reason, "the plugin fell over a device's message; its input is kept");
                Err(Again::Fault)
            }
            Ok(Outcome::Outdated(_)) | Err(_) => Err(Again::After(PAUSE)),
        }
    }

    fn is_known_alive(&self, device: &str, battery: Option<i64>) -> bool {
        let (heard, now) = (self.heard.lock(), self.gate.now());
        heard.get(device).is_some_and(|(at, then)| {
            let same = match (battery, then) {
                (Some(b), Some(t)) => b.abs_diff(*t) < BATTERY.unsigned_abs(),
                (None, _) => true,
                (Some(_), None) => false,
            };
            same && now.0.saturating_sub(at.0) < HOURLY
        })
    }

    fn remember(&self, device: &str, battery: Option<i64>) {
        let now = self.gate.now();
        let mut heard = self.heard.lock();
        if heard.len() >= REMEMBERED {
            heard.clear();
        }
        heard.insert(device.to_owned(), (now, battery));
    }

    fn answer(&self, topic: &Topic<'_>, whole: &str, id: Option<String>, became: Became) -> Option<Told> {
        if became.is_revoked() {
            return self.refuse(topic, whole, id, "revoked");
        }
        let word = word(&became.outcome);
        self.line.took(topic.kind.name(), word, self.gate.now());
        let json = told(id, [("outcome", json!(word)), ("alarm", json!(became.alarm))]);
        self.to_a_press(topic, json)
    }

    fn refuse(&self, topic: &Topic<'_>, whole: &str, id: Option<String>, why: &'static str) -> Option<Told> {
        self.line.refused(topic.kind.name(), whole, why, self.gate.now());
        tracing::info!(topic = whole.chars().take(120).collect::<String>(), why, "a device's message was not taken");
        self.to_a_press(topic, told(id, [("outcome", json!("refused")), ("why", json!(why))]))
    }

    /// Only a press is answered: its light tells whoever pressed.
    fn to_a_press(&self, topic: &Topic<'_>, json: Value) -> Option<Told> {
        (topic.kind == Kind::Press).then(|| Told { topic: topic.ack(&self.prefix), json })
    }
}

fn told(id: Option<String>, said: [(&str, Value); 2]) -> Value {
    let mut json: Map<String, Value> = said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    json.insert("id".to_owned(), json!(id));
    Value::Object(json)
}

/// What the plugin says, as a word of the closed list.
fn word(outcome: &str) -> &'static str {
    const WORDS: [&str; 5] = ["rung", "joined", "kept", "alive", "heard"];
    WORDS.into_iter().find(|word| *word == outcome).unwrap_or("taken")
}
