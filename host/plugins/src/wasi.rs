//! The part of WASI a guest's standard library needs, over a context that holds nothing.
//!
//! No files, no arguments, no environment, no sockets, a closed standard input. Standard output and error go to the log. The
//! clocks stand still at the call's `now`; randomness comes from the call's seed. An instance that drew randomness is retired
//! after the call, because a standard hash map keeps its keys: so the same call gives the same bytes. Price: 20 to 30 µs for
//! plugins that use one; a `BTreeMap` is free. Waiting is refused: it would hold the lane and the deadline could not end it.

use crate::guest_state::{GuestState, Stopped};
use parking_lot::Mutex;
use std::sync::Arc;
use wasmtime::component::{HasData, HasSelf, Linker, Resource, ResourceTable};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};
use wasmtime_wasi::p2::{DynPollable, OutputStream, Pollable, StreamResult, bindings};
use wasmtime_wasi::{WasiCtx, async_trait};

/// Interfaces of WASI 0.2 that are linked. Anything else is refused before compiling.
pub(crate) const INTERFACES: [&str; 20] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/types",
    "wasi:filesystem/preopens",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
];

/// Most bytes one request for randomness may ask.
const RANDOM_MAX: u64 = 64 * 1024;

/// A small generator (splitmix64), seeded from the call.
#[derive(Debug)]
pub(crate) struct Chance {
    state: u64,
    /// The guest drew from it.
    pub(crate) drawn: bool,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance { state: seed, drawn: false }
    }

    fn next(&mut self) -> u64 {
        self.drawn = true;
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        if len > RANDOM_MAX {
            return Err(wasmtime::Error::msg(format!("asked for {len} random bytes, the limit is {RANDOM_MAX}")));
        }
        let len = usize::try_from(len)?;
        let mut out = Vec::with_capacity(len + 8);
        while out.len() < len {
            out.extend_from_slice(&self.next().to_le_bytes());
        }
        out.truncate(len);
        Ok(out)
    }
}

impl random::Host for GuestState {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.chance.bytes(len)
    }
    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        Ok(self.chance.next())
    }
}

impl insecure::Host for GuestState {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.chance.bytes(len)
    }
    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        Ok(self.chance.next())
    }
}

impl insecure_seed::Host for GuestState {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        Ok((self.chance.next(), self.chance.next()))
    }
}

impl wall_clock::Host for GuestState {
    fn now(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        let micros = u64::try_from(self.ctx.now.0).unwrap_or(0);
        let nanoseconds = u32::try_from((micros % 1_000_000) * 1_000)?;
        Ok(wall_clock::Datetime { seconds: micros / 1_000_000, nanoseconds })
    }
    fn resolution(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds: 1_000 })
    }
}

impl monotonic_clock::Host for GuestState {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(u64::try_from(self.ctx.now.0).unwrap_or(0).saturating_mul(1_000))
    }
    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(1_000)
    }
    fn subscribe_instant(&mut self, _: u64) -> wasmtime::Result<Resource<DynPollable>> {
        Err(wasmtime::Error::new(Stopped::Wait))
    }
    fn subscribe_duration(&mut self, _: u64) -> wasmtime::Result<Resource<DynPollable>> {
        Err(wasmtime::Error::new(Stopped::Wait))
    }
}

/// What the guest printed since it was last asked, up to a cap.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    cap: usize,
    buffer: Arc<Mutex<Vec<u8>>>,
}

impl Output {
    pub(crate) fn new(cap: usize) -> Output {
        Output { cap, buffer: Arc::default() }
    }

    pub(crate) fn take(&self) -> Option<Vec<u8>> {
        let mut buffer = self.buffer.lock();
        if buffer.is_empty() { None } else { Some(std::mem::take(&mut buffer)) }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl OutputStream for Output {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        let mut buffer = self.buffer.lock();
        let room = self.cap.saturating_sub(buffer.len());
        buffer.extend(bytes.iter().take(room));
        Ok(())
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 * 1024)
    }
}

pub(crate) fn context(output: &Output) -> WasiCtx {
    let mut builder = WasiCtx::builder();
    builder.stdout(output.clone()).stderr(output.clone());
    builder.allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
    builder.build()
}

struct HasTable;

impl HasData for HasTable {
    type Data<'a> = &'a mut ResourceTable;
}

/// Links [`INTERFACES`] and nothing else.
pub(crate) fn link(l: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    type S = GuestState;
    wall_clock::add_to_linker::<S, HasSelf<S>>(l, |s| s)?;
    monotonic_clock::add_to_linker::<S, HasSelf<S>>(l, |s| s)?;
    random::add_to_linker::<S, HasSelf<S>>(l, |s| s)?;
    insecure::add_to_linker::<S, HasSelf<S>>(l, |s| s)?;
    insecure_seed::add_to_linker::<S, HasSelf<S>>(l, |s| s)?;
    bindings::cli::exit::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::environment::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::stdin::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::stdout::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::stderr::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::terminal_input::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::terminal_output::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::terminal_stdin::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::terminal_stdout::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::cli::terminal_stderr::add_to_linker::<S, WasiCli>(l, S::cli)?;
    bindings::filesystem::preopens::add_to_linker::<S, WasiFilesystem>(l, S::filesystem)?;
    bindings::sync::filesystem::types::add_to_linker::<S, WasiFilesystem>(l, S::filesystem)?;
    bindings::sync::io::error::add_to_linker::<S, HasTable>(l, |s| &mut s.table)?;
    bindings::sync::io::poll::add_to_linker::<S, HasTable>(l, |s| &mut s.table)?;
    bindings::sync::io::streams::add_to_linker::<S, HasTable>(l, |s| &mut s.table)?;
    Ok(())
}
