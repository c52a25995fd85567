//! Filing without an account, as a browser without JavaScript does it: the page, a photo, code and PIN, more words and photos later; and
//! people who try to take what others sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Reply, Start};

/// The smallest PNG there is.
const PIXEL: &[u8] = include_bytes!("open311/pixel.png");

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from:?} in {text}")).1;
    rest.split_once(to).unwrap().0
}

/// A browser: its cookies, and the proof of the form it saw last.
struct Browser {
    client: Client,
    cookies: Vec<String>,
}

impl Browser {
    fn new(host: &Host) -> Browser {
        Browser { client: Client::nobody(host.addr), cookies: Vec::new() }
    }

    fn keep(&mut self, reply: &Reply) {
        for cookie in reply.cookies() {
            let name = cookie.split('=').next().unwrap();
            self.cookies.retain(|c| c.split('=').next() != Some(name));
            self.cookies.push(cookie.clone());
        }
    }

    fn get(&mut self, path: &str) -> Reply {
        let cookies = self.cookies.join("; ");
        let reply = self.client.look(path, &[("Cookie", &cookies), ("Accept", "text/html")]).unwrap();
        self.keep(&reply);
        reply
    }

    /// The form at `action`, filled in, with files.
    fn sends(&mut self, action: &str, pairs: &[(&str, &str)], files: &[(&str, &[u8])]) -> Reply {
        let mut body = Vec::new();
        for (name, value) in pairs {
            body.extend(
                format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
            );
        }
        for (name, bytes) in files {
            let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\n");
            body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        body.extend(b"--x--\r\n");
        let cookies = self.cookies.join("; ");
        let headers = [
            ("Content-Type", "multipart/form-data; boundary=x"),
            ("Cookie", cookies.as_str()),
            ("Accept", "text/html"),
        ];
        let reply = self.client.send(action, &body, &headers).unwrap();
        self.keep(&reply);
        reply
    }
}

const CSRF: &str = "name=\"_csrf\" value=\"";
const KEY: &str = "name=\"_key\" value=\"";

/// Proof and key of the form that leads to `action`.
fn proof(page: &Reply, action: &str) -> (String, String) {
    let form = between(&page.text, &format!("method=\"post\" action=\"{action}\""), "</form>");
    (between(form, CSRF, "\"").to_owned(), between(form, KEY, "\"").to_owned())
}

/// Code and PIN as the page shows them.
fn told(page: &Reply) -> (String, String) {
    assert_eq!(page.status, 200, "{page:?}");
    let mut all = page.text.split("<code class=\"big\">").skip(1).map(|t| t.split('<').next().unwrap().to_owned());
    (all.next().unwrap(), all.next().unwrap())
}

#[test]
fn anybody_files_with_a_photo_follows_it_by_code_and_pin_and_adds_to_it_and_nobody_takes_what_others_sent() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(&folder.path().join("data"), Start { demo: true, ..Start::default() }).unwrap();
    let mut browser = Browser::new(&host);
    let page = browser.get("/report");
    assert_eq!(page.status, 200);
    // Nothing that identifies anybody must be filled in, and what may be left out is said to be so.
    let form = between(&page.text, "method=\"post\" action=\"/report\"", "</form>");
    for name in ["contact", "photos", "address", "body"] {
        let input = form.split('<').find(|t| t.contains(&format!("name=\"{name}\""))).unwrap();
        assert!(!input.contains(" required"), "{input}");
    }
    for none in ["name=\"channel\"", "name=\"pin\"", "id-card", "captcha", "<script>", "style=\""] {
        assert!(!form.contains(none), "{none}");
    }
    // Several answers to one question: boxes, sent under one name.
    assert!(form.contains("type=\"checkbox\""), "no question with several answers is in the demo city");

    let (csrf, key) = proof(&page, "/report");
    let said = [
        ("_csrf", csrf.as_str()),
        ("_key", &key),
        ("category", "street-light"),
        ("title", "路灯不亮"),
        ("body", "三号楼门口"),
    ];
    let filed = browser.sends("/report", &said, &[("photos", PIXEL)]);
    let (code, pin) = told(&filed);
    assert!(filed.text.contains("svg class=\"qr\""), "the address as a drawing, for paper");
    assert!(!filed.text.contains("Set-Cookie"));
    // A finger that presses twice files once, and is told the same.
    assert_eq!(told(&browser.sends("/report", &said, &[("photos", PIXEL)])), (code.clone(), pin.clone()));
    // The same key in another's hands is another report: whoever has not the form's cookie learns nothing by it.
    let mut thief = Browser::new(&host);
    let own = thief.get("/report");
    let (own_csrf, _) = proof(&own, "/report");
    let stolen = [
        ("_csrf", own_csrf.as_str()),
        ("_key", &key),
        ("category", "street-light"),
        ("title", "路灯不亮"),
        ("body", "三号楼门口"),
    ];
    assert_ne!(told(&thief.sends("/report", &stolen, &[])).0, code);
    let forged = thief.sends("/report", &said, &[]);
    assert_eq!(forged.status, 403, "the proof of another's form");

