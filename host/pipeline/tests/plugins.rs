//! Real components in a real city: long work, and a plugin taken over by its next version.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../plugins/tests/support/mod.rs"]
mod support;

use changzhi_model::*;
use changzhi_pipeline::*;
use changzhi_world::World;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{EVIL, evil, limits};

/// What a busy machine may take; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(120);

fn open(dir: &Path) -> Arc<City> {
    City::open(CityOptions::in_dir(dir)).unwrap().0
}

fn with_evil(dir: &Path) -> Arc<City> {
    let city = open(dir);
    city.install(&EVIL, Approve::All, limits()).unwrap();
    city
}

fn clerk(id: u64) -> Actor {
    Actor { id: EntityId(id), roles: vec!["clerk".into()], divisions: vec![EntityId(77)] }
}

fn submission(name: &str, key: &str) -> Submission {
    Submission {
        plugin: "evil".into(),
        command: name.into(),
        body: vec![],
        actor: clerk(5),
        purpose: "counting".into(),
        place: None,
        request: RequestId::from_key(EntityId(5), key),
        locale: "en".into(),
        expected: None,
        acting_for: None,
    }
}

fn start(city: &Arc<City>, name: &str, key: &str) -> RequestId {
    match city.start_job(submission(name, key)).wait() {
        Outcome::Done { answer, .. } => answer[0].value.as_text().unwrap().parse().unwrap(),
        other => panic!("{name}: {other:?}"),
    }
}

fn job(city: &City, id: RequestId) -> JobInfo {
    city.job(id).unwrap().expect("the job is known")
}

fn until(city: &City, id: RequestId, is: impl Fn(&JobInfo) -> bool) -> JobInfo {
    let end = Instant::now() + PATIENCE;
    loop {
        let now = job(city, id);
        if is(&now) {
            return now;
        }
        assert!(Instant::now() < end, "it stays at {now:?}");
        std::thread::yield_now();
    }
}

fn transactions(city: &City) -> Vec<(Seq, Transaction)> {
    let mut all = Vec::new();
    city.journal()
        .read(Seq(1), &mut |seq, bytes| {
            all.push((seq, Transaction::decode(bytes).unwrap()));
            ControlFlow::Continue(())
        })
        .unwrap();
    all
}

/// Whole steps of a job, each with the account in whose name it was written.
/// Whose step, how far it came, and how the job ended with it, if it did.
type Stepped = (EntityId, u64, Option<Result<(), String>>);

fn steps(city: &City, id: RequestId) -> Vec<Stepped> {
    let of = |tx: &Transaction| {
        tx.facts.iter().find_map(|f| match f {
            Fact::Stepped { job, done, ended, .. } if *job == id => Some((tx.actor, *done, ended.clone())),
            _ => None,
        })
    };
    transactions(city).iter().filter_map(|(_, tx)| of(tx)).collect()
}

/// Entities the fixture's steps made: one each.
fn things(city: &City) -> u64 {
    city.read(World::len)
}

#[test]
fn a_job_runs_to_its_end_step_by_step_and_a_retry_starts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let city = with_evil(dir.path());
    let id = start(&city, "three", "k");
    let ended = until(&city, id, |j| j.state == JobState::Done);
    assert_eq!((ended.done, ended.total, things(&city)), (3, 3, 3));
    assert_eq!((ended.actor.clone(), ended.ended.is_some()), (clerk(5), true));
    assert_eq!(steps(&city, id).iter().map(|s| s.1).collect::<Vec<_>>(), [1, 2, 3]);

    let again = city.start_job(submission("three", "k")).wait();
    assert!(matches!(again, Outcome::Done { replayed: true, .. }), "{again:?}");
    let other = city.start_job(submission("endless", "k")).wait();
    assert!(matches!(other, Outcome::Refused(Refusal::Conflict(_))), "{other:?}");
    let command = city.submit(submission("three", "k")).wait();
    assert!(matches!(command, Outcome::Refused(Refusal::Conflict(_))), "a command is another request: {command:?}");
    let none = city.start_job(submission("four", "k4")).wait();
    assert!(matches!(none, Outcome::Refused(Refusal::NotFound(_))), "{none:?}");
    assert_eq!(city.jobs().unwrap().iter().map(|j| j.id).collect::<Vec<_>>(), [id]);

    // It is remembered, by replay as well.
    let live = city.read(World::state_hash);
    city.close().unwrap();
    drop(city);
    let city = open(dir.path());
    assert_eq!(job(&city, id), ended);
    assert_eq!(city.read(World::state_hash), live);
    city.close().unwrap();
}

