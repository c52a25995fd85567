//! The one place where the engine is configured, and the thread that makes time pass for guests.
//!
//! Every component is compiled and run by an engine from [`engine`]: a cached compilation is only ever read back by an
//! engine of the same settings. Calls are synchronous with concurrency support off (measured: a third of the price of the
//! default). The epoch is moved by an operating system thread, so that a spinning guest is stopped even when every worker of
//! an async runtime is busy. Price: one wake-up per [`TICK`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use wasmtime::{Config, Engine};

/// How fine deadlines are: a guest is stopped at most two ticks after its time is over.
pub const TICK: Duration = Duration::from_millis(2);

/// Deepest stack of a guest, in bytes; recursion beyond it is a fault, not a crash of the host.
const STACK: usize = 512 * 1024;

/// The configuration of every engine of this host.
pub fn config() -> Config {
    let mut config = Config::new();
    config.concurrency_support(false);
    config.epoch_interruption(true);
    config.max_wasm_stack(STACK);
    config.wasm_memory64(false);
    config.relaxed_simd_deterministic(true);
    config
}

/// Whole ticks that cover a duration, and one more because the current tick has begun already. No time is no tick: such a
/// call is stopped as it enters the guest.
pub(crate) fn ticks(time: Duration) -> u64 {
    if time.is_zero() {
        return 0;
    }
    let ticks = time.as_nanos().div_ceil(TICK.as_nanos());
    u64::try_from(ticks).unwrap_or(u64::MAX / 2).min(u64::MAX / 2) + 1
}

/// Moves the engine's epoch until dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Ticker> {
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, seen) = (engine.clone(), Arc::clone(&stop));
        let thread = std::thread::Builder::new().name("plugin-epoch".into()).spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                std::thread::sleep(TICK);
                engine.increment_epoch();
            }
        })?;
        Ok(Ticker { stop, thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It can only end by itself; a panic in it has nothing to tell us here.
            let _ = thread.join();
        }
    }
}
