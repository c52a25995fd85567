//! A cable that can be pulled: a forwarder between browser and host.
//!
//! To a browser a pulled cable is the same as no network, for pages and service workers alike; and a host that comes back on
//! another port is still found under the same address.

use anyhow::Result;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct State {
    to: Option<SocketAddr>,
    open: Vec<TcpStream>,
    ended: bool,
}

/// Forwards `addr` to a host until it is cut; ends when dropped.
pub struct Wire {
    pub addr: SocketAddr,
    state: Arc<Mutex<State>>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wire {
    pub fn to(host: SocketAddr) -> Result<Wire> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let addr = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State { to: Some(host), ..State::default() }));
        let theirs = Arc::clone(&state);
        std::thread::spawn(move || {
            for browser in listener.incoming().flatten() {
                if lock(&theirs).ended {
                    return;
                }
                // A connection that is dropped at once is a cable without an end.
                let Some(to) = lock(&theirs).to else { continue };
                if let Ok(host) = TcpStream::connect(to) {
                    join(browser, host, &theirs);
                }
            }
        });
        Ok(Wire { addr, state })
    }

    /// Nothing gets through, and what is open breaks.
    pub fn cut(&self) {
        let mut state = lock(&self.state);
        state.to = None;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn mend(&self, host: SocketAddr) {
        lock(&self.state).to = Some(host);
    }

    /// Connections that are open now.
    pub fn connections(&self) -> usize {
        lock(&self.state).open.len() / 2
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        lock(&self.state).ended = true;
        self.cut();
        let _ = TcpStream::connect(self.addr);
    }
}

fn join(browser: TcpStream, host: TcpStream, state: &Arc<Mutex<State>>) {
    let (Ok(a), Ok(b)) = (browser.try_clone(), host.try_clone()) else { return };
    lock(state).open.extend([a, b]);
    for (mut from, to) in [(browser.try_clone(), host.try_clone()), (host.try_clone(), browser.try_clone())]
        .into_iter()
        .filter_map(|(from, to)| Some((from.ok()?, to.ok()?)))
    {
        let state = Arc::clone(state);
        std::thread::spawn(move || {
            let mut to = to;
            let mut bytes = [0; 16 << 10];
            while let Ok(n @ 1..) = from.read(&mut bytes) {
                if to.write_all(bytes.get(..n).unwrap_or_default()).is_err() {
                    break;
                }
            }
            for stream in [&from, &to] {
                let _ = stream.shutdown(Shutdown::Both);
            }
            let ends: Vec<_> = [&from, &to].iter().filter_map(|s| s.peer_addr().ok()).collect();
            lock(&state).open.retain(|s| s.peer_addr().is_ok_and(|at| !ends.contains(&at)));
        });
    }
}