/// Waits until the reactions of the fixture have named these, in this order: one thing for each that was erased.
fn reacted(city: &City, to: &[EntityId]) {
    let named = || -> Vec<String> {
        let all = transactions(city);
        let made = all.iter().flat_map(|(_, tx)| &tx.facts).filter_map(|fact| match fact {
            Fact::Created { category, .. } => category.strip_prefix("after-").map(str::to_owned),
            _ => None,
        });
        made.collect()
    };
    let wanted: Vec<String> = to.iter().map(ToString::to_string).collect();
    let end = Instant::now() + PATIENCE;
    while named() != wanted {
        assert!(Instant::now() < end, "{:?} and not {wanted:?}", named());
        std::thread::yield_now();
    }
}

#[test]
fn a_subscriber_is_shown_every_change_once_and_in_order_also_what_it_missed() {
    let dir = tempfile::tempdir().unwrap();
    let city = with_evil(dir.path());
    for key in ["a", "b"] {
        let id = start(&city, "three", key);
        until(&city, id, |j| j.state == JobState::Done);
    }
    let all: Vec<EntityId> = transactions(&city)
        .iter()
        .flat_map(|(_, tx)| &tx.facts)
        .filter_map(|f| if let Fact::Created { id, kind, .. } = f { (kind == "thing").then_some(*id) } else { None })
        .collect();
    let [a, b, c, d, e, f] = all[..] else { panic!("{all:?}") };
    let erase = |city: &City, one: EntityId| city.erase(&Actor::default(), &"test".into(), one).unwrap();
    erase(&city, a);
    reacted(&city, &[a]);
    // While the plugin is not in force two more are erased; then it is shown both, and then what comes after.
    city.close().unwrap();
    drop(city);
    let city = open(dir.path());
    erase(&city, b);
    erase(&city, c);
    city.install(&EVIL, Approve::All, limits()).unwrap();
    erase(&city, d);
    reacted(&city, &[a, b, c, d]);
    // The next version goes on where the one before it was.
    city.install(&evil("next"), Approve::All, limits()).unwrap();
    erase(&city, e);
    reacted(&city, &[a, b, c, d, e]);
    // And nothing is shown again after a restart.
    city.close().unwrap();
    drop(city);
    let city = open(dir.path());
    city.install(&evil("next"), Approve::All, limits()).unwrap();
    erase(&city, f);
    reacted(&city, &[a, b, c, d, e, f]);
    city.close().unwrap();
}

#[test]
fn a_reaction_that_faults_twice_is_passed_over_and_the_next_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let city = with_evil(dir.path());
    let endless = start(&city, "endless", "k");
    until(&city, endless, |j| j.done > 0);
    city.cancel_job(endless, &clerk(5)).unwrap();
    until(&city, endless, |j| j.state == JobState::Cancelled);
    let three = start(&city, "three", "k3");
    until(&city, three, |j| j.state == JobState::Done);
    let made = |wanted: &str| {
        let all = transactions(&city);
        let found = all.iter().flat_map(|(_, tx)| &tx.facts).find_map(|fact| match fact {
            Fact::Created { id, category, .. } if category == wanted => Some(*id),
            _ => None,
        });
        found.unwrap()
    };
    let erase = |one: EntityId| city.erase(&Actor::default(), &"test".into(), one).unwrap();
    erase(made("endless"));
    let faulted = || city.plugins().iter().find(|p| p.manifest.id == "evil").map_or(0, |p| p.traps);
    let end = Instant::now() + PATIENCE;
    while faulted() < 2 {
        assert!(Instant::now() < end, "it faulted {} times", faulted());
        std::thread::yield_now();
    }
    let next = made("three");
    erase(next);
    reacted(&city, &[next]);
    city.close().unwrap();
}

#[test]
fn a_page_shows_one_state_of_the_world_however_fast_it_moves() {
    let dir = tempfile::tempdir().unwrap();
    let city = with_evil(dir.path());
    let id = start(&city, "endless", "k");
    let call = ViewCall {
        plugin: "evil".into(),
        view: "steady".into(),
        params: vec![],
        actor: clerk(5),
        purpose: Name::default(),
        locale: "en".into(),
    };
    let mut torn = Vec::new();
    for _ in 0..300 {
        let (page, revision) = city.view(&call).unwrap();
        if page.nodes.len() != 1 {
            torn.push((revision, page.nodes.iter().map(|n| n.key.clone()).collect::<Vec<_>>()));
        }
    }
    let stopped = city.cancel_job(id, &clerk(5)).unwrap().unwrap();
    assert!(stopped.done > 1, "the world moved meanwhile");
    assert!(torn.is_empty(), "{torn:?}");
    city.close().unwrap();
}

