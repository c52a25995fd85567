//! The demo city, sent as commands like anybody's.

mod major;

use crate::sink::place_by_code;
use crate::town::Town;
use anyhow::{Context, anyhow};
use changzhi_data::demo::{
    City as DemoCity, Command, FloorPlan, Options, Responder, accounts, floor_plans, responders,
};
use changzhi_gate::NewAccount;
use changzhi_model::{Actor, Clock, EntityId, Micros, Name, RequestId, SystemClock, Value, body};
use changzhi_pipeline::{HOST, Outcome, Pending, Submission};
use changzhi_portal::FileOptions;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::VecDeque;

const SEED: u64 = 360_100;
/// Commands under way at once.
const IN_FLIGHT: usize = 256;

/// Makes the city unless it is there, and fresh passwords for its accounts each time they are made.
pub fn make(town: &Town, files: &FileOptions) -> anyhow::Result<()> {
    if place_by_code(town, "360100").is_none() {
        send(town)?;
        for plan in floor_plans()? {
            hang(town, files, plan)?;
        }
    }
    let secret: [u8; 32] = rand::random();
    let mut made = Vec::new();
    for account in accounts(&secret) {
        let there = town.city.read(|w| w.find("host.account", "login", &Value::text(account.login)));
        if there.is_some() {
            continue;
        }
        let roles: Vec<(&str, Option<EntityId>)> = account
            .roles
            .iter()
            .map(|r| (r.role, if r.place == "360100" { None } else { place_by_code(town, r.place) }))
            .collect();
        let name = account.name.in_locale("zh-CN");
        let new = NewAccount {
            login: account.login,
            name,
            password: &account.password,
            roles: &roles,
            purposes: &account.purposes,
        };
        let id = town.gate.ensure_account(&new).map_err(|e| anyhow!("demo account {}: {e}", account.login))?;
        if let Some(responder) = responders().into_iter().find(|r| r.login == account.login) {
            stand_by(town, &responder, name, id)?;
        }
        made.push((account.login, account.password.clone(), format!("{} {}", account.name.zh, account.name.en)));
    }
    if made.is_empty() {
        println!("demo city is there; its sign-ins were printed when it was made");
    } else {
        major::make(town)?;
        println!("demo sign-ins (shown once):");
        for (login, password, who) in made {
            println!("  {login:<10} {password}   {who}");
        }
    }
    Ok(())
}

/// Writes somebody down who can be sent; signing on is their own command, given as themselves.
fn stand_by(town: &Town, responder: &Responder, name: &str, account: EntityId) -> anyhow::Result<()> {
    let text = |command: &str| format!("demo:{SEED}:command:{command}:{}", responder.login);
    let body = [("login", responder.login), ("shown", name), ("sort", responder.sort), ("skills", responder.skills)];
    let body = body.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), v.into())).collect();
    let places = vec![("place", responder.place.to_owned())];
    let register = "register-responder";
    let command = Command { plugin: "command", command: register, body, places, request: text(register) };
    let mut flight = VecDeque::from([(text(register), town.city.submit(submission(town, command)?))]);
    settle(&mut flight)?;
    if responder.on {
        let (body, places, request) = (serde_json::Map::new(), Vec::new(), text("sign-on"));
        let command = Command { plugin: "command", command: "sign-on", body, places, request };
        let mut own = submission(town, command)?;
        own.actor.id = account;
        flight.push_back((text("sign-on"), town.city.submit(own)));
        settle(&mut flight)?;
    }
    Ok(())
}

