//! Files nobody took, and bytes nobody tells of.
//!
//! A file that no record took in time is given up in the journal, its key destroyed, its bytes removed. Bytes on disk that no
//! live file names (the host stopped between writing and entering; the record was erased) are removed as well. Bytes are given
//! the same time as files: what is being entered just now is left alone.

use super::FileOptions;
use crate::state::App;
use crate::town::Town;
use changzhi_gate::Gate;
use changzhi_model::{EntityId, Micros, Name, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Files looked at under one lock of the world.
const STEP: u32 = 500;
const EVERY: Duration = Duration::from_secs(3600);

/// What a sweep removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Files no record took.
    pub files: usize,
    /// Bytes without a file.
    pub blobs: usize,
}

/// One sweep; blocks for the disk.
///
/// # Errors
/// What could not be read or removed; what was done stays done.
pub fn sweep(town: &dyn Town, gate: &Gate, files: &FileOptions, now: Micros) -> Result<Swept, String> {
    let mut swept = Swept::default();
    let wait = i64::try_from(files.wait.as_micros()).unwrap_or(i64::MAX);
    let mut after = EntityId::NONE;
    loop {
        let (mut ids, mut old) = (Vec::new(), Vec::new());
        town.read(&mut |r| {
            ids = r.holding("file", after, STEP);
            let field = |id: EntityId, name: &str| r.value(id, "host.file", name);
            let left = |id: &EntityId| field(*id, "of").is_none();
            let due = |id: &EntityId| r.core(*id).is_some_and(|core| core.at.0.saturating_add(wait) <= now.0);
            old = ids.iter().copied().filter(|id| left(id) && due(id)).collect();
        });
        for file in old {
            if town.secret(file, "host.file", "key")?.is_none() {
                continue;
            }
            // Under the commit lock: a record may take it at this very moment.
            let answer = gate.as_host("drop-file", vec![Value::Entity(file)])?;
            if answer.iter().any(|n| n.value == Value::Flag(true)) {
                town.erase(file, &Name::new_static("retention"))?;
                swept.files += 1;
            }
        }
        let Some(last) = ids.last().filter(|_| ids.len() == STEP as usize) else { break };
        after = *last;
    }
    for (name, age) in files.store.list().map_err(|e| e.to_string())? {
        let mut file = None;
        town.read(&mut |r| file = r.find("host.file", "blob", &Value::Text(name.to_string())));
        let lives = match file {
            Some(file) => town.secret(file, "host.file", "key")?.is_some(),
            None => age < files.wait,
        };
        if !lives {
            files.store.remove(name).map_err(|e| e.to_string())?;
            swept.blobs += 1;
        }
    }
    Ok(swept)
}

/// Sweeps at the start and every hour, until the server stops.
pub(crate) async fn keep_swept(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        let of = Arc::clone(&app);
        let done = tokio::task::spawn_blocking(move || {
            let now = of.gate.now();
            sweep(&*of.town, &of.gate, &of.options.files, now)
        });
        match done.await {
            Ok(Ok(swept)) if swept != Swept::default() => {
                tracing::info!(files = swept.files, blobs = swept.blobs, "attached files swept");
            }
            Ok(Err(error)) => tracing::warn!(error, "attached files are not swept"),
            _ => {}
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
