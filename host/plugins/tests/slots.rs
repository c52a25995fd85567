//! A plugin's place: neighbours that never notice, breakers, hot swap with rollback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_model::{Context, Seq};
use changzhi_plugins::{
    BreakerOptions, BreakerState, Call, FaultKind, Kept, Migrated, Migration, Plugin, Quarantined, ReadSet, RolledBack,
    Slot, SlotError, SlotEvents, SlotOptions, Step, SwapError,
};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{ask, context, evil, limits, load, load_with, show};

#[derive(Default)]
struct Seen {
    kept: Mutex<Vec<Quarantined>>,
    back: Mutex<Vec<RolledBack>>,
}

impl SlotEvents for Seen {
    fn quarantined(&self, what: Quarantined) {
        self.kept.lock().unwrap().push(what);
    }
    fn rolled_back(&self, what: RolledBack) {
        self.back.lock().unwrap().push(what);
    }
}

fn slot(plugin: Arc<Plugin>) -> (Arc<Slot>, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    (Slot::start(plugin, SlotOptions::production(seen.clone())).unwrap(), seen)
}

/// A slot whose breakers go by a clock that stands still until it is moved.
fn slot_with_clock(plugin: Arc<Plugin>) -> (Arc<Slot>, impl Fn(Duration)) {
    let now = Arc::new(Mutex::new(Instant::now()));
    let read = Arc::clone(&now);
    let options = SlotOptions {
        now: Arc::new(move || *read.lock().unwrap()),
        ..SlotOptions::production(Arc::new(Seen::default()))
    };
    (Slot::start(plugin, options).unwrap(), move |later| *now.lock().unwrap() += later)
}

/// Waits until the write lane has noted what its last call did: it tells its caller first.
fn noted(slot: &Slot, is: impl Fn(BreakerState) -> bool) {
    while !is(slot.breakers()[0]) {
        std::thread::yield_now();
    }
}

/// Sends a command through the write lane and waits for its answer.
fn command(slot: &Slot, name: &'static str) -> Result<String, String> {
    let (tell, told) = channel();
    slot.write(Box::new(move |plugin| {
        let answer = match plugin {
            Ok(plugin) => ask(plugin, name, 1),
            Err(closed) => return tell.send(Err(closed.to_string())).map_err(|_| unreachable!()),
        };
        let fault = answer.as_ref().err().cloned();
        tell.send(answer.map_err(|f| f.to_string())).unwrap();
        fault.map_or(Ok(()), Err)
    }))
    .map_err(|e| e.to_string())?;
    told.recv().unwrap()
}

struct Commits(Vec<(Step, bool)>, Migrated);

impl Migration for Commits {
    fn context(&mut self) -> Context {
        context(0)
    }
    fn commit(&mut self, step: &Step, _: &ReadSet, last: bool) -> Result<Migrated, String> {
        self.0.push((step.clone(), last));
        Ok(std::mem::replace(&mut self.1, Migrated::Done))
    }
}

#[test]
fn three_faults_open_the_breaker_keep_the_input_and_leave_views_and_neighbours_alone() {
    let (bad, seen) = slot(load());
    let (good, _) = slot(load());
    for _ in 0..3 {
        assert!(command(&bad, "trap").is_err());
        assert_eq!(command(&good, "version").unwrap(), "0.1.0");
    }
    noted(&bad, |state| state != BreakerState::Closed);
    let refused = bad.write(Box::new(|_| Ok(()))).unwrap_err();
    assert!(matches!(&refused, SlotError::Open { .. }) && refused.retry_after().is_some(), "{refused}");
    assert_eq!(bad.read(|p| show(p, "good")).unwrap().unwrap(), 1000);
    assert_eq!(command(&good, "version").unwrap(), "0.1.0");
    let kept = seen.kept.lock().unwrap();
    assert_eq!(kept.iter().map(|q| q.opened).collect::<Vec<_>>(), [false, false, true]);
    let input = Kept::decode(kept[0].fault.kept.as_ref().unwrap()).unwrap();
    assert_eq!(bad.current().again(&input).unwrap_err().kind, kept[0].fault.kind);
    drop(kept);
    bad.reset();
    assert_eq!(command(&bad, "version").unwrap(), "0.1.0");
}