/// Puts in the plan of a floor: its picture goes the way of every file, then the command that takes it.
fn hang(town: &Town, files: &FileOptions, plan: FloorPlan) -> anyhow::Result<()> {
    const AGE: i64 = 90 * Micros::DAY;
    let name = format!("demo:{SEED}:command:set-plan:{}:{}", plan.place, plan.floor);
    let clean = changzhi_blobs::clean(&plan.picture, files.limits)?;
    let (key, sealed) = changzhi_blobs::seal(&clean.bytes)?;
    let blob = files.store.put(&sealed)?;
    // Nobody's account sends it: this request alone may take it.
    let request = RequestId::from_key(EntityId::NONE, &name);
    let file = vec![
        Value::text("command"),
        Value::Text(blob.to_string()),
        Value::Text(format!("{request}.plan")),
        Value::text(clean.kind.media_type()),
        Value::Int(i64::try_from(clean.bytes.len())?),
        Value::Text(key.to_hex().to_string()),
        Value::None,
    ];
    let kept = town.gate.as_host("keep-file", file).map_err(|e| anyhow!("{name}: {e}"))?;
    let picture = kept.iter().find_map(|n| n.value.as_entity()).with_context(|| format!("{name}: no file"))?;
    let as_of = Micros(today().0 - AGE).to_rfc3339();
    let text = [
        ("floor", plan.floor),
        ("words", plan.words),
        ("entrances", plan.entrances),
        ("assembly", plan.assembly),
        ("marks", plan.marks),
        ("source", plan.source),
        ("as_of", as_of.as_str()),
    ];
    let mut body: serde_json::Map<_, serde_json::Value> =
        text.into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect();
    body.insert("plan".into(), vec![picture.0].into());
    let places = vec![("place", plan.place.to_owned())];
    let command = Command { plugin: "command", command: "set-plan", body, places, request: name.clone() };
    settle(&mut VecDeque::from([(name, town.city.submit(submission(town, command)?))]))
}

fn send(town: &Town) -> anyhow::Result<()> {
    let city = DemoCity::generate(Options::new(SEED, today()))?;
    let commands = city.commands();
    let bar = ProgressBar::new(commands.len() as u64)
        .with_style(ProgressStyle::with_template("demo city {bar:32} {pos}/{len} {elapsed}")?);
    let mut flight: VecDeque<(String, Pending)> = VecDeque::new();
    for command in commands {
        // Places come first, parents before children: what follows names them by code, so each batch is waited for.
        let places = command.plugin == HOST.as_str();
        let what = format!("{}/{} {}", command.plugin, command.command, command.request);
        flight.push_back((what, town.city.submit(submission(town, command)?)));
        bar.inc(1);
        if places || flight.len() >= IN_FLIGHT {
            settle(&mut flight)?;
        }
    }
    settle(&mut flight)?;
    bar.finish();
    Ok(())
}

fn settle(flight: &mut VecDeque<(String, Pending)>) -> anyhow::Result<()> {
    for (what, pending) in flight.drain(..) {
        match pending.wait() {
            Outcome::Done { .. } => {}
            other => return Err(anyhow!("demo city: {what}: {other:?}")),
        }
    }
    Ok(())
}

/// Midnight UTC: the same city all day.
fn today() -> Micros {
    Micros(SystemClock.now().0 / Micros::DAY * Micros::DAY)
}

fn submission(town: &Town, command: Command) -> anyhow::Result<Submission> {
    let manifest =
        town.city.manifest(command.plugin).with_context(|| format!("plugin {} is not in force", command.plugin))?;
    let decl = manifest
        .command(command.command)
        .with_context(|| format!("no command {}/{}", command.plugin, command.command))?;
    let mut json = command.body;
    for (field, code) in &command.places {
        let place = place_by_code(town, code).with_context(|| format!("demo city: no place {code}"))?;
        json.insert((*field).to_owned(), place.0.into());
    }
    let body = body::parse(&decl.fields, &serde_json::Value::Object(json)).map_err(|problems| {
        anyhow!(
            "{}/{}: {}",
            command.plugin,
            command.command,
            problems.iter().map(body::explain).collect::<Vec<_>>().join("; ")
        )
    })?;
    let mut roles = decl.roles.clone();
    roles.push(Name::new_static("admin"));
    // Whoever may give the command may take any first step of its flow.
    roles.extend(manifest.flows.iter().flat_map(|f| f.transitions.iter().flat_map(|t| t.roles.clone())));
    Ok(Submission {
        plugin: manifest.id.clone(),
        command: decl.name.clone(),
        body,
        actor: Actor { id: EntityId::NONE, roles, divisions: Vec::new() },
        purpose: Name::new_static("demo"),
        place: None,
        request: RequestId::from_key(EntityId::NONE, &command.request),
        locale: Name::new_static("zh-CN"),
        expected: None,
        acting_for: None,
    })
}
