//! A mosquitto of the test's own, set up as docs/mqtt.md says, and devices as its own clients are.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Whatever is waited for comes long before.
pub const PATIENCE: Duration = Duration::from_secs(120);
const DOCS: &str = include_str!("../../../../docs/mqtt.md");
/// What the host signs in with.
pub const HOST_PASSWORD: &str = "what-the-host-shows-the-broker";

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come in {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A block of the documentation: what it says is what is tested.
fn documented(file: &str) -> String {
    let (_, after) = DOCS.split_once(&format!("# {file}\n")).unwrap_or_else(|| panic!("docs/mqtt.md has no {file}"));
    after.split("```").next().unwrap().to_owned()
}

fn mosquitto() -> Command {
    let there = Path::new("/usr/sbin/mosquitto");
    Command::new(if there.exists() { there } else { Path::new("mosquitto") })
}

/// False, said visibly, where it is not installed.
pub fn there() -> bool {
    let runs = |mut command: Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let mut client = Command::new("mosquitto_pub");
    client.arg("--version");
    let mut broker = mosquitto();
    broker.arg("-h");
    let there = runs(broker) && runs(client);
    if !there {
        eprintln!(
            "skipped: mosquitto is not there; to have it: sudo apt-get install -y --no-install-recommends mosquitto mosquitto-clients"
        );
    }
    there
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub struct Broker {
    child: Child,
    dir: PathBuf,
    /// For devices of the test, and the one the host uses.
    pub plain: u16,
    pub tls: u16,
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Broker {
    /// With a user `host` and one for each device, whose password is `NAME-at-the-broker`.
    pub fn start(dir: &Path, devices: &[&str]) -> Broker {
        let (plain, tls) = (free_port(), free_port());
        let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
        certificates(dir);
        let users = std::iter::once(("host", HOST_PASSWORD.to_owned()));
        for (user, password) in users.chain(devices.iter().map(|d| (*d, at_the_broker(d)))) {
            let file = path("passwords");
            let new: &[&str] = if user == "host" { &["-c"] } else { &[] };
            let done =
                Command::new("mosquitto_passwd").args(new).args(["-b", &file, user, &password]).output().unwrap();
            assert!(done.status.success(), "{done:?}");
        }
        std::fs::write(path("acl"), documented("/etc/mosquitto/acl")).unwrap();
        std::fs::write(path("host-password"), format!("{HOST_PASSWORD}\n")).unwrap();
        let conf = documented("/etc/mosquitto/conf.d/changzhi.conf")
            .replace("listener 8883", &format!("listener {tls} 127.0.0.1"))
            .replace("/etc/mosquitto/", &format!("{}/", dir.display()))
            .replace("/var/lib/mosquitto/", &format!("{}/", dir.display()));
        let own = format!("listener {plain} 127.0.0.1\nuser root\nlog_dest file {}\n", path("log"));
        std::fs::write(path("conf"), format!("{own}{conf}")).unwrap();
        let mut broker = Broker { child: spawn(dir), dir: dir.to_owned(), plain, tls };
        broker.wait();
        broker
    }

    fn wait(&mut self) {
        let (plain, tls) = (self.plain, self.tls);
        until("the broker", || {
            if let Some(status) = self.child.try_wait().unwrap() {
                let log = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
                panic!("mosquitto ended with {status}: {log}");
            }
            [plain, tls].iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
        });
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn again(&mut self) {
        self.child = spawn(&self.dir);
        self.wait();
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.join(name).to_str().unwrap().to_owned()
    }
}

fn spawn(dir: &Path) -> Child {
    let mut command = mosquitto();
    command.arg("-c").arg(dir.join("conf")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

pub fn at_the_broker(device: &str) -> String {
    format!("{device}-at-the-broker")
}

/// An authority of the test's own and the broker's certificate.
fn certificates(dir: &Path) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut ca = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let pem = ca.clone().self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(ca, key);
    let own = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["127.0.0.1".into()]).unwrap().signed_by(&own, &issuer).unwrap();
    std::fs::write(dir.join("ca.pem"), pem).unwrap();
    std::fs::write(dir.join("cert.pem"), leaf.pem()).unwrap();
    std::fs::write(dir.join("key.pem"), own.serialize_pem()).unwrap();
}

/// A button on a wall: its name at the broker, its secret, and what its light was told.
pub struct Device {
    pub name: String,
    secret: String,
    port: u16,
    light: Child,
    told: Arc<Mutex<Vec<String>>>,
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.light.kill();
        let _ = self.light.wait();
    }
}

impl Device {
    pub fn new(name: &str, secret: &str, port: u16) -> Device {
        let mut listen = Command::new("mosquitto_sub");
        listen.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-u", name, "-P", &at_the_broker(name)]);
        listen.args(["-i", &format!("{name}-light"), "-q", "1", "-t", &format!("changzhi/+/{name}/ack")]);
        let mut light = listen.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let (out, keep) = (BufReader::new(light.stdout.take().unwrap()), told.clone());
        std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(|line| keep.lock().unwrap().push(line)));
        Device { name: name.to_owned(), secret: secret.to_owned(), port, light, told }
    }

    pub fn topic(&self, kind: &str) -> String {
        format!("changzhi/north/{}/{kind}", self.name)
    }

    /// A payload as a device makes it.
    pub fn signed(&self, kind: &str, json: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(format!("{}\n{json}", self.topic(kind)).as_bytes());
        format!("{} {json}", hex::encode(mac.finalize().into_bytes()))
    }

    /// To any topic, as this device; returns when the broker has it.
    pub fn publish(&self, topic: &str, payload: &str, more: &[&str]) {
        let (port, password) = (self.port.to_string(), at_the_broker(&self.name));
        let mut publish = Command::new("mosquitto_pub");
        publish.args(["-h", "127.0.0.1", "-p", &port, "-u", &self.name, "-P", &password, "-i", &self.name]);
        let done = publish.args(["-q", "1", "-t", topic, "-m", payload]).args(more).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    pub fn sends(&self, kind: &str, json: &str) {
        self.publish(&self.topic(kind), &self.signed(kind, json), &[]);
    }

    /// What the light was told of a message with this id.
    pub fn light(&self, id: &str) -> Vec<serde_json::Value> {
        let told = self.told.lock().unwrap();
        let all = told.iter().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        all.filter(|json| json["id"] == id).collect()
    }

    /// Presses as firmware does: the same message again until the light is told; at least `times`. How often it was sent, and the answers.
    pub fn presses(&self, id: &str, json: &str, times: usize) -> (usize, Vec<serde_json::Value>) {
        let mut sent = 0;
        until("the light", || {
            self.sends("press", json);
            sent += 1;
            sent >= times && !self.light(id).is_empty()
        });
        // Each that was sent is answered in the end, but for those sent before the light listened.
        (sent, self.light(id))
    }
}
