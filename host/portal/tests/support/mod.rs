//! A real server on a free port, before a city of hash maps, and a client that can also send nonsense.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

#[path = "../../../gate/tests/support/mod.rs"]
pub mod town;

pub mod stream;

use bytes::Bytes;
use changzhi_gate::{Gate, Look, Outcome};
use changzhi_model::*;
use changzhi_pipeline::{JobInfo, JobState};
use changzhi_portal::shape::{Page, Text as Words};
use changzhi_portal::*;
use changzhi_trail::Trail;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

/// What a view of the fake city shows: the page everybody sees, or one with the looker's number in it.
pub type Shows = Box<dyn Fn(&Look, Page) -> Page + Send + Sync>;

pub struct City {
    /// Moves when the page changes; see [`City::change`].
    pub revision: tokio::sync::watch::Sender<Seq>,
    /// Looks of pages that stay open.
    pub watched: Mutex<Vec<Look>>,
    pub shows: Mutex<Option<Shows>>,
    pub inner: Arc<town::Town>,
    pub page: Mutex<Page>,
    /// Makes pages by what is asked, before `page` is asked.
    pub maker: Mutex<Option<Maker>>,
    /// Entities said to have changed since any revision.
    pub changed: Mutex<Vec<EntityId>>,
    pub failed: Mutex<Option<String>>,
    pub installed: Mutex<Vec<usize>>,
    pub jobs: Mutex<Vec<JobInfo>>,
    pub trail: Arc<Trail>,
    /// Members of records, for their rooms.
    pub members: Mutex<Vec<(EntityId, EntityId)>>,
    /// What a check of the journal finds.
    pub damage: Mutex<Option<String>>,
}

struct Unchanged(tokio::sync::watch::Receiver<Seq>, Seq);

impl Watched for Unchanged {
    fn is_fresh(&self) -> bool {
        *self.0.borrow() == self.1
    }
}

impl City {
    /// Everybody's page is another from here on.
    pub fn change(&self, nodes: Vec<changzhi_portal::shape::Node>) {
        self.page.lock().unwrap().nodes = nodes;
        self.revision.send_modify(|seq| seq.0 += 1);
    }
}

pub type Maker = Box<dyn Fn(&Look) -> Page + Send>;

impl changzhi_gate::Backend for City {
    fn read(&self, look: &mut dyn FnMut(&dyn changzhi_gate::Records)) {
        self.inner.read(look);
    }
    fn manifest(&self, plugin: &str) -> Option<Arc<Manifest>> {
        self.inner.manifest(plugin)
    }
    fn submit_then(&self, s: changzhi_gate::Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        self.inner.submit_then(s, tell);
    }
    fn secret(&self, e: EntityId, facet: &str, field: &str) -> Result<Option<Value>, String> {
        self.inner.secret(e, facet, field)
    }
}

