//! A step of a clock reaches the officer who holds its role: by a real SMS gateway, a real mail server and a real push service, through
//! faults and a kill -9, each message once; with the gateway's receipts, the pages and the figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, python, root};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Whatever is waited for comes long before.
const PATIENCE: Duration = Duration::from_secs(120);
const RECEIPTS: &str = "what-the-gateway-reports-with";
const GATEWAY: &str = "what-the-host-sends-with";

/// One of `servers.py`, with what it says; ended when dropped.
struct Server {
    child: Child,
    says: Receiver<Value>,
    ready: Value,
}

impl Server {
    fn start(python: &Path, args: &[&str]) -> Server {
        let script = root().join("tests/system/tests/outbox/servers.py");
        let mut child = Command::new(python).arg(script).args(args).stdout(Stdio::piped()).spawn().unwrap();
        let (say, says) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = say.send(serde_json::from_str::<Value>(&line).unwrap_or_else(|e| panic!("{e}: {line}")));
            }
        });
        let ready = says.recv_timeout(PATIENCE).unwrap()["ready"].clone();
        Server { child, says, ready }
    }

    /// The next of these whose words name the matter.
    fn next(&self, kind: &str, words: &str, matter: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = self.says.recv_timeout(end.saturating_duration_since(Instant::now())).expect("it did not come");
            let one = &said[kind];
            if one.pointer(words).and_then(Value::as_str).is_some_and(|text| text.contains(matter)) {
                return one.clone();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An SMS gateway: a form comes, JSON goes. It is out of order until told otherwise.
struct Gateway {
    addr: SocketAddr,
    asked: Arc<Mutex<Vec<(String, String)>>>,
    works: Arc<Mutex<bool>>,
}

impl Gateway {
    fn start() -> Gateway {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let gateway = Gateway { addr, asked: Arc::default(), works: Arc::default() };
        let (asked, works) = (gateway.asked.clone(), gateway.works.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, works) = (asked.clone(), works.clone());
                std::thread::spawn(move || while answer(&stream, &asked, &works) {});
            }
        });
        gateway
    }

    /// Requests that name the matter.
    fn of(&self, matter: &str) -> Vec<(String, String)> {
        self.asked.lock().unwrap().iter().filter(|(_, body)| body.contains(matter)).cloned().collect()
    }
}

