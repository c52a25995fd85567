//! A city of memory behind the outbox, and a gateway that does as it is told over real HTTP.

#![allow(dead_code)]

use changzhi_journal::{Journal, MemoryJournal};
use changzhi_model::*;
use changzhi_outbox::*;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Whatever is waited for comes long before; what never comes fails the test.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Town {
    pub journal: Arc<MemoryJournal>,
    pub now: AtomicI64,
    /// The journal takes nothing.
    pub full: AtomicBool,
    /// The next result is lost, as by a kill between sending and journaling.
    pub killed: AtomicBool,
    pub plan: Mutex<Result<Plan, Why>>,
    pub erased: AtomicBool,
    pub people: Mutex<Vec<EntityId>>,
    /// Looks, by channel.
    pub looks: Mutex<Vec<Channel>>,
}

impl Town {
    pub fn new(channels: &[Channel]) -> Arc<Town> {
        let plan = Plan { channels: channels.to_vec(), not_before: None };
        Arc::new(Town {
            journal: Arc::new(MemoryJournal::new()),
            now: AtomicI64::new(1_000_000),
            full: AtomicBool::new(false),
            killed: AtomicBool::new(false),
            plan: Mutex::new(Ok(plan)),
            erased: AtomicBool::new(false),
            people: Mutex::default(),
            looks: Mutex::default(),
        })
    }

    fn append(&self, plugin: &str, facts: Vec<Fact>) -> Seq {
        let tx = Transaction {
            at: Micros(self.now.load(Ordering::SeqCst)),
            epoch: 1,
            actor: EntityId(1),
            purpose: Name::default(),
            plugin: plugin.into(),
            command: "test".into(),
            request: RequestId::keyless([0; 12]),
            digest: [0; 16],
            facts,
            answer: vec![],
        };
        self.journal.append(&tx.encode().unwrap()).unwrap()
    }

    /// A plugin's wish to tell somebody, committed.
    pub fn wish(&self, urgent: bool) -> Key {
        let said = Said { message: "hello".into(), urgent, ..Said::default() };
        self.wishes(Wish { receiver: Receiver::One { account: Some(EntityId(7)), contact: None }, said })
    }

    pub fn wishes(&self, wish: Wish) -> Key {
        let (kind, args) = wish.write();
        let seq = self.append("services", vec![Fact::Intended { kind, entity: Some(EntityId(5)), args }]);
        Key { intent: seq, index: 0 }
    }

    pub fn begin(self: &Arc<Self>, adapters: Vec<Arc<dyn Adapter>>, retry: &[u64]) -> Outbox {
        let retry = retry.iter().map(|ms| Duration::from_millis(*ms)).collect();
        let options = Options { retry, workers: 2, queue: 4 };
        Outbox::begin(self.journal.clone(), self.clone(), adapters, options).unwrap()
    }

    /// Every outcome of an intent, in order, as journaled.
    pub fn story(&self, key: Key) -> Vec<String> {
        let mut out = Vec::new();
        let mut each = |_: Seq, bytes: &[u8]| {
            for fact in Transaction::decode(bytes).unwrap().facts {
                if let Fact::Settled { intent, index, outcome, attempt } = fact
                    && (Key { intent, index }) == key
                {
                    assert_eq!(attempt as usize, out.len() + 1, "attempts count from 1");
                    out.push(outcome.unwrap_or_else(|e| e));
                }
            }
            ControlFlow::Continue(())
        };
        self.journal.read(Seq(1), &mut each).unwrap();
        out
    }

    pub fn pass(&self, time: Duration) {
        self.now.fetch_add(time.as_micros() as i64, Ordering::SeqCst);
    }
}

impl Host for Town {
    fn now(&self) -> Micros {
        Micros(self.now.load(Ordering::SeqCst))
    }

    fn plan(&self, _: &Wish, _: Micros) -> Result<Plan, Why> {
        self.plan.lock().unwrap().clone()
    }

    fn letter(&self, wish: &Wish, _: &Name, _: Option<EntityId>, channel: Channel) -> Result<Letter, Trouble> {
        if self.erased.load(Ordering::SeqCst) {
            return Err(Trouble::Never(Why::Erased));
        }
        self.looks.lock().unwrap().push(channel);
        let written = match channel {
            Channel::Sms => "138 0000 0000",
            Channel::Mail => "li@example.org",
            Channel::Push => return Err(Trouble::Never(Why::NoAddress)),
        };
        Ok(Letter {
            to: Address::read(channel, written)?,
            subject: "昌治".into(),
            body: Zeroizing::new(format!("您好 {}", wish.said.message)),
            page: Some("/p/services/report?matter=5".into()),
            urgent: wish.said.urgent,
        })
    }