impl Town for City {
    fn manifests(&self) -> Vec<Arc<Manifest>> {
        self.inner.manifests.lock().unwrap().clone()
    }
    fn view(&self, look: Look) -> ViewFuture {
        if look.view == "panic" {
            panic!("a bug");
        }
        let made = self.maker.lock().unwrap().as_ref().map(|make| make(&look));
        let page = made.unwrap_or_else(|| self.page.lock().unwrap().clone());
        Box::pin(async move { Ok((page, Seq(7))) })
    }
    fn watch(&self, look: Look) -> WatchFuture {
        let seq = *self.revision.borrow();
        let page = self.page.lock().unwrap().clone();
        let page = match self.shows.lock().unwrap().as_ref() {
            Some(shows) => shows(&look, page),
            None => page,
        };
        self.watched.lock().unwrap().push(look);
        let watched: Arc<dyn Watched> = Arc::new(Unchanged(self.revision.subscribe(), seq));
        Box::pin(async move { Ok((page, seq, watched)) })
    }
    fn durable(&self) -> tokio::sync::watch::Receiver<Seq> {
        self.revision.subscribe()
    }
    fn changed_since(&self, entities: &[EntityId], _: Seq) -> Vec<EntityId> {
        let changed = self.changed.lock().unwrap();
        entities.iter().copied().filter(|e| changed.contains(e)).collect()
    }
    fn membership(&self, entity: EntityId, account: EntityId) -> Option<bool> {
        let all = self.members.lock().unwrap();
        all.iter().any(|m| m.0 == entity).then(|| all.contains(&(entity, account)))
    }
    fn standing(&self) -> Standing {
        Standing {
            failed: self.failed.lock().unwrap().clone(),
            revision: Seq(9),
            durable: Seq(8),
            snapshot: None,
            plugins: vec![PluginStanding {
                id: "desk".into(),
                version: "1.2.3".into(),
                breaker: "open".into(),
                traps: 3,
                kept: vec![Kept { id: "k1".into(), reason: "<b>trap".into(), at: "now".into() }],
            }],
        }
    }
    fn fresh(&self) -> Fresh {
        let n = Seq(self.inner.journal.lock().unwrap().len() as u64);
        Fresh { revision: n, durable: n, at: Micros(self.inner.tables.lock().unwrap().at) }
    }
    fn looked(
        &self,
        actor: &Actor,
        purpose: &Name,
        plugin: &Name,
        entity: EntityId,
        (facet, field): (&str, &str),
    ) -> Result<(), String> {
        if let Some(failed) = self.failed.lock().unwrap().clone() {
            return Err(failed);
        }
        let fact = Fact::Looked { entity, facet: facet.into(), fields: vec![field.into()] };
        let at = self.inner.clock.now();
        self.inner.journal.lock().unwrap().push(Transaction {
            at,
            epoch: 1,
            actor: actor.id,
            purpose: purpose.clone(),
            plugin: plugin.clone(),
            command: "look".into(),
            request: RequestId::default(),
            digest: [0; 16],
            facts: vec![fact],
            answer: Vec::new(),
        });
        Ok(())
    }
    fn erase(&self, entity: EntityId, _: &Name) -> Result<(), String> {
        let mut tables = self.inner.tables.lock().unwrap();
        let files = changzhi_gate::Records::referring(&*tables, "file", "host.file", "of", entity);
        tables.sealed.retain(|(id, _, _), _| *id != entity.0 && !files.contains(&EntityId(*id)));
        Ok(())
    }
    fn trail(&self) -> Arc<Trail> {
        for (seq, tx) in (1..).zip(self.inner.journal.lock().unwrap().iter()) {
            self.trail.apply(Seq(seq), tx);
        }
        Arc::clone(&self.trail)
    }
    fn transaction(&self, seq: Seq) -> Result<Transaction, String> {
        let journal = self.inner.journal.lock().unwrap();
        journal.get(seq.0 as usize - 1).cloned().ok_or_else(|| format!("no transaction {seq}"))
    }
    fn verify(&self, pace: &mut dyn FnMut(Seq) -> ControlFlow<()>) -> Result<Verified, String> {
        if let Some(damage) = self.damage.lock().unwrap().clone() {
            return Err(damage);
        }
        let end = self.fresh().durable;
        let complete = pace(end).is_continue();
        Ok(Verified { seq: end, chain: [0xcd; 32], complete })
    }
    fn start_job_then(&self, s: changzhi_gate::Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        let job = JobInfo {
            id: s.request,
            plugin: s.plugin,
            name: s.command,
            params: s.body,
            actor: s.actor,
            place: s.place,
            begun: self.inner.clock.now(),
            ended: None,
            done: 1,
            total: 4,
            state: JobState::Running,
        };
        let answer = vec![Named::new("job", Value::Text(job.id.to_string()))];
        self.jobs.lock().unwrap().insert(0, job);
        tell(Outcome::Done { seq: Seq(42), answer, changed: true, replayed: false });
    }
    fn jobs(&self) -> Result<Vec<JobInfo>, String> {
        Ok(self.jobs.lock().unwrap().clone())
    }
    fn job(&self, id: RequestId) -> Result<Option<JobInfo>, String> {
        Ok(self.jobs.lock().unwrap().iter().find(|j| j.id == id).cloned())
    }
    fn cancel_job(&self, id: RequestId, _: &Actor) -> Result<Option<JobInfo>, String> {
        if let Some(job) = self.jobs.lock().unwrap().iter_mut().find(|j| j.id == id) {
            (job.state, job.ended) = (JobState::Cancelled, Some(self.inner.clock.now()));
        }
        self.job(id)
    }
    fn state(&self) -> Result<(Seq, [u8; 32]), String> {
        Ok((Seq(9), [0xab; 32]))
    }
    fn install(&self, component: Bytes, _: EntityId, percent: &dyn Fn(u8)) -> Result<(Name, Name), String> {
        percent(15);
        self.installed.lock().unwrap().push(component.len());
        if component.starts_with(b"\0asm") {
            Ok(("desk".into(), "2.0.0".into()))
        } else {
            Err("byte 0: not a component".into())
        }
    }
    fn retry(&self, plugin: &str) -> Result<usize, String> {
        if plugin == "desk" { Ok(1) } else { Err("no such plugin".into()) }
    }
}

