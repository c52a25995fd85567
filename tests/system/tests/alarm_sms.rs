//! The SMS gateway fails while the ladder of an alarm runs: every step is taken, whoever is on duty and has another channel is reached by it, nobody
//! off duty is, and what became of each message is shown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, in_hours};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);
/// To this number the gateway never answers; to every other it answers 500.
const HANGS: &str = "13900000002";

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come in {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn serve(each: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let each = Arc::new(each);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let each = each.clone();
            std::thread::spawn(move || each(stream));
        }
    });
    addr
}

/// A gateway out of order: counts what it is asked, takes nothing.
fn gateway(asked: Arc<AtomicUsize>, hung: Arc<AtomicUsize>) -> SocketAddr {
    serve(move |stream| {
        let mut read = BufReader::new(stream.try_clone().unwrap());
        let mut length = 0;
        let mut line = String::new();
        while read.read_line(&mut line).unwrap_or(0) > 2 {
            if let Some(n) = line.to_lowercase().strip_prefix("content-length:") {
                length = n.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        if read.read_exact(&mut body).is_err() {
            return;
        }
        asked.fetch_add(1, Ordering::SeqCst);
        if String::from_utf8_lossy(&body).contains(HANGS) {
            hung.fetch_add(1, Ordering::SeqCst);
            // Until the other side has enough.
            let _ = read.read(&mut [0]);
            return;
        }
        let _ = (&stream).write_all(b"HTTP/1.1 500 X\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    })
}

/// A mail: for whom, and all of it.
type Mail = (String, String);

/// A mail server that takes everything and keeps it.
fn mail(got: Arc<Mutex<Vec<Mail>>>) -> SocketAddr {
    serve(move |stream| {
        let mut read = BufReader::new(stream.try_clone().unwrap());
        let say = |text: &str| (&stream).write_all(format!("{text}\r\n").as_bytes()).is_ok();
        say("220 mail");
        let (mut to, mut line, mut data) = (Vec::new(), String::new(), None::<String>);
        while read.read_line(&mut line).unwrap_or(0) > 0 {
            let said = line.trim_end().to_owned();
            line.clear();
            let goes_on = match said.to_uppercase() {
                _ if data.is_some() && said != "." => {
                    data.as_mut().unwrap().push_str(&said);
                    true
                }
                _ if let Some(text) = data.take() => {
                    got.lock().unwrap().extend(to.drain(..).map(|to| (to, text.clone())));
                    say("250 taken")
                }
                up if up.starts_with("RCPT TO:") => {
                    to.push(said[8..].trim_matches(['<', '>', ' ']).to_owned());
                    say("250 ok")
                }
                up if up.starts_with("DATA") => {
                    data = Some(String::new());
                    say("354 go on")
                }
                up if up.starts_with("QUIT") => say("221 bye"),
                up if up.starts_with("EHLO")
                    || up.starts_with("MAIL")
                    || up.starts_with("RSET")
                    || up.starts_with("NOOP") =>
                {
                    say("250 ok")
                }
                _ => say("500 what"),
            };
            if !goes_on {
                return;
            }
        }
    })
}

fn env(all: &[(&str, String)]) -> &'static [(&'static str, &'static str)] {
    let leak = |s: &str| -> &'static str { Box::leak(s.to_owned().into_boxed_str()) };
    Box::leak(all.iter().map(|(k, v)| (leak(k), leak(v))).collect::<Vec<_>>().into_boxed_slice())
}

#[test]
fn the_gateway_fails_and_hangs_while_the_ladder_runs_and_mail_goes_on_and_each_message_says_what_became_of_it() {
    let dir = tempfile::tempdir().unwrap();
    // A ladder in a hurry.
    std::fs::create_dir(dir.path().join("flows")).unwrap();
    let rules = include_str!("../../../data/flows/alarm.toml")
        .replacen("edition = 2\n", "edition = 3\n", 1)
        .replacen("limit = \"15s\"", "limit = \"1s\"", 1)
        .replacen("limit = \"30s\"", "limit = \"2s\"", 1)
        .replacen("limit = \"60s\"", "limit = \"3s\"", 1)
        .replacen("limit = \"60s\"", "limit = \"1s\"", 1);
    std::fs::write(dir.path().join("flows/alarm.toml"), rules).unwrap();
    let (asked, hung, got): (Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<Mutex<Vec<Mail>>>) = Default::default();
    let (sms, smtp) = (gateway(asked.clone(), hung.clone()), mail(got.clone()));
    let settings = [
        ("CHANGZHI_FLOWS", dir.path().to_str().unwrap().to_owned()),
        ("CHANGZHI_OUTBOX__RETRY", "1s".into()),
        ("CHANGZHI_OUTBOX__SECONDS", "2".into()),
        ("CHANGZHI_SMS__URL", format!("http://{sms}/send")),
        ("CHANGZHI_SMS__TEMPLATE", "phone={to}&content={text}&id={key}".into()),
        ("CHANGZHI_MAIL__SERVER", format!("127.0.0.1:{}", smtp.port())),
        ("CHANGZHI_MAIL__TLS", "none".into()),
        ("CHANGZHI_MAIL__FROM", "notice@city.example".into()),
    ];
    let host =
        Host::start(&dir.path().join("city"), Start { demo: true, env: env(&settings), ..Start::default() }).unwrap();
    let client = |login: &str| host.client(&host.token(login).unwrap());
    // The official's SMS is answered 500, the first officer's is not answered at all, the others have mail alone.
    let nobodys = [("police-2", None), ("operator", None), ("duty", None)];
    for (login, phone) in [("official", Some("13900000001")), ("police-1", Some(HANGS))].into_iter().chain(nobodys) {
        let who = client(login);
        let add = |channel: &str, address: &str| {
            who.gives("host/add-way", &json!({"channel": channel, "address": address, "label": channel})).unwrap();
        };
        if let Some(phone) = phone {
            add("sms", phone);
        }
        add("mail", &format!("{login}@city.example"));
        let order = if phone.is_some() { "sms mail" } else { "mail" };
        who.gives("host/set-reach", &json!({"order": order, "language": "en"})).unwrap();
    }
    let admin = client("admin");
    let body =
        json!({"kind": "building", "category": "building", "code": "sms-hall", "name": "sms-hall", "parent": "360104"});
    let place = admin.gives("host/create-place", &body).unwrap()["place"].clone();
    // The operator holds the desk of the place; the duty officer, who could, is off duty.
    let seat = Client::sign_in(host.addr, "operator", &host.password("operator").unwrap()).unwrap();
    let duty = json!({"place": place, "post": "desk", "from": in_hours(-1).unwrap(), "to": in_hours(1).unwrap()});
    let duty = admin.gives("office/plan-duty", &duty).unwrap()["duty"].clone();
    client("operator").gives("office/take-over", &json!({"duty": duty})).unwrap();
    let alarm =
        client("resident").gives("command/ring", &json!({"place": place, "category": "help"})).unwrap()["alarm"]
            .clone();

    // All four are reached, by mail: the desk by the press itself, and no page is open anywhere.
    // The demo's own alarms ring too: only what is about this one counts.
    let mails = || -> Vec<String> {
        let about = format!("Alarm {} ", alarm);
        let mine = |(to, text): &Mail| text.contains(&about).then(|| to.clone());
        got.lock().unwrap().iter().filter_map(mine).collect()
    };
    let wanted = ["operator", "official", "police-1", "police-2"].map(|login| format!("{login}@city.example"));
    until("four mails", || wanted.iter().all(|w| mails().contains(w)));
    assert!(asked.load(Ordering::SeqCst) >= 4 && hung.load(Ordering::SeqCst) >= 2, "each was tried by SMS and again");

    // What became of each is on the alarm's page and in the figures; nobody's address is.
    let page = || seat.get(&format!("/p/command/alarm?alarm={alarm}&lang=en")).unwrap().text;
    until("the state of the messages", || page().matches("Sent · Mail").count() >= 4);
    assert!(!page().contains("Sent · SMS") && !page().contains("139000"), "{}", page());
    let metrics = Client::nobody(host.addr).get("/metrics").unwrap().text;
    let count = |state: &str| -> u64 {
        let head = format!("changzhi_outbox_messages{{channel=\"sms\",state=\"{state}\"}} ");
        metrics.lines().find_map(|line| line.strip_prefix(&head)).map_or(0, |n| n.parse().unwrap())
    };
    assert!(count("retry") >= 2 && count("failed") >= 2 && count("sent") == 0, "{metrics}");
    let boss = Client::sign_in(host.addr, "admin", &host.password("admin").unwrap()).unwrap();
    assert!(boss.get("/admin/outbox?lang=en").unwrap().text.contains("Not by this channel"));

    // Whoever is off duty got nothing.
    assert!(mails().iter().all(|to| wanted.contains(to)), "{:?}", mails());
    // The ladder took each step once meanwhile, and it rings yet.
    let told = admin.get(&format!("/api/v1/command/alarm?alarm={alarm}")).unwrap().text;
    let found: Vec<usize> = ["ring-all", "ring-leaders", "ring-district", "unanswered"]
        .iter()
        .map(|step| {
            let step = format!("\"{step}\"");
            assert_eq!(told.matches(&step).count(), 1, "{step}: {told}");
            told.find(&step).unwrap()
        })
        .collect();
    assert!(found.is_sorted() && told.contains("\"state-rung-district\""), "{told}");
    host.close().unwrap();
}
