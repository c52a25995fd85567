//! The one door for devices: proof, session, command.
//!
//! A device is a record of the plugin `command` with a unique field `device`; that it is the device is the gate's to say. The command is the
//! plugin's, through gate and pipeline like everybody's.

use changzhi_gate::{Ask, Backend, Checked, DeviceProof, Gate, GateRefusal, Submission};
use changzhi_model::{Actor, EntityId, Micros, Name, Named, RequestId, Value, body};
use serde_json::{Map, json};

/// The plugin whose devices these are.
pub const PLUGIN: &str = "command";
const FACET: &str = "command.button";
/// The role of commands the host gives by itself; no account can hold it.
const CLOCK: Name = Name::new_static("clock");

/// Who is at the door.
#[derive(Clone, Copy, Debug)]
pub struct Knock<'a> {
    pub device: &'a str,
    pub proof: DeviceProof<'a>,
    /// Where it comes from: too many wrong proofs from there are made to wait.
    pub address: &'a str,
    /// The same key of the same device is the same press for ever.
    pub key: Option<&'a str>,
    pub locale: &'a str,
}

/// What it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Says {
    Pressed {
        /// RFC 3339, by the device's own clock.
        pressed: Option<String>,
        /// A panel says which; a button is of one kind.
        category: Option<String>,
    },
    Alive {
        /// Percent.
        battery: Option<i64>,
    },
}

impl Says {
    fn command(&self) -> &'static str {
        match self {
            Says::Pressed { .. } => "press-button",
            Says::Alive { .. } => "button-alive",
        }
    }

    fn body(&self, button: EntityId) -> Map<String, serde_json::Value> {
        let mut body = Map::from_iter([("button".to_owned(), json!(button.0))]);
        let mut add = |name: &str, value: Option<serde_json::Value>| body.extend(value.map(|v| (name.to_owned(), v)));
        match self {
            Says::Pressed { pressed, category } => {
                add("pressed", pressed.as_ref().map(|at| json!(at)));
                add("category", category.as_ref().map(|kind| json!(kind)));
            }
            Says::Alive { battery } => add("battery", battery.map(|b| json!(b))),
        }
        body
    }
}

/// Decides about one message of a device. Blocks for a group commit when the city's first secret is made; else for some hashes.
///
/// # Errors
/// [`GateRefusal::WrongPin`] for an unknown device and a wrong proof alike, [`GateRefusal::Throttled`] after many of them. A time or a kind
/// that does not read is no error: the message proved itself, so it rings without them.
pub fn check(gate: &Gate, city: &dyn Backend, knock: &Knock<'_>, says: &Says) -> Result<Checked, GateRefusal> {
    let mut record = None;
    let device = Value::text(knock.device);
    city.read(&mut |r| record = r.find(FACET, "device", &device));
    let session = gate.device(record, knock.device, knock.proof, knock.address)?;
    let button = record.unwrap_or(EntityId::NONE);
    let command = says.command();
    let ask = Ask { plugin: PLUGIN, command, purpose: None, place: None, key: knock.key, locale: knock.locale };
    let whole = gate.check(&session, &ask, &serde_json::Value::Object(says.body(button)));
    match whole {
        Err(GateRefusal::Invalid(problems)) => {
            let fields = problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>().join(", ");
            tracing::warn!(
                device = knock.device,
                command,
                fields,
                "a device says what does not read: taken without it"
            );
            let alone = Map::from_iter([("button".to_owned(), json!(button.0))]);
            gate.check(&session, &ask, &serde_json::Value::Object(alone))
        }
        other => other,
    }
}

/// What became of a press.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Became {
    pub alarm: Option<u64>,
    /// `rung`, `joined`, `kept`, or `revoked`: then nobody was rung.
    pub outcome: String,
}

impl Became {
    pub fn of(answer: &[Named]) -> Became {
        let value = |name: &str| answer.iter().find(|n| n.name == name).map(|n| &n.value);
        let outcome = value("outcome").and_then(Value::as_text).unwrap_or_default().to_owned();
        Became { alarm: value("alarm").and_then(Value::as_entity).map(|id| id.0), outcome }
    }

    pub fn is_revoked(&self) -> bool {
        self.outcome == "revoked"
    }
}

/// The command by which seats are told that a way buttons ring by is down. `None` when the plugin knows no such command.
pub fn line_down(city: &dyn Backend, line: &str, since: Micros) -> Option<Submission> {
    let manifest = city.manifest(PLUGIN)?;
    let decl = manifest.command("line-down")?;
    let body = body::parse(&decl.fields, &json!({"line": line, "since": since.to_rfc3339()})).ok()?;
    Some(Submission {
        plugin: manifest.id.clone(),
        command: decl.name.clone(),
        body,
        actor: Actor { id: EntityId::NONE, roles: vec![CLOCK], divisions: Vec::new() },
        purpose: Name::default(),
        place: None,
        // Once for each time it goes down, however often it is tried.
        request: RequestId::from_key(EntityId::NONE, &format!("line-down {line} {}", since.0)),
        locale: Name::new_static("zh-CN"),
        expected: None,
        acting_for: None,
    })
}
