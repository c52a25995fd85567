//! A real city in a folder of its own, beside the build, and the least of an HTTP client: shared by the programs that measure it.
//! Needs the plugins: `cargo xtask plugins`.

use changzhi_gate::{CityBackend, Gate, GateOptions, Identity, NewAccount, Session};
use changzhi_model::{Clock, EntityId, Micros, SystemClock, Value};
use changzhi_pipeline::{Approve, City, CityOptions};
use changzhi_plugins::Limits;
use changzhi_portal::{CityTown, PortalOptions, Running, Server};
use serde_json::json;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const LOGIN: &str = "bench";
pub const PASSWORD: &str = "a long bench password";

pub struct Rig {
    pub city: Arc<City>,
    pub gate: Arc<Gate>,
    pub session: Arc<Session>,
    pub token: String,
    _dir: tempfile::TempDir,
}

impl Rig {
    /// With these plugins in force.
    pub fn with(plugins: &[&str]) -> Rig {
        // Beside the build, on the disk that the build is on: the system's temporary folder may be memory.
        let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
        let dir = tempfile::tempdir_in(&target).unwrap();
        let (city, _) = City::open(CityOptions::in_dir(dir.path())).unwrap();
        city.native(Arc::new(Identity)).unwrap();
        for plugin in plugins {
            let component = target.join(format!("plugins/{plugin}.wasm"));
            let bytes = std::fs::read(&component)
                .unwrap_or_else(|e| panic!("{}: {e}; build it with `cargo xtask plugins`", component.display()));
            city.install(&bytes, Approve::All, Limits::production().patient(40)).unwrap();
        }
        let backend = Arc::new(CityBackend(Arc::clone(&city)));
        let gate = Arc::new(Gate::new(backend, Arc::new(SystemClock), GateOptions::default()).unwrap());
        let account = NewAccount {
            login: LOGIN,
            name: "bench",
            password: PASSWORD,
            roles: &[("operator", None), ("admin", None)],
            purposes: &[],
        };
        let id = gate.ensure_account(&account).unwrap();
        let token = gate.issue_token(id, "bench", Micros(SystemClock.now().0 + Micros::DAY)).unwrap();
        let session = gate.by_token(&token).unwrap();
        Rig { city, gate, session, token, _dir: dir }
    }

    /// A place with nothing in it yet.
    pub fn grid(&self, code: &str) -> EntityId {
        let text = |t: &str| Value::Text(t.into());
        let body = vec![text("grid"), text("grid"), text(code), text(code), Value::None, Value::None];
        let made = self.gate.as_host("create-place", body).unwrap();
        made.iter().find_map(|n| n.value.as_entity()).unwrap()
    }

    /// The portal before it, on a free port.
    pub async fn serve(&self, options: PortalOptions) -> Running {
        let town = Arc::new(CityTown::new(Arc::clone(&self.city), Limits::production()));
        let local = "127.0.0.1:0".parse().unwrap();
        Server::bind(local, town, Arc::clone(&self.gate), options).await.unwrap()
    }

    /// A command over the API: plugin and name, and its body as JSON.
    pub fn request(&self, command: (&str, &str), body: &str) -> Vec<u8> {
        request(&self.token, command, body)
    }
}

/// The same with a token of another process's host.
pub fn request(token: &str, (plugin, command): (&str, &str), body: &str) -> Vec<u8> {
    format!(
        "POST /api/v1/{plugin}/{command} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends one request on a connection that stays and reads the whole answer; where its body begins.
pub async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> usize {
    stream.write_all(request).await.unwrap();
    buffer.clear();
    loop {
        let n = stream.read_buf(buffer).await.unwrap();
        assert!(n > 0, "the server closed: {}", String::from_utf8_lossy(buffer));
        let Some(head) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        let declared = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let whole = match declared {
            Some(length) => buffer.len() >= head + 4 + length.trim().parse::<usize>().unwrap(),
            // In chunks, of which the last is empty.
            None => buffer.ends_with(b"\r\n0\r\n\r\n"),
        };
        if whole {
            return head + 4;
        }
    }
}

pub fn at(times: &[f64], percent: usize) -> f64 {
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// One JSON line, as `cargo xtask bench` reads it.
pub fn tell(name: &str, ours: f64, unit: &str, target: Option<&str>) {
    let none: Option<f64> = None;
    let line = json!({"name": name, "ours": ours, "peer": none, "ratio": none, "unit": unit, "target": target});
    println!("{line}");
}