fn answer(mut stream: &TcpStream, asked: &Mutex<Vec<(String, String)>>, works: &Mutex<bool>) -> bool {
    let (mut head, mut one) = (Vec::new(), [0; 1]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut one) {
            Ok(1) => head.push(one[0]),
            _ => return false,
        }
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length: ").map(|n| n.trim().parse().unwrap()));
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    asked.lock().unwrap().push((head, String::from_utf8(body).unwrap()));
    let (status, body) = if *works.lock().unwrap() { (200, r#"{"code":"0"}"#) } else { (500, "{}") };
    let text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).is_ok()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The rules that ship, with a desk that is warned after half a second.
fn rules(dir: &Path) -> PathBuf {
    let shipped = std::fs::read_to_string(root().join("data/flows/matter-3.toml")).unwrap();
    let steps = r#"steps = [{ event = "warned", at = "80%", tells = ["unit"] }, { event = "overdue", at = "100%", tells = ["operator"] }]"#;
    let desk = "runs = [\"submitted\", \"reopened\"]\nlimit = \"2h\"";
    assert!(shipped.contains(steps) && shipped.contains(desk));
    let soon = r#"steps = [{ event = "warned", at = "1%", tells = ["operator"] }, { event = "overdue", at = "100%", tells = ["official"] }]"#;
    let quick = shipped.replace(steps, soon).replace(desk, &desk.replace("2h", "1min"));
    std::fs::create_dir_all(dir.join("flows")).unwrap();
    std::fs::write(dir.join("flows/matter-3.toml"), quick).unwrap();
    dir.to_path_buf()
}

/// Settings as variables; a test's process lives no longer than they do.
fn env(all: &[(&str, String)]) -> &'static [(&'static str, &'static str)] {
    let leak = |s: &str| -> &'static str { Box::leak(s.to_owned().into_boxed_str()) };
    Box::leak(all.iter().map(|(k, v)| (leak(k), leak(v))).collect::<Vec<_>>().into_boxed_slice())
}

/// Files a report: its id and its number.
fn file(client: &Client) -> (String, String) {
    let answer = client.gives("services/file-report", &changzhi_system_tests::body("路灯不亮")).unwrap();
    (answer["matter"].to_string(), answer["code"].as_str().unwrap().to_owned())
}

#[test]
fn a_step_of_a_clock_reaches_the_desk_by_sms_mail_and_browser_through_faults_and_a_kill() {
    // A mail server, and what decrypts a push message.
    let packages = ["aiosmtpd==1.4.6", "http_ece==1.2.1", "cryptography"];
    let Some(python) = python("outbox", "import aiosmtpd, http_ece, cryptography", &[&packages]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (name, line) in [("gateway", GATEWAY), ("receipts", RECEIPTS), ("mail", "of-the-mail-server")] {
        std::fs::write(path(name), format!("{line}\n")).unwrap();
    }
    let gateway = Gateway::start();
    let smtp = Server::start(&python, &["smtp", &path("ca.pem")]);
    let browser = Server::start(&python, &["push"]);
    let settings = [
        ("CHANGZHI_FLOWS", rules(&folder.path().join("rules")).to_str().unwrap().to_owned()),
        ("CHANGZHI_OUTBOX__RETRY", "1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s".into()),
        ("CHANGZHI_OUTBOX__CA", path("ca.pem")),
        ("CHANGZHI_OUTBOX__ADDRESS", "https://city.example".into()),
        ("CHANGZHI_SMS__URL", format!("http://{}/send", gateway.addr)),
        ("CHANGZHI_SMS__TEMPLATE", "phone={to}&content={text}&id={key}".into()),
        ("CHANGZHI_SMS__HEADER", "Authorization: Bearer {secret}".into()),
        ("CHANGZHI_SMS__SECRET", path("gateway")),
        ("CHANGZHI_SMS__SUCCESS", "/code=0".into()),
        ("CHANGZHI_SMS__RECEIPTS", path("receipts")),
        ("CHANGZHI_MAIL__SERVER", format!("localhost:{}", smtp.ready["port"])),
        ("CHANGZHI_MAIL__FROM", "昌治 <notice@city.example>".into()),
        ("CHANGZHI_MAIL__USER", "notice".into()),
        ("CHANGZHI_MAIL__PASSWORD", path("mail")),
        ("CHANGZHI_PUSH__CONTACT", "mailto:it@city.example".into()),
        ("CHANGZHI_PUSH__SERVICES", format!("http://127.0.0.1:{}", browser.ready["port"])),
    ];
    let start = Start { demo: true, env: env(&settings), ..Start::default() };
    let data = folder.path().join("data");
    let host = Host::start(&data, start).unwrap();
    let tokens = ["operator", "resident"].map(|login| host.token(login).unwrap());
    let passwords = ["operator", "admin"].map(|login| host.password(login).unwrap());
    let (desk, resident) = (host.client(&tokens[0]), host.client(&tokens[1]));
    let subscription = browser.ready["subscription"].to_string();
    for (channel, address) in [("sms", "138 0079 1234"), ("mail", "desk@example.org"), ("push", &subscription)] {
        desk.gives("host/add-way", &json!({"channel": channel, "address": address, "label": channel})).unwrap();
    }
    let order = |order: &str| desk.gives("host/set-reach", &json!({"order": order, "language": "en"})).unwrap();

    // By SMS: the gateway is out of order, then it works; it is asked again under the same key, and never once it took it.
    order("sms");
    let (matter, by_sms) = file(&resident);
    until("the second try", || gateway.of(&by_sms).len() >= 2);
    *gateway.works.lock().unwrap() = true;
    let signed_in = Client::sign_in(host.addr, "operator", &passwords[0]).unwrap();
    let shown = |what: &str| {
        let page = signed_in.get(&format!("/p/services/report?matter={matter}&lang=en")).unwrap();
        page.text.contains(what)
    };
    until("the message on the matter's page", || shown("Sent · SMS"));
    let asked = gateway.of(&by_sms);
    let key = asked[0].1.split("id=").nth(1).unwrap().to_owned();
    assert!(asked.iter().all(|(head, body)| body.starts_with("phone=13800791234&content=")
        && body.ends_with(&format!("id={key}"))
        && head.contains(&format!("authorization: bearer {GATEWAY}"))));
    let tries = asked.len();

    // The gateway reports.
    let nobody = Client::nobody(host.addr);
    let report = json!([{"id": key, "state": "delivered"}]);
    let told = |secret: &str| {
        let bearer = format!("Bearer {secret}");
        nobody.post("/outbox/receipts", &report, &[("Authorization", &bearer)]).unwrap().status
    };
    assert_eq!(told("a guess"), 401);
    assert_eq!((told(RECEIPTS), told(RECEIPTS)), (200, 200));
    let other = json!({"id": "999999-0", "state": "delivered"});
    let bearer = format!("Bearer {RECEIPTS}");
    assert_eq!(nobody.post("/outbox/receipts", &other, &[("Authorization", &bearer)]).unwrap().status, 404);
    until("the receipt", || shown("Delivered · SMS"));

    // By mail: STARTTLS, a sign-in; the first is answered 451.
    order("mail");
    let (_, number) = file(&resident);
    let first = smtp.next("mail", "/body", &number);
    let mail = smtp.next("mail", "/body", &number);
    assert_eq!((&first["id"], &first["taken"], &mail["taken"]), (&mail["id"], &json!(false), &json!(true)));
    assert_eq!(
        (&mail["to"], &mail["tls"], &mail["user"]),
        (&json!(["desk@example.org"]), &json!(true), &json!("notice"))
    );
    let body = mail["body"].as_str().unwrap();
    assert!(body.contains("https://city.example/p/services/") && body.contains("Please sign in"), "{body}");

    // To the browser, which alone can read it.
    order("push");
    let (_, number) = file(&resident);
    let push = browser.next("push", "/words/body", &number);
    assert_eq!(push["claims"]["sub"], "mailto:it@city.example");
    assert_eq!(push["claims"]["aud"], format!("http://127.0.0.1:{}", browser.ready["port"]));
    assert_eq!(push["headers"]["topic"], push["words"]["key"]);
    let reach = signed_in.get("/me/reach").unwrap().text;
    assert!(reach.contains(&format!("data-push=\"{}\"", push["key"].as_str().unwrap())), "the key is the page's");
    assert!(!reach.contains("138 0079 1234") && !reach.contains("desk@example.org"), "no address is shown");

    // Killed and started again: what was sent stays sent, and it goes on.
    host.kill().unwrap();
    let host = Host::start(&data, Start { demo: false, ..start }).unwrap();
    let (desk, resident) = (host.client(&tokens[0]), host.client(&tokens[1]));
    desk.gives("host/set-reach", &json!({"order": "sms", "language": "zh-CN"})).unwrap();
    let (_, after) = file(&resident);
    until("the message after the restart", || !gateway.of(&after).is_empty());
    assert!(gateway.of(&after)[0].1.contains("%E8%AF%B7%E7%99%BB%E5%BD%95"), "in the language that was chosen");
    assert_eq!(gateway.of(&by_sms).len(), tries);

    // What an administrator and a resident see: no address, no words.
    let metrics = Client::nobody(host.addr).get("/metrics").unwrap().text;
    for line in [r#"changzhi_outbox_messages{channel="sms",state="delivered"} 1"#, r#"channel="mail",state="retry"} 1"#]
    {
        assert!(metrics.contains(line), "{line}");
    }
    let admin = Client::sign_in(host.addr, "admin", &passwords[1]).unwrap();
    let page = admin.get("/admin/outbox?lang=en").unwrap().text;
    assert!(page.contains("data-label=\"Delivered\">1<") && page.contains("Web Push"), "{page}");
    let officer = Client::sign_in(host.addr, "operator", &passwords[0]).unwrap();
    let looks = officer.get("/me/looks?lang=en").unwrap().text;
    assert!(looks.contains("Sending a message"), "each opening is a look: {looks}");
    for text in [&metrics, &page, &looks, &host.log()] {
        assert!(!text.contains("138 0079") && !text.contains("13800791234") && !text.contains("desk@example.org"));
    }
    host.close().unwrap();
}