#[test]
fn a_cancelled_job_stops_after_its_step_and_keeps_its_whole_steps() {
    let dir = tempfile::tempdir().unwrap();
    let city = with_evil(dir.path());
    let id = start(&city, "endless", "k");
    until(&city, id, |j| j.done >= 2);
    let stopped = city.cancel_job(id, &clerk(6)).unwrap().unwrap();
    assert_eq!(stopped.state, JobState::Cancelled);
    assert!(stopped.done >= 2);
    let all = steps(&city, id);
    assert_eq!(all.last(), Some(&(EntityId(6), stopped.done, Some(Err("cancelled".into())))), "and who stopped it");
    assert!(all[..all.len() - 1].iter().enumerate().all(|(n, s)| *s == (EntityId(5), n as u64 + 1, None)), "{all:?}");
    assert_eq!(things(&city), stopped.done, "each whole step did its work, and no half one");
    assert_eq!(city.cancel_job(id, &clerk(7)).unwrap().unwrap(), stopped, "it ends once");
    assert!(city.cancel_job(RequestId([1; 16]), &clerk(7)).unwrap().is_none());
    // The lane is free.
    let next = start(&city, "three", "k3");
    until(&city, next, |j| j.state == JobState::Done);
    assert_eq!(job(&city, id), stopped);
    city.close().unwrap();
}

#[test]
fn a_job_goes_on_after_a_restart_as_the_one_who_started_it() {
    let dir = tempfile::tempdir().unwrap();
    let city = with_evil(dir.path());
    let id = start(&city, "endless", "k");
    until(&city, id, |j| j.done >= 2);
    city.close().unwrap();
    drop(city);

    let city = open(dir.path());
    let waiting = job(&city, id);
    assert_eq!((waiting.state.clone(), waiting.actor.clone()), (JobState::Waiting, clerk(5)));
    assert_eq!(things(&city), waiting.done);
    city.install(&EVIL, Approve::All, limits()).unwrap();
    until(&city, id, |j| j.done > waiting.done && j.state == JobState::Running);
    let stopped = city.cancel_job(id, &clerk(5)).unwrap().unwrap();
    let all = steps(&city, id);
    assert!(all.iter().all(|s| s.0 == EntityId(5)));
    assert_eq!(all[..all.len() - 1].iter().map(|s| s.1).collect::<Vec<_>>(), (1..=stopped.done).collect::<Vec<_>>());
    assert_eq!(things(&city), stopped.done, "no step was lost, none was done twice");
    city.close().unwrap();
}

#[test]
fn a_job_whose_plugin_is_gone_waits_and_can_be_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let city = with_evil(dir.path());
    let id = start(&city, "endless", "k");
    city.close().unwrap();
    drop(city);
    let city = open(dir.path());
    assert_eq!(job(&city, id).state, JobState::Waiting);
    assert_eq!(city.cancel_job(id, &clerk(6)).unwrap().unwrap().state, JobState::Cancelled);
    city.install(&EVIL, Approve::All, limits()).unwrap();
    assert_eq!(job(&city, id).state, JobState::Cancelled);
    city.close().unwrap();
}

#[test]
fn a_job_that_faults_fails_with_the_reason_and_its_input_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let city = with_evil(dir.path());
    let id = start(&city, "trap", "k");
    let failed = until(&city, id, |j| j.ended.is_some());
    assert!(matches!(&failed.state, JobState::Failed(why) if !why.is_empty()), "{failed:?}");
    let end = Instant::now() + PATIENCE;
    // The input is kept just after the fault was told.
    while city.kept(&"evil".into()).unwrap().is_empty() {
        assert!(Instant::now() < end, "no input is kept");
        std::thread::yield_now();
    }
    city.close().unwrap();
}

struct Nosy;

