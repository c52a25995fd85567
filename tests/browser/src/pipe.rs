//! Chromium's debugging pipe: requests with ids, answers, events. Messages end with a zero byte.

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::ChildStdin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// An answer of a browser on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Something the browser told unasked.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) session: String,
    pub(crate) method: String,
    pub(crate) params: Value,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<HashMap<u64, Sender<Value>>>,
    events: Mutex<Vec<Event>>,
    told: Condvar,
}

pub(crate) struct Pipe {
    to: Mutex<ChildStdin>,
    next: AtomicU64,
    shared: Arc<Shared>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Pipe {
    pub(crate) fn new(to: ChildStdin, from: impl Read + Send + 'static) -> Pipe {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        std::thread::spawn(move || read(from, &theirs));
        Pipe { to: Mutex::new(to), next: AtomicU64::new(1), shared }
    }

    /// Asks and waits for the answer; `session` is empty for the browser itself.
    pub(crate) fn call(&self, session: &str, method: &str, params: &Value) -> Result<Value> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = channel();
        lock(&self.shared.waiting).insert(id, tell);
        let mut message = json!({"id": id, "method": method, "params": params});
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        lock(&self.to).write_all(&bytes).with_context(|| format!("{method}: the browser is gone"))?;
        let answer = told.recv_timeout(PATIENCE);
        lock(&self.shared.waiting).remove(&id);
        let mut answer = answer.map_err(|e| anyhow!("{method}: no answer from the browser: {e}"))?;
        if answer["error"].is_object() {
            bail!("{method}: {}", answer["error"]["message"].as_str().unwrap_or("refused"));
        }
        Ok(answer["result"].take())
    }

    /// Takes out the events of a session that `wanted` names.
    pub(crate) fn take(&self, session: &str, wanted: &[&str]) -> Vec<Event> {
        take(&mut lock(&self.shared.events), session, wanted)
    }

    /// As [`Pipe::take`], once there is one.
    pub(crate) fn wait(&self, session: &str, method: &str) -> Result<Event> {
        let end = Instant::now() + PATIENCE;
        let mut events = lock(&self.shared.events);
        loop {
            if let Some(event) = take(&mut events, session, &[method]).pop() {
                return Ok(event);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("{method} did not come in {PATIENCE:?}");
            }
            events = match self.shared.told.wait_timeout(events, left) {
                Ok((events, _)) => events,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

fn take(events: &mut Vec<Event>, session: &str, wanted: &[&str]) -> Vec<Event> {
    let fits = |e: &mut Event| e.session == session && wanted.contains(&e.method.as_str());
    events.extract_if(.., fits).collect()
}

fn read(from: impl Read, shared: &Shared) {
    let mut from = BufReader::new(from);
    let mut bytes = Vec::new();
    while let Ok(1..) = from.read_until(0, &mut bytes) {
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        bytes.clear();
        if let Some(id) = message["id"].as_u64() {
            if let Some(tell) = lock(&shared.waiting).remove(&id) {
                let _ = tell.send(message);
            }
        } else {
            let text = |key: &str| message[key].as_str().unwrap_or_default().to_owned();
            let event = Event { session: text("sessionId"), method: text("method"), params: message["params"].clone() };
            lock(&shared.events).push(event);
            shared.told.notify_all();
        }
    }
    // Nobody answers any more: whoever waits is told so at once.
    lock(&shared.waiting).clear();
}