pub struct Host {
    pub city: Arc<City>,
    pub gate: Arc<Gate>,
    pub addr: SocketAddr,
    pub token: String,
    running: Option<Running>,
    runtime: tokio::runtime::Runtime,
}

/// The desk's kinds, as the journal tells them.
fn declared() -> Transaction {
    let desk = desk();
    let fact = Fact::Declared { plugin: desk.id, facets: desk.facets, kinds: desk.kinds, flows: desk.flows };
    Transaction {
        at: Micros(0),
        epoch: 1,
        actor: EntityId::NONE,
        purpose: Name::default(),
        plugin: "host".into(),
        command: "declare".into(),
        request: RequestId::default(),
        digest: [0; 16],
        facts: vec![fact],
        answer: Vec::new(),
    }
}

pub fn desk() -> Manifest {
    let name = FieldDecl { required: true, max_len: 30, ..FieldDecl::new("title", FieldType::Text) };
    let command = |name: &str, purpose, fields| CommandDecl {
        name: name.into(),
        label: format!("desk-{name}").into(),
        fields,
        roles: vec!["clerk".into()],
        purpose,
    };
    let view = |name: &str, params, listed| ViewDecl {
        name: name.into(),
        label: "desk-list".into(),
        params,
        roles: vec!["clerk".into()],
        purpose: false,
        listed,
    };
    let all = vec![
        FieldDecl::new("flag", FieldType::Flag),
        FieldDecl::new("n", FieldType::Int),
        FieldDecl::new("x", FieldType::Num),
        FieldDecl::new("t", FieldType::Time),
        FieldDecl::new("e", FieldType::Entity(None)),
        FieldDecl::new("p", FieldType::Point),
        FieldDecl { options: vec!["a".into()], ..FieldDecl::new("c", FieldType::Code) },
        FieldDecl::new("l", FieldType::LongText),
    ];
    Manifest {
        id: "desk".into(),
        version: "1.2.3".into(),
        label: "desk-title".into(),
        kinds: vec![KindDecl {
            name: "case".into(),
            on: Family::Events,
            label: "desk-case".into(),
            flow: Some("case".into()),
        }],
        facets: vec![FacetDecl {
            name: "desk.case".into(),
            on: Family::Events,
            label: "desk-case".into(),
            fields: vec![
                FieldDecl { unique: true, ..FieldDecl::new("code", FieldType::Text) },
                FieldDecl::new("title", FieldType::Text),
                FieldDecl {
                    sensitivity: Sensitivity::Personal,
                    label: "desk-words".into(),
                    ..FieldDecl::new("words", FieldType::LongText)
                },
            ],
        }],
        commands: vec![
            command("file", false, vec![name, FieldDecl::new("n", FieldType::Int)]),
            command("secret", true, vec![]),
            command("all", false, all.clone()),
        ],
        views: vec![
            view("list", vec![FieldDecl::new("place", FieldType::Entity(Some(Family::Places)))], true),
            view("all", all, false),
            view("panic", vec![], false),
            view(
                "case",
                vec![FieldDecl { required: true, ..FieldDecl::new("case", FieldType::Entity(Some(Family::Events))) }],
                false,
            ),
            view(
                "paged",
                vec![FieldDecl::new("page", FieldType::Int), FieldDecl::new("words", FieldType::Text)],
                false,
            ),
            ViewDecl { purpose: true, ..view("private", vec![], false) },
        ],
        flows: vec![FlowDecl {
            name: "case".into(),
            version: 1,
            initial: "open".into(),
            states: vec![StateDecl { name: "open".into(), label: "desk-open".into(), terminal: false }],
            transitions: vec![],
        }],
        subscriptions: vec![],
        jobs: vec![JobDecl {
            name: "count".into(),
            label: "desk-count".into(),
            params: vec![FieldDecl { max_len: 7, ..FieldDecl::new("month", FieldType::Text) }],
            roles: vec!["clerk".into()],
        }],
        grants: vec![],
        messages: vec![Messages {
            locale: "zh-CN".into(),
            ftl: "desk-title = 窗口\ndesk-list = 清单\ndesk-file = 登记\ndesk-count = 清点\ndesk-no = 不行\ndesk-case = 案件\ndesk-open = 处理中\ndesk-words = 原话\n".into(),
        }],
    }
}

