//! Public alerts as other systems read and send them: two persons in the portal, published clients, the schema, real messages in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Reply, Start, python, run, shared};
use std::path::Path;
use std::process::Command;

const SENDER: &[(&str, &str)] = &[
    ("CHANGZHI_CAP__SENDER", "36010041600000"),
    ("CHANGZHI_CAP__ADDRESS", "alerts@nc.example.cn"),
    ("CHANGZHI_CAP__NAME", "南昌市预警信息发布中心"),
    ("CHANGZHI_CAP__NAME_EN", "Nanchang Early Warning Centre"),
];
const START: Start = Start { demo: true, snapshot_every: None, env: SENDER };

struct City {
    _dir: tempfile::TempDir,
    host: Host,
}

impl City {
    fn new() -> City {
        let dir = tempfile::tempdir().unwrap();
        let host = Host::start(&dir.path().join("city"), START).unwrap();
        City { _dir: dir, host }
    }

    /// Signed in at the portal, as a person is.
    fn person(&self, login: &str) -> Portal {
        Portal(Client::sign_in(self.host.addr, login, &self.host.password(login).unwrap()).unwrap())
    }

    fn get(&self, path: &str) -> Reply {
        Client::nobody(self.host.addr).get(path).unwrap()
    }
}

fn encoded(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// What stands between two marks, from the first of the one on.
fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

/// A person at the portal, filling in forms as a browser without a script sends them.
struct Portal(Client);

impl Portal {
    fn page(&self, path: &str) -> String {
        let reply = self.0.get(path).unwrap();
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.text
    }

    /// Sends the form of a command on a page: what it carries by itself, and these.
    fn sends(&self, path: &str, command: &str, given: &[(&str, &str)]) -> Reply {
        let page = self.page(path);
        let action = format!("action=\"/do/command/{command}\"");
        let form = page.split("<form").find(|f| f.contains(&action));
        let form = form.unwrap_or_else(|| panic!("{path} has no form for {command}: {page}"));
        let form = form.split("</form>").next().unwrap();
        let mut pairs: Vec<(String, String)> = Vec::new();
        for input in form.split("<input").skip(1).filter(|i| i.contains("type=\"hidden\"")) {
            let name = between(input, "name=\"", "\"").unwrap();
            let value = between(input, "value=\"", "\"").unwrap_or("").replace("&amp;", "&");
            pairs.push((name.to_owned(), value));
        }
        pairs.extend(given.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let body: Vec<String> = pairs.iter().map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
        let kind = ("Content-Type", "application/x-www-form-urlencoded");
        self.0.send(&format!("/do/command/{command}"), body.join("&").as_bytes(), &[kind]).unwrap()
    }

    fn does(&self, path: &str, command: &str, given: &[(&str, &str)]) {
        let reply = self.sends(path, command, given);
        assert_eq!(reply.status, 303, "{command}: {reply:?}");
    }

    /// The newest alert of a part of the desk, by its page's address.
    fn at_the_desk(&self, title: &str) -> String {
        let desk = self.page("/p/command/alert-desk");
        let row = between(&desk, title, "</section>").unwrap_or_else(|| panic!("{title} is not in {desk}"));
        let id = between(row, "/p/command/alert?alert=", "\"").unwrap_or_else(|| panic!("nothing in {row}"));
        format!("/p/command/alert?alert={id}")
    }
}

/// In six hours, as the form has it: local time of the city.
fn in_hours(hours: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let done = Command::new("date")
        .args(["-u", "-d", &format!("@{}", now + hours * 3_600 + 8 * 3_600), "+%Y-%m-%dT%H:%M"])
        .output();
    String::from_utf8(done.unwrap().stdout).unwrap().trim().to_owned()
}

/// The number of a place in the form's list.
fn place(page: &str, name: &str) -> String {
    let option =
        page.split("<option").find(|o| o.contains(&format!(">{name}<"))).unwrap_or_else(|| panic!("{name} in {page}"));
    between(option, "value=\"", "\"").unwrap().to_owned()
}

fn identifiers(city: &City) -> Vec<String> {
    let atom = city.get("/cap/index.atom");
    assert_eq!(atom.status, 200, "{atom:?}");
    atom.text.split("<entry>").skip(1).map(|e| between(e, "/cap/", ".xml").unwrap().to_owned()).collect()
}

#[test]
fn two_persons_bring_an_alert_from_draft_to_cancel_and_published_clients_read_every_step() {
    let city = City::new();
    let (author, other) = (city.person("operator"), city.person("duty"));
    let form = author.page("/p/command/new-alert");
    let (donghu, expires) = (place(&form, "东湖区"), in_hours(6));
    let said = |colour: &'static str, headline: &'static str, english: &'static str| {
        let donghu = donghu.clone();
        let expires = expires.clone();
        vec![
            ("status", "status-actual".to_owned()),
            ("category", "cap-met".into()),
            ("colour", colour.into()),
            ("event", "暴雨".into()),
            ("event-code", "11B03".into()),
            ("urgency", "urgency-immediate".into()),
            ("certainty", "certainty-likely".into()),
            ("place", donghu),
            ("expires", expires),
            ("headline", headline.into()),
            ("description", "三小时内降雨将达 100 毫米以上 & 持续。".into()),
            ("instruction", "请留在室内。".into()),
            ("headline-en", english.into()),
            ("event-en", "rainstorm".into()),
            ("description-en", "More than 100 mm within three hours.".into()),
            ("instruction-en", "Stay indoors.".into()),
        ]
    };
    let does = |who: &Portal, path: &str, command: &str, pairs: &[(&'static str, String)]| {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (*n, v.as_str())).collect();
        who.does(path, command, &pairs);
    };

    // A wrong one is told at its field, and nothing is kept.
    let wrong = said("colour-red", "东湖区暴雨红色预警", "东湖区暴雨红色预警");
    let pairs: Vec<(&str, &str)> = wrong.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let refused = author.sends("/p/command/new-alert", "write-alert", &pairs);
    assert!(refused.status == 422 && refused.text.contains("中英文内容不能相同"), "{refused:?}");

    does(
        &author,
        "/p/command/new-alert",
        "write-alert",
        &said("colour-red", "东湖区暴雨红色预警", "Red warning of rainstorm in Donghu"),
    );
    let alert = author.at_the_desk("草稿");
    author.does(&alert, "submit-alert", &[]);
    assert!(identifiers(&city).is_empty(), "nothing is public before somebody else has looked");
    let page = author.page(&alert);
    assert!(page.contains("须由另一人发布") || !page.contains("/do/command/publish-alert"), "{page}");
    other.does(&alert, "publish-alert", &[]);
    let first = identifiers(&city);
    assert_eq!(first.len(), 1);
    assert!(first[0].starts_with("36010041600000_"), "{first:?}");

    // One second later at the earliest: messages are told apart by their second.
    let second = |city: &City, author: &Portal| {
        let at = city.get("/cap/index.atom").text;
        let newest = between(&at, "<updated>", "</updated>").unwrap().to_owned();
        loop {
            let now = Command::new("date")
                .args(["-u", "-d", "+8 hours", "+%Y-%m-%dT%H:%M:%S+08:00"])
                .output()
                .unwrap()
                .stdout;
            if String::from_utf8(now).unwrap().trim() > newest.as_str() {
                return author.page("/p/command/alert-desk");
            }
            std::thread::yield_now();
        }
    };
    second(&city, &author);
    author.does(&alert, "update-alert", &[]);
    let update = author.at_the_desk("草稿");
    does(
        &author,
        &update,
        "write-alert",
        &said("colour-orange", "东湖区暴雨橙色预警", "Orange warning of rainstorm in Donghu"),
    );
    author.does(&update, "submit-alert", &[]);
    assert_eq!(identifiers(&city), first, "until it is published the first holds");
    other.does(&update, "publish-alert", &[]);
    let updated = identifiers(&city);
    assert!(updated.len() == 1 && updated != first, "{updated:?}");

    // The other way round: the duty officer writes the cancellation, an official publishes it.
    second(&city, &author);
    let official = city.person("official");
    other.does(&update, "cancel-alert", &[("reason", "降雨停止")]);
    let cancel = other.at_the_desk("草稿");
    other.does(&cancel, "submit-alert", &[]);
    let own = other.page(&cancel);
    assert!(!own.contains("/do/command/publish-alert") && own.contains("须由另一人发布"), "{own}");
    official.does(&cancel, "publish-alert", &[]);
    let cancelled = identifiers(&city);
    assert!(cancelled.len() == 1 && cancelled != updated);
    let chain = [first[0].as_str(), updated[0].as_str(), cancelled[0].as_str()];
    clients(&city, &chain);
    nothing_there(&city);
    // A resident signed in sees it too, and finds nothing to press.
    let resident = city.person("resident");
    let page = resident.page(&cancel);
    assert!(page.contains("解除：东湖区暴雨橙色预警") && !page.contains("/do/command/"), "{page}");
}

fn clients(city: &City, chain: &[&str]) {
    let modules = "import cap_tools, capparselib.parsers, feedparser, lxml";
    // The last one names an lxml nobody can build any more.
    let installs: [&[&str]; 2] =
        [&["cap-tools==3.1.1", "lxml", "feedparser==6.0.14"], &["--no-deps", "capparselib==0.6.6"]];
    let Some(python) = python("cap", modules, &installs) else { return };
    let schema = shared().map_or("-".into(), |data| data.join("cap-samples/cap12.xsd").to_string_lossy().into_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cap/clients.py");
    let base = format!("http://{}", city.host.addr);
    let out = Command::new(python).arg(script).args([base.as_str(), schema.as_str()]).args(chain).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{said}");
    eprintln!("{said}");
}

fn nothing_there(city: &City) {
    for path in ["/cap/nothing.xml", "/cap/index.xml", "/cap/x", "/cap/%3Cscript%3E.geojson"] {
        assert_eq!(city.get(path).status, 404, "{path}");
    }
}

/// The excerpt of a real Chinese alert, with the elements its source left out, about this division.
fn chinese(data: &Path, code: &str) -> String {
    let text = std::fs::read_to_string(data.join("cap-samples/cma_excerpt.xml")).unwrap();
    text.replace("</sent>", "</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>")
        .replace("<event>", "<category>Met</category><event>")
        .replace(
            "<severity>Minor</severity>",
            "<urgency>Expected</urgency><severity>Minor</severity><certainty>Likely</certainty>",
        )
        .replace("130132000000", code)
}

#[test]
fn alerts_of_others_come_in_once_by_address_and_by_command_line_and_never_leave_in_our_name() {
    let Some(data) = shared() else { return };
    let mut city = City::new();
    let token = city.host.token("operator").unwrap();
    let operator = city.host.client(&token);
    let xml = [("Content-Type", "application/cap+xml")];
    let give = |text: &str| operator.send("/cap/in", text.as_bytes(), &xml).unwrap();
    let real = chinese(&data, "360102000000");
    let reply = give(&real);
    let answer = &reply.json()["alerts"][0];
    assert_eq!(
        (reply.status, answer["outcome"].as_str(), answer["places"].as_i64()),
        (200, Some("new"), Some(1)),
        "{reply:?}"
    );
    let page = city.person("operator").page(&format!("/p/command/alert?alert={}", answer["alert"]));
    assert!(page.contains("东湖区") && page.contains("360102000000") && page.contains("本市不转发"), "{page}");
    assert_eq!(give(&real).json()["alerts"][0]["outcome"], "same");
    // Another city's: taken, and the gap is shown.
    let foreign =
        give(&chinese(&data, "130132000000").replace("20260826160913</identifier>", "20260826160914</identifier>"));
    assert_eq!(
        (foreign.json()["alerts"][0]["places"].as_i64(), foreign.json()["alerts"][0]["gaps"].as_i64()),
        (Some(0), Some(1)),
        "{foreign:?}"
    );
    let page =
        city.person("operator").page(&format!("/p/command/alert?alert={}", foreign.json()["alerts"][0]["alert"]));
    assert!(page.contains("CPEAS Geographic Code 130132000000"), "{page}");
    // Each good file of the manifest, and each bad one with its reason.
    let folder = data.join("cap-samples");
    for row in csv::Reader::from_path(folder.join("manifest.csv")).unwrap().records() {
        let row = row.unwrap();
        let text = std::fs::read_to_string(folder.join(&row[0])).unwrap();
        let reply = give(&text);
        let status = match &row[2] {
            "xsd-valid" => 200,
            _ if row[0].starts_with("bushfire") => 200,
            _ => 400,
        };
        assert_eq!(reply.status, status, "{}: {reply:?}", &row[0]);
        if status == 400 {
            assert!(
                reply.json()["detail"].as_str().is_some_and(|d| d.contains("line ") || d.contains("no alert")),
                "{reply:?}"
            );
        }
    }
    // In an envelope a bad one does not cost the others.
    let mixed = give(&std::fs::read_to_string(folder.join("bushfire_invalid.edxlde")).unwrap()).json();
    let outcomes: Vec<&str> =
        mixed["alerts"].as_array().unwrap().iter().map(|a| a["outcome"].as_str().unwrap_or("refused")).collect();
    assert!(outcomes.contains(&"same") && outcomes.contains(&"refused"), "{outcomes:?}");
    // Who may not, what is too large, what is no text.
    let resident = city.host.client(&city.host.token("resident").unwrap());
    assert_eq!(resident.send("/cap/in", real.as_bytes(), &xml).unwrap().status, 403);
    assert_eq!(Client::nobody(city.host.addr).send("/cap/in", real.as_bytes(), &xml).unwrap().status, 401);
    assert_eq!(give(&"x".repeat(2 << 20)).status, 413);
    assert_eq!(operator.send("/cap/in", &[0xff, 0xfe], &xml).unwrap().status, 400);
    // Nothing of all this is ours.
    assert!(identifiers(&city).is_empty());
    assert_eq!(city.get("/cap/13013241600000_20260826160913.xml").status, 404);

    city.host.stop_hard().unwrap();
    let folder_of = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let town = city._dir.path().join("city").to_string_lossy().into_owned();
    let files = [folder_of("canada.cap"), folder_of("thunderstorm.cap"), folder_of("xee.cap")];
    let mut args = vec!["cap", "import", "--data", town.as_str()];
    args.extend(files.iter().map(String::as_str));
    let done = run(args).unwrap();
    let said = done.said();
    assert!(
        !done.success
            && said.contains("2.49.0.1.124.6bddbc91.2012: same")
            && said.contains("document type declaration"),
        "{said}"
    );
}

#[test]
fn a_wrong_sender_is_told_at_start_with_its_setting() {
    let dir = tempfile::tempdir().unwrap();
    let start = Start {
        env: &[("CHANGZHI_CAP__SENDER", "3601"), ("CHANGZHI_CAP__ADDRESS", "a b"), ("CHANGZHI_CAP__NAME", "x")],
        ..Start::default()
    };
    let error = format!("{:#}", Host::start(dir.path(), start).unwrap_err());
    assert!(
        error.contains("cap.sender") && error.contains("fourteen digits") && error.contains("cap.address"),
        "{error}"
    );
    let start = Start { env: &[("CHANGZHI_CAP__SENDER", "36010041600000")], ..Start::default() };
    let error = format!("{:#}", Host::start(dir.path(), start).unwrap_err());
    assert!(error.contains("cap.address") && error.contains("missing"), "{error}");
}