#[test]
fn an_open_breaker_waits_lets_one_call_in_and_closes_only_when_that_one_goes_well() {
    let (slot, later) = slot_with_clock(load());
    let BreakerOptions { strikes, first, .. } = BreakerOptions::production();
    let open_for = |pause| move |state| state == BreakerState::Open { retry_after: pause };
    for _ in 0..strikes {
        assert!(command(&slot, "trap").is_err());
    }
    noted(&slot, open_for(first));
    later(first - Duration::from_millis(1));
    assert!(
        matches!(slot.write(Box::new(|_| Ok(()))), Err(SlotError::Open { retry_after, .. }) if retry_after == Duration::from_millis(1))
    );
    later(Duration::from_millis(1));

    // The probe faults: open again, for twice as long.
    assert!(command(&slot, "trap").is_err());
    noted(&slot, open_for(first * 2));
    assert!(matches!(slot.write(Box::new(|_| Ok(()))), Err(SlotError::Open { .. })));
    later(first * 2);

    // While the next probe runs, nobody else is let in.
    let (go, wait) = channel::<()>();
    let (tell, told) = channel();
    let probe = move |plugin: Result<&Arc<Plugin>, &SlotError>| {
        wait.recv().unwrap();
        tell.send(ask(plugin.unwrap(), "version", 1).unwrap()).unwrap();
        Ok(())
    };
    slot.write(Box::new(probe)).unwrap();
    assert_eq!(slot.breakers()[0], BreakerState::HalfOpen);
    assert!(matches!(slot.write(Box::new(|_| Ok(()))), Err(SlotError::Open { .. })));
    go.send(()).unwrap();
    assert_eq!(told.recv().unwrap(), "0.1.0");
    noted(&slot, |state| state == BreakerState::Closed);

    // Closed means closed: the strikes of before are forgotten.
    for _ in 1..strikes {
        assert!(command(&slot, "trap").is_err());
    }
    assert_eq!(command(&slot, "version").unwrap(), "0.1.0");
    assert_eq!(slot.breakers()[0], BreakerState::Closed);
}

#[test]
fn views_and_neighbours_answer_while_a_command_spins() {
    let (spinning, _) = slot(load());
    let (good, _) = slot(load());
    let (tell, told) = channel();
    spinning
        .write(Box::new(move |plugin| {
            let fault = ask(plugin.unwrap(), "spin", 1).unwrap_err();
            tell.send(fault.kind.clone()).unwrap();
            Err(fault)
        }))
        .unwrap();
    assert_eq!(spinning.read(|p| show(p, "good")).unwrap().unwrap(), 1000);
    assert_eq!(command(&good, "version").unwrap(), "0.1.0");
    assert!(matches!(told.recv().unwrap(), FaultKind::Deadline { .. }));
}

#[test]
fn a_panic_in_queued_work_is_a_fault_and_the_lane_goes_on() {
    let (slot, seen) = slot(load());
    slot.write(Box::new(|_| panic!("in the closure"))).unwrap();
    assert_eq!(command(&slot, "version").unwrap(), "0.1.0");
    assert_eq!(seen.kept.lock().unwrap()[0].fault.kind, FaultKind::Panic("in the closure".into()));
}

#[test]
fn stopping_tells_queued_work_and_refuses_more() {
    let (slot, _) = slot(load());
    slot.stop();
    assert!(matches!(slot.write(Box::new(|_| Ok(()))), Err(SlotError::Stopped { .. })));
}

#[test]
fn a_new_version_migrates_in_steps_and_takes_over_without_an_error() {
    let (slot, _) = slot(load());
    let next = load_with(&evil("next"), limits(), 0);
    let caller = {
        let slot = Arc::clone(&slot);
        std::thread::spawn(move || {
            let mut versions = Vec::new();
            while versions.last().is_none_or(|v| v != "0.2.0") {
                versions.push(command(&slot, "version").unwrap());
            }
            versions
        })
    };
    // Stale once: the first step is made again.
    let mut commits = Commits(Vec::new(), Migrated::Stale);
    slot.swap(next, &mut commits).unwrap();
    assert_eq!(
        commits.0.iter().map(|(s, last)| (s.done, *last)).collect::<Vec<_>>(),
        [(1, false), (1, false), (2, false), (3, true)]
    );
    let versions = caller.join().unwrap();
    assert!(versions.is_sorted(), "never back: {versions:?}");
    assert!(slot.previous().is_some(), "on trial");
}

#[test]
fn a_version_that_cannot_migrate_never_takes_over() {
    let (slot, _) = slot(load());
    let stuck = load_with(&evil("stuck"), limits(), 0);
    let failed = slot.swap(stuck, &mut Commits(Vec::new(), Migrated::Done)).unwrap_err();
    assert!(matches!(failed, SwapError::Fault(_)), "{failed}");
    assert_eq!(command(&slot, "version").unwrap(), "0.1.0");
}

#[test]
fn a_version_that_faults_on_trial_is_rolled_back() {
    let (slot, seen) = slot(load());
    slot.swap(load_with(&evil("next"), limits(), 0), &mut Commits(Vec::new(), Migrated::Done)).unwrap();
    assert_eq!(command(&slot, "version").unwrap(), "0.2.0");
    assert!(command(&slot, "trap").is_err());
    assert_eq!(command(&slot, "version").unwrap(), "0.1.0");
    let back = seen.back.lock().unwrap();
    assert_eq!((back[0].from.version().as_str(), back[0].to.version().as_str()), ("0.2.0", "0.1.0"));
    assert!(slot.previous().is_none());
}

#[test]
fn memory_of_faulted_instances_is_given_back() {
    let plugin = load();
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
    };
    assert!(ask(&plugin, "oom", 1).is_err());
    let before = resident();
    for _ in 0..16 {
        assert!(ask(&plugin, "oom", 1).is_err());
    }
    let grown = resident().saturating_sub(before);
    assert!(
        grown < 8 * plugin.limits().memory,
        "grew by {grown} bytes over 16 instances of {}",
        plugin.limits().memory
    );
    let (ctx, reads) = (context(1), ReadSet::at(Seq(1)));
    assert!(plugin.handle(&Call { ctx: &ctx, reads: &reads }, "version", &[]).is_ok());
}
