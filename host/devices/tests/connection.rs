//! The adapter against brokers that refuse, forbid, or hold what cannot be read: each is said in words, and none is the end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_devices::{Broker, BrokerOptions, Line, Link, Mqtt};
use changzhi_gate::{CityBackend, Gate, GateOptions};
use changzhi_model::SystemClock;
use changzhi_testkit::TestCity;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Whatever is waited for comes long before.
const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "what-the-host-shows";

/// One packet: its first byte and its body.
fn read(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut byte = || {
        let mut one = [0; 1];
        stream.read_exact(&mut one).ok().map(|()| one[0])
    };
    let kind = byte()?;
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        let next = byte()?;
        length |= usize::from(next & 0x7f) << shift;
        shift += 7;
        if next & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((kind, body))
}

/// A PUBLISH of QoS 1 with this many bytes.
fn publish(topic: &str, bytes: usize) -> Vec<u8> {
    let mut body = u16::try_from(topic.len()).unwrap().to_be_bytes().to_vec();
    body.extend_from_slice(topic.as_bytes());
    body.extend_from_slice(&[0, 7]);
    body.resize(body.len() + bytes, b'x');
    let mut packet = vec![0x32];
    let mut left = body.len();
    while left >= 0x80 {
        packet.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
        left >>= 7;
    }
    packet.push(u8::try_from(left).unwrap());
    packet.extend(body);
    packet
}

/// What the broker of a test does: the code of its CONNACK, that of its SUBACK, and what lies in a session that is kept.
#[derive(Clone, Copy)]
struct Does {
    connack: u8,
    suback: u8,
    kept: Option<usize>,
}

/// Notes whether each connection asked for a new session.
fn broker(does: Does) -> (SocketAddr, Arc<Mutex<Vec<bool>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (addr, seen) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<bool>>>::default());
    let fresh = Arc::clone(&seen);
    std::thread::spawn(move || {
        let mut kept = does.kept;
        for mut stream in listener.incoming().flatten() {
            let Some((0x10, connect)) = read(&mut stream) else { continue };
            let clean = connect[7] & 2 != 0;
            fresh.lock().unwrap().push(clean);
            if clean {
                kept = None;
            }
            let _ = stream.write_all(&[0x20, 2, 0, does.connack]);
            while let Some((kind, body)) = read(&mut stream) {
                match kind {
                    0x82 => {
                        let _ = stream.write_all(&[0x90, 4, body[0], body[1], does.suback, does.suback]);
                        if let Some(bytes) = kept {
                            let _ = stream.write_all(&publish("changzhi/n/a/press", bytes));
                        }
                    }
                    0xc0 => {
                        let _ = stream.write_all(&[0xd0, 0]);
                    }
                    _ => {}
                }
            }
        }
    });
    (addr, seen)
}

async fn until(line: &Line, what: &str, holds: impl Fn(&Line) -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds(line) {
        assert!(Instant::now() < end, "{what} did not come: {:?}", line.look());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn start(city: &TestCity, addr: SocketAddr) -> Mqtt {
    let backend = Arc::new(CityBackend(Arc::clone(city.city())));
    let gate = Gate::new(backend.clone(), Arc::new(SystemClock), GateOptions::default()).unwrap();
    let url = format!("mqtt://{addr}");
    let login = Some(("host", PASSWORD.to_owned().into()));
    let given = BrokerOptions {
        url: &url,
        client: "c",
        login,
        prefix: "changzhi",
        ca: None,
        patience: Duration::from_secs(3_600),
    };
    Mqtt::start(Broker::new(given).unwrap(), Arc::new(gate), backend)
}

fn is_down_for(line: &Line, reason: &str) -> bool {
    matches!(line.look().link, Link::Down(why) if why.contains(reason) && !why.contains(PASSWORD))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_refuses_or_forbids_is_told_with_its_reason_and_tried_again() {
    let city = TestCity::new().unwrap();
    let (addr, asked) = broker(Does { connack: 5, suback: 1, kept: None });
    let mqtt = start(&city, addr);
    until(&mqtt.line(), "the reason", |line| is_down_for(line, "NotAuthorized")).await;
    until(&mqtt.line(), "another try", |_| asked.lock().unwrap().len() >= 2).await;
    mqtt.shutdown().await;

    let (addr, asked) = broker(Does { connack: 0, suback: 0x80, kept: None });
    let mqtt = start(&city, addr);
    until(&mqtt.line(), "the reason", |line| is_down_for(line, "ACL")).await;
    until(&mqtt.line(), "another try", |_| asked.lock().unwrap().len() >= 2).await;
    assert_eq!(mqtt.line().look().connected, 0, "who hears nothing is not connected");
    mqtt.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_that_can_never_be_read_costs_its_session_once_and_the_line_lives() {
    let city = TestCity::new().unwrap();
    let (addr, asked) = broker(Does { connack: 0, suback: 1, kept: Some(2 << 20) });
    let mqtt = start(&city, addr);
    until(&mqtt.line(), "a third connection", |line| asked.lock().unwrap().len() >= 3 && line.look().is_up()).await;
    assert_eq!(*asked.lock().unwrap(), [false, true, false], "a new session once, and one that is kept again");
    // One that can be read is counted, refused and done with.
    mqtt.shutdown().await;
    let (addr, _) = broker(Does { connack: 0, suback: 1, kept: Some(5_000) });
    let mqtt = start(&city, addr);
    until(&mqtt.line(), "it to be counted", |line| line.look().tally.get(&("press", "too-large")) == Some(&1)).await;
    assert!(mqtt.line().look().is_up());
    mqtt.shutdown().await;
}