    fn people(&self, _: &Receiver, _: Option<EntityId>, _: Micros) -> Vec<EntityId> {
        self.people.lock().unwrap().clone()
    }

    fn journal(&self, facts: Vec<Fact>) -> Result<Seq, String> {
        if self.killed.swap(false, Ordering::SeqCst) {
            // It never returns to a process that is no more: here the result is dropped with an error, and the outbox ended.
            self.full.store(true, Ordering::SeqCst);
        }
        if self.full.load(Ordering::SeqCst) {
            return Err("the disk is full".into());
        }
        Ok(self.append("host", facts))
    }
}

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn stands(outbox: &Outbox, key: Key) -> Option<Stands> {
    outbox.look(|f| f.one(key)).map(|d| d.stands)
}

pub fn is_done(outbox: &Outbox, key: Key) -> bool {
    stands(outbox, key).is_some_and(|s| !matches!(s, Stands::Waiting { .. }))
}

/// What the gateway does with the next request; when nothing is left it takes everything.
#[derive(Clone, Debug)]
pub enum Does {
    Says(u16, &'static str),
    /// Answers nothing until the caller gives up.
    Hangs,
    /// Closes without a word.
    Closes,
    /// Answers without an end.
    Floods,
}

#[derive(Clone, Debug)]
pub struct Asked {
    pub head: String,
    pub body: String,
}

pub struct Gateway {
    pub addr: SocketAddr,
    pub asked: Arc<Mutex<Vec<Asked>>>,
    pub does: Arc<Mutex<VecDeque<Does>>>,
}

impl Gateway {
    pub fn new(does: &[Does]) -> Gateway {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gateway = Gateway {
            addr: listener.local_addr().unwrap(),
            asked: Arc::default(),
            does: Arc::new(Mutex::new(does.iter().cloned().collect())),
        };
        let (asked, does) = (gateway.asked.clone(), gateway.does.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, does) = (asked.clone(), does.clone());
                std::thread::spawn(move || while serve(&stream, &asked, &does) {});
            }
        });
        gateway
    }

    pub fn sms(&self, success: Option<&str>, seconds_ms: u64) -> Arc<dyn Adapter> {
        Arc::new(
            Sms::new(SmsOptions {
                url: format!("http://{}/send", self.addr),
                get: false,
                template: Template::read(r#"{"to":"{to}","text":"{text}","id":"{key}"}"#).unwrap(),
                header: Some(("Authorization".into(), "Bearer {secret}".into())),
                secret: Some(Zeroizing::new("s3cret-of-the-gateway".into())),
                success: success.map(|s| Success::read(s).unwrap()),
                authority: Authority::default(),
                time: Duration::from_millis(seconds_ms),
            })
            .unwrap(),
        )
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: &TcpStream, asked: &Mutex<Vec<Asked>>, does: &Mutex<VecDeque<Does>>) -> bool {
    let (mut bytes, mut one) = (Vec::new(), [0; 1]);
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read(&mut one) {
            Ok(1) => bytes.push(one[0]),
            _ => return false,
        }
    }
    let head = String::from_utf8(bytes).unwrap();
    let length =
        head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ").map(|n| n.parse().unwrap()));
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    asked.lock().unwrap().push(Asked { head, body: String::from_utf8(body).unwrap() });
    let next = does.lock().unwrap().pop_front().unwrap_or(Does::Says(200, r#"{"code":0}"#));
    match next {
        Does::Says(status, body) => {
            let text = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\ncontent-type: application/json\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(text.as_bytes()).is_ok()
        }
        Does::Hangs => {
            // Until the other side closes.
            let _ = stream.read(&mut one);
            false
        }
        Does::Closes => false,
        Does::Floods => {
            let _ = stream.write_all(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n");
            let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
            while stream.write_all(chunk.as_bytes()).is_ok() {}
            false
        }
    }
}

type Next = Box<dyn FnMut(Key) -> Result<(), Trouble> + Send>;

/// An adapter in memory that does as it is told.
struct Told {
    channel: Channel,
    next: Mutex<Next>,
}

/// An adapter of this channel that answers each message so.
pub fn told(channel: Channel, next: impl FnMut(Key) -> Result<(), Trouble> + Send + 'static) -> Arc<dyn Adapter> {
    Arc::new(Told { channel, next: Mutex::new(Box::new(next)) })
}

impl Adapter for Told {
    fn channel(&self) -> Channel {
        self.channel
    }

    fn send(&self, _: &Letter, key: Key) -> Result<(), Trouble> {
        let mut next = self.next.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        (*next)(key)
    }
}