pub fn raw(addr: SocketAddr, bytes: &[u8]) -> Reply {
    let mut s = TcpStream::connect(addr).unwrap();
    // The server may answer and close before it has read a body that is too large.
    let _ = s.write_all(bytes);
    let mut out = Vec::new();
    let _ = s.read_to_end(&mut out);
    let text = String::from_utf8_lossy(&out).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

pub fn send(addr: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut out =
        format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (n, v) in headers {
        out.push_str(&format!("{n}: {v}\r\n"));
    }
    out.push_str("\r\n");
    raw(addr, &[out.as_bytes(), body].concat())
}

impl Host {
    pub fn start(options: PortalOptions) -> Host {
        let inner = town::Town::new();
        inner.manifests.lock().unwrap().push(Arc::new(desk()));
        *inner.other.lock().unwrap() = Some(Box::new(|s| match s.body.first() {
            Some(Value::Text(t)) if t == "conflict" => Outcome::Refused(Refusal::Conflict(Text::key("desk-no"))),
            Some(Value::Text(t)) if t == "busy" => {
                Outcome::Unavailable { reason: "full".into(), retry_after: std::time::Duration::from_millis(1500) }
            }
            Some(Value::Text(t)) if t == "trap" => Outcome::Failed("trap".into()),
            _ => Outcome::Done {
                seq: Seq(42),
                answer: vec![Named::new("matter", Value::Entity(EntityId(5)))],
                changed: true,
                replayed: false,
            },
        }));
        let gate = inner.gate();
        inner.journal.lock().unwrap().push(declared());
        let id = town::account(&gate, "li", &[("admin", None), ("clerk", None)], &["mediation"]);
        town::account(&gate, "guest", &[], &[]);
        let token = gate.issue_token(id, "test", Micros(inner.clock.now().0 + Micros::DAY)).unwrap();
        let page = Page { title: Words::Plain("t".into()), nodes: vec![] };
        let city = Arc::new(City {
            revision: tokio::sync::watch::Sender::new(Seq(7)),
            watched: Mutex::default(),
            shows: Mutex::default(),
            inner,
            page: Mutex::new(page),
            maker: Mutex::default(),
            changed: Mutex::default(),
            failed: Mutex::default(),
            installed: Mutex::default(),
            jobs: Mutex::default(),
            trail: Arc::default(),
            members: Mutex::default(),
            damage: Mutex::default(),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let local = "127.0.0.1:0".parse().unwrap();
        let running = runtime.block_on(Server::bind(local, city.clone(), gate.clone(), options)).unwrap();
        Host { city, gate, addr: running.addr, token, running: Some(running), runtime }
    }

    pub fn stop(mut self) {
        self.runtime.block_on(self.running.take().unwrap().shutdown());
    }

    /// A page as a browser asks for it.
    pub fn page(&self, cookie: &str, path: &str) -> Reply {
        self.send("GET", path, &[("Cookie", cookie), ("Accept", "text/html")], b"")
    }

    /// A form as a browser sends it from our own page.
    pub fn form(&self, cookie: &str, path: &str, body: &str) -> Reply {
        let headers = [
            ("Cookie", cookie),
            ("Accept", "text/html"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        self.send("POST", path, &headers, body.as_bytes())
    }

    /// The account of a login.
    pub fn id(&self, login: &str) -> EntityId {
        let tables = self.city.inner.tables.lock().unwrap();
        changzhi_gate::Records::find(&*tables, "host.account", "login", &Value::text(login)).unwrap()
    }

    /// Something that happened, as another part of the host would have journaled it.
    pub fn happened(&self, actor: EntityId, command: &str, facts: Vec<Fact>) {
        let at = self.city.inner.clock.now();
        self.city.inner.journal.lock().unwrap().push(Transaction {
            at,
            epoch: 1,
            actor,
            purpose: "mediation".into(),
            plugin: "desk".into(),
            command: command.into(),
            request: RequestId::default(),
            digest: [0; 16],
            facts,
            answer: Vec::new(),
        });
    }

    /// A matter of the desk's, filed by somebody.
    pub fn matter(&self, id: u64, filer: EntityId, title: &str) -> EntityId {
        let (entity, at) = (EntityId(id), self.city.inner.clock.now());
        let core = changzhi_gate::Core {
            family: Family::Events,
            kind: "case".into(),
            category: "noise".into(),
            state: "open".into(),
            at,
            within: None,
        };
        let mut tables = self.city.inner.tables.lock().unwrap();
        tables.cores.insert(id, core);
        tables.cells.insert((id, "desk.case".into(), "code".into()), Value::Text(format!("C-{id}")));
        tables.cells.insert((id, "desk.case".into(), "title".into()), Value::text(title));
        drop(tables);
        let created = Fact::Created {
            id: entity,
            kind: "case".into(),
            category: "noise".into(),
            state: "open".into(),
            at,
            within: None,
            position: None,
        };
        self.happened(filer, "file", vec![created]);
        entity
    }

    pub fn raw(&self, bytes: &[u8]) -> Reply {
        raw(self.addr, bytes)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        send(self.addr, method, path, headers, body)
    }

    pub fn api(&self, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("Authorization", bearer.as_str())];
        if !more.iter().any(|(n, _)| *n == "Content-Type") {
            headers.push(("Content-Type", "application/json"));
        }
        headers.extend(more);
        self.send(method, path, &headers, body)
    }

    /// Signs in as a browser does and returns the cookie.
    pub fn browser(&self, login: &str) -> String {
        let form = self.send("GET", "/sign-in", &[("Accept", "text/html")], b"");
        let body = format!("_csrf={}&login={login}&password=correct+horse", form.csrf());
        let cookie = form.cookie();
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Cookie", cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let reply = self.send("POST", "/sign-in", &headers, body.as_bytes());
        assert_eq!(reply.status, 303, "{}", reply.body);
        reply.cookie()
    }
}

pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.head, self.body))
    }
    pub fn header(&self, name: &str) -> Option<String> {
        let line = self.head.lines().skip(1).filter_map(|l| l.split_once(": "));
        line.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned()).next()
    }
    pub fn cookie(&self) -> String {
        self.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
    }
    /// The value of the first hidden input of this name.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let after = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
        Some(after.split('"').next().unwrap().to_owned())
    }
    pub fn csrf(&self) -> String {
        let after = self.body.split("name=\"_csrf\" value=\"").nth(1).expect("a csrf field");
        after.split('"').next().unwrap().to_owned()
    }
}