    // What is wrong is said, and what was written is kept.
    let again = browser.get("/report");
    let (csrf, key) = proof(&again, "/report");
    let wrong = [
        ("_csrf", csrf.as_str()),
        ("_key", &key),
        ("category", "street-light"),
        ("title", " "),
        ("body", "写了很久的话"),
    ];
    let refused = browser.sends("/report", &wrong, &[("photos", b"<svg onload=1>")]);
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("写了很久的话") && refused.text.contains("action=\"/report\""), "{}", refused.text);

    // By code and PIN: more words, more photos.
    let find = browser.get("/track");
    let csrf = between(&find.text, CSRF, "\"").to_owned();
    let body = format!("_csrf={csrf}&code={code}&pin={}", pin.replace(' ', ""));
    let cookies = browser.cookies.join("; ");
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookies.as_str())];
    let opened = browser.client.send("/track", body.as_bytes(), &headers).unwrap();
    assert_eq!(opened.status, 303, "{opened:?}");
    browser.keep(&opened);
    let track = browser.get("/track/matter");
    assert_eq!(track.status, 200);
    let to = "/track/do/services/add-words";
    let (csrf, key) = proof(&track, to);
    let matter = between(
        between(&track.text, &format!("method=\"post\" action=\"{to}\""), "</form>"),
        "name=\"matter\" value=\"",
        "\"",
    )
    .to_owned();
    let more = [
        ("_csrf", csrf.as_str()),
        ("_key", &key),
        ("_back", "/track/matter"),
        ("matter", &matter),
        ("more-words", "又坏了一盏"),
    ];
    let added = browser.sends(to, &more, &[("photos", PIXEL), ("photos", PIXEL)]);
    assert_eq!(added.status, 303, "{added:?}");

    // The desk opens words and photos for a purpose, and nothing without.
    let desk = host.client(&host.token("operator").unwrap());
    let report =
        desk.look(&format!("/api/v1/services/report?matter={matter}"), &[("X-Purpose", "handle-report")]).unwrap();
    assert_eq!(report.status, 200, "{report:?}");
    assert!(report.text.contains("三号楼门口") && report.text.contains("又坏了一盏"), "{}", report.text);
    let files = desk.get("/api/v1/host/accounts").unwrap();
    assert_ne!(files.status, 200, "the desk is no administrator");
    let stored: Vec<u64> = report
        .text
        .split("\"stored\"")
        .skip(1)
        .filter_map(|t| t.split(|c: char| !c.is_ascii_digit()).find(|d| !d.is_empty())?.parse().ok())
        .collect();
    assert!(!stored.is_empty(), "{}", report.text);
    let (status, kind, _) = desk.file(&format!("/files/{}?_purpose=handle-report", stored[0])).unwrap();
    assert_eq!((status, kind.as_str()), (200, "image/png"));
    assert_ne!(desk.file(&format!("/files/{}", stored[0])).unwrap().0, 200, "without a purpose");

    // Nobody takes a file somebody else sent, whatever number they name.
    for file in stored[0].saturating_sub(3)..stored[0] + 12 {
        let page = thief.get("/report");
        let (csrf, key) = proof(&page, "/report");
        let number = file.to_string();
        let steal = [
            ("_csrf", csrf.as_str()),
            ("_key", &key),
            ("category", "street-light"),
            ("title", "偷"),
            ("photos", &number),
        ];
        let reply = thief.sends("/report", &steal, &[]);
        assert!([422, 429].contains(&reply.status), "file {file}: {reply:?}");
    }
    // An address that goes on and on waits, as after failed sign-ins.
    let waits = (0..30).map(|_| thief.sends("/report", &stolen, &[])).find(|reply| reply.status == 429);
    let waits = waits.expect("an address without end");
    assert!(waits.retry_after().is_some_and(|s| s.parse::<u64>().unwrap() >= 1));
    host.close().unwrap();
}