impl Native for Nosy {
    fn manifest(&self) -> Manifest {
        let name = FieldDecl { sensitivity: Sensitivity::Personal, ..FieldDecl::new("who", FieldType::Text) };
        let job = JobDecl { name: "look".into(), label: "look".into(), params: vec![name], roles: vec![] };
        let (id, version, label) = ("nosy".into(), "0.1.0".into(), "nosy".into());
        Manifest {
            id,
            version,
            label,
            jobs: vec![job],
            kinds: vec![],
            facets: vec![],
            commands: vec![],
            views: vec![],
            flows: vec![],
            subscriptions: vec![],
            grants: vec![],
            messages: vec![],
        }
    }
    fn handle(&self, _: &Context, _: &str, _: &[Value], _: &World) -> Result<Changes, Refusal> {
        Ok(Changes::default())
    }
}

#[test]
fn a_job_with_a_personal_parameter_is_refused_at_load() {
    let (city, _) = City::open(CityOptions::in_memory()).unwrap();
    let refused = city.native(Arc::new(Nosy)).unwrap_err().to_string();
    assert!(refused.contains("\"who\"") && refused.contains("journal"), "{refused}");
    city.close().unwrap();
}

/// Who put what in force when, and what it took the place of.
/// Who, when, which version of which bytes, and what the answer said.
type Switch = (EntityId, Micros, Name, [u8; 32], Vec<Named>);

fn switches(city: &City) -> Vec<Switch> {
    let of = |tx: Transaction| {
        tx.facts.iter().find_map(|f| match f {
            Fact::PluginSwitched { plugin, version, digest } if plugin == "evil" => {
                Some((tx.actor, tx.at, version.clone(), *digest, tx.answer.clone()))
            }
            _ => None,
        })
    };
    transactions(city).into_iter().filter_map(|(_, tx)| of(tx)).collect()
}

#[test]
fn a_swap_is_in_the_journal_with_who_when_and_both_versions_and_replays() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(Micros(1_000 * Micros::SECOND)));
    let options = CityOptions { clock: clock.clone(), ..CityOptions::in_dir(dir.path()) };
    let (city, _) = City::open(options).unwrap();
    let next = evil("next");
    let first = city.install_by(&EVIL, Approve::All, limits(), EntityId(7), &|_| {}).unwrap();
    clock.set(Micros(2_000 * Micros::SECOND));
    let told = std::sync::Mutex::new(Vec::new());
    let begins = |step: changzhi_pipeline::InstallStep| told.lock().unwrap().push(step.percent());
    let second = city.install_by(&next, Approve::Same, limits(), EntityId(9), &begins).unwrap();
    let told = told.into_inner().unwrap();
    assert!(told.len() == 5 && told.is_sorted() && told.iter().all(|p| *p < 100), "{told:?}");
    assert_eq!((second.version.as_str(), second.replaced.as_deref()), ("0.2.0", Some("0.1.0")));
    let from = |version: &str, digest: [u8; 32]| {
        vec![
            Named::new("from-version", Value::text(version)),
            Named::new("from-digest", Value::Text(hex::encode(digest))),
        ]
    };
    let (d1, d2) = (first.digest, second.digest);
    assert_ne!(d1, d2);
    let in_force = (EntityId(7), Micros(1_000 * Micros::SECOND), Name::from("0.1.0"), d1, vec![]);
    let swapped = (EntityId(9), Micros(2_000 * Micros::SECOND), Name::from("0.2.0"), d2, from("0.1.0", d1));
    assert_eq!(switches(&city), [in_force.clone(), swapped.clone()]);

    // On trial: a fault puts the old one back, and that is in the journal too, in the host's own name.
    clock.set(Micros(3_000 * Micros::SECOND));
    assert!(matches!(city.submit(submission("trap", "k")).wait(), Outcome::Failed(_)));
    let end = Instant::now() + PATIENCE;
    while switches(&city).len() < 3 {
        assert!(Instant::now() < end, "no roll-back is journaled");
        std::thread::yield_now();
    }
    let back = (EntityId::NONE, Micros(3_000 * Micros::SECOND), Name::from("0.1.0"), d1, from("0.2.0", d2));
    let all = [in_force, swapped, back];
    assert_eq!(switches(&city), all);

    let live = city.read(World::state_hash);
    city.close().unwrap();
    drop(city);
    let city = open(dir.path());
    assert_eq!(city.read(World::state_hash), live);
    assert_eq!(city.read(|w| w.in_force("evil").cloned()).unwrap().digest, d1);
    assert_eq!(switches(&city), all);
    city.close().unwrap();
}
