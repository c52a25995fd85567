//! Open311 as other systems use it: two published clients, the rules of a published validator, the published schemas, and nonsense.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Reply, Start, python, shared};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, Weak};

const DEMO: Start = Start { demo: true, snapshot_every: None, env: &[] };
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

struct City {
    _dir: tempfile::TempDir,
    host: Host,
    key: String,
}

/// One city for the tests that run side by side; the last of them ends it.
fn city() -> Arc<City> {
    static CITY: Mutex<Weak<City>> = Mutex::new(Weak::new());
    let mut shared = CITY.lock().unwrap();
    shared.upgrade().unwrap_or_else(|| {
        let dir = tempfile::tempdir().unwrap();
        let host = Host::start(&dir.path().join("city"), DEMO).unwrap();
        let key = host.token("admin").unwrap();
        let city = Arc::new(City { _dir: dir, host, key });
        *shared = Arc::downgrade(&city);
        city
    })
}

fn get(path: &str) -> Reply {
    Client::nobody(city().host.addr).get(&format!("/open311/v2/{path}")).unwrap()
}

fn post(path: &str, form: &str) -> Reply {
    Client::nobody(city().host.addr).send(&format!("/open311/v2/{path}"), form.as_bytes(), &[FORM]).unwrap()
}

fn filed(form: &str) -> String {
    let reply = post("requests.json", &format!("api_key={}&{form}", city().key));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()[0]["service_request_id"].as_str().unwrap().to_owned()
}

/// The list of an error answer, in either format.
fn errors(reply: &Reply) -> Vec<String> {
    if reply.kind.contains("xml") {
        assert!(reply.text.contains("<errors><error><code>"), "{reply:?}");
        return reply.text.split("<description>").skip(1).map(|d| d.split('<').next().unwrap().to_owned()).collect();
    }
    let list = reply.json();
    let list = list.as_array().unwrap_or_else(|| panic!("{reply:?}"));
    assert!(list.iter().all(|e| e["code"] == reply.status), "{reply:?}");
    list.iter().map(|e| e["description"].as_str().unwrap().to_owned()).collect()
}

fn runs(script: &str, more: &[&str]) {
    let modules =
        "import requests, georeport, relaxml, simplejson, jsonschema, importlib.util as u; assert u.find_spec('three')";
    let packages = ["three==0.8.0", "georeport==0.3.1", "jsonschema"];
    let Some(python) = python("open311", modules, &[&packages]) else { return };
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/open311").join(script);
    let base = format!("http://{}/open311/v2", city().host.addr);
    let out = Command::new(python).arg(script).args([base.as_str(), city().key.as_str()]).args(more).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{said}");
    eprintln!("{said}");
}

#[test]
fn the_clients_georeport_and_three_work_against_the_city() {
    let _city = city();
    runs("clients.py", &[]);
}

#[test]
fn the_rules_of_the_validator_of_seeclickfix_hold() {
    let _city = city();
    runs("rules.py", &[]);
}

#[test]
fn every_answer_fits_the_published_schemas() {
    let _city = city();
    let Some(data) = shared() else { return };
    runs("schemas.py", &[&data.join("open311-samples").to_string_lossy()]);
}

#[test]
fn a_request_is_filed_found_listed_and_followed_without_a_word_of_its_reporter() {
    let _city = city();
    let words =
        "description=张三丰家门口的路灯不亮&first_name=Zhang&last_name=San&phone=13800001111&email=z@example.cn";
    let id = filed(&format!("service_code=street-light&lat=28.68&long=115.9&attribute[lamp]=street&{words}"));
    assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{id}");
    let one = get(&format!("requests/{id}.json"));
    let request = &one.json()[0];
    assert_eq!((request["status"].as_str(), request["service_code"].as_str()), (Some("open"), Some("street-light")));
    assert_eq!((request["lat"].as_f64(), request["long"].as_f64()), (Some(28.68), Some(115.9)));
    for name in ["requested_datetime", "updated_datetime", "expected_datetime"] {
        let time = request[name].as_str().unwrap();
        assert!(time.len() == 25 && time.ends_with("+08:00"), "{name}: {time}");
    }
    let xml = get(&format!("requests/{id}.xml"));
    assert!(xml.text.contains(&format!("<service_request_id>{id}</service_request_id>")), "{xml:?}");
    let listed = get("requests.json?service_code=street-light&status=open&page_size=5");
    assert!(listed.json().as_array().unwrap().iter().any(|r| r["service_request_id"] == id.as_str()), "{listed:?}");
    let updates = get("servicerequestupdates.xml");
    assert!(updates.text.contains(&id), "{updates:?}");
    let token = get(&format!("tokens/{id}.json"));
    assert_eq!(token.json()[0]["service_request_id"], id.as_str());
    for reply in [one, xml, listed, updates] {
        for secret in ["张三", "Zhang", "1380000", "example.cn"] {
            assert!(!reply.text.contains(secret), "{secret} in {reply:?}");
        }
    }
}

#[test]
fn a_matter_of_a_home_or_a_quarrel_is_in_no_list_and_shows_no_place() {
    let _city = city();
    let id = filed("service_code=neighbour&lat=28.68&long=115.9&description=楼上漏水");
    let listed = get("requests.json?service_code=neighbour");
    assert_eq!(listed.json(), Value::Array(vec![]));
    let updates = get("servicerequestupdates.json");
    assert!(!updates.text.contains(&id), "{updates:?}");
    let one = get(&format!("requests/{id}.json")).json();
    assert_eq!(one[0]["status"], "open");
    assert!(one[0]["lat"].is_null() && one[0]["long"].is_null() && one[0]["address"].is_null(), "{one}");
}

/// A picture of one pixel.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde\0\0\0\x0cIDAT\
    \x78\x9c\x63\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xae\x42\x60\x82";

fn in_parts(path: &str, words: &[(&str, &str)], files: &[(&str, &[u8])]) -> Reply {
    let mut body = Vec::new();
    for (name, value) in words {
        body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    for (name, bytes) in files {
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\n");
        body.extend(head.bytes().chain(bytes.iter().copied()).chain(*b"\r\n"));
    }
    body.extend(b"--x--\r\n");
    let kind = [("Content-Type", "multipart/form-data; boundary=x")];
    Client::nobody(city().host.addr).send(&format!("/open311/v2/{path}"), &body, &kind).unwrap()
}

#[test]
fn a_file_sent_along_is_a_photo_of_the_matter_and_what_is_no_photo_files_nothing() {
    let _city = city();
    let key = city().key.clone();
    let words = |more| [("api_key", key.as_str()), ("service_code", "drainage"), ("address_string", more)];
    let reply = in_parts("requests.json", &words("井盖"), &[("media", PIXEL), ("media", b"")]);
    assert_eq!(reply.status, 200, "{reply:?}");
    let code = reply.json()[0]["service_request_id"].as_str().unwrap().to_owned();
    assert!(!get(&format!("requests/{code}.json")).text.contains("files/"), "photos are in no open answer");
    let desk = city().host.client(&city().host.token("operator").unwrap());
    let listed = desk.get("/api/v1/services/reports").unwrap().json();
    let rows = listed["page"]["nodes"].as_array().unwrap_or_else(|| panic!("{listed}"));
    let row = rows.iter().find(|n| n.to_string().contains(&code)).unwrap_or_else(|| panic!("{code} in {listed}"));
    let matter = row["key"].as_str().unwrap_or_else(|| panic!("{row}"));
    let opened =
        desk.look(&format!("/api/v1/services/report?matter={matter}"), &[("X-Purpose", "handle-report")]).unwrap();
    assert!(opened.status == 200 && opened.text.contains("\"stored\""), "{opened:?}");
    for (name, bytes, word) in [("media", &b"<svg onload=1>"[..], "media"), ("virus", PIXEL, "virus")] {
        let refused = in_parts("requests.json", &words("不该有"), &[(name, bytes)]);
        assert!(refused.status >= 400 && refused.status < 500, "{refused:?}");
        assert!(!errors(&refused).is_empty(), "{word}: {refused:?}");
    }
    let seven: Vec<(&str, &[u8])> = vec![("media", PIXEL); 7];
    assert_eq!(in_parts("requests.json", &words("不该有"), &seven).status, 400);
    let update = [("api_key", key.as_str()), ("service_request_id", &code), ("update_id", "u-9")];
    assert_eq!(in_parts("servicerequestupdates.json", &update, &[("media", PIXEL)]).status, 400);
    assert!(!desk.get("/api/v1/services/reports").unwrap().text.contains("不该有"));
}

#[test]
fn an_update_is_taken_once_and_moves_nothing() {
    let _city = city();
    let id = filed("service_code=drainage&address_string=红谷中大道");
    let form = format!(
        "api_key={}&service_request_id={id}&update_id=u-1&status=FIXED&updated_datetime=2026-01-01T10:00:00%2B08:00&description=好了",
        city().key
    );
    for _ in 0..2 {
        let reply = post("servicerequestupdates.json", &form);
        assert_eq!((reply.status, reply.json()[0]["update_id"].as_str()), (200, Some("u-1")), "{reply:?}");
    }
    assert_eq!(get(&format!("requests/{id}.json")).json()[0]["status"], "open");
}

#[test]
fn whoever_has_no_key_reads_and_does_not_write() {
    let _city = city();
    let form = "service_code=drainage&address_string=x";
    for reply in [post("requests.xml", form), post("requests.json", &format!("{form}&api_key=nonsense"))] {
        assert_eq!(reply.status, 403, "{reply:?}");
        assert!(errors(&reply)[0].starts_with("api_key "), "{reply:?}");
    }
    assert_eq!(get("services.json").status, 200);
}

#[test]
fn what_is_missing_or_wrong_is_named_in_the_format_asked_for() {
    let _city = city();
    let key = format!("api_key={}&", city().key);
    let said = |form: &str, word: &str| {
        for format in ["json", "xml"] {
            let reply = post(&format!("requests.{format}"), &format!("{key}{form}"));
            assert_eq!(reply.status, 400, "{form}: {reply:?}");
            assert!(errors(&reply).iter().any(|e| e.contains(word)), "{form}: {word} in {reply:?}");
        }
    };
    said("lat=1&long=2", "service_code");
    said("service_code=drainage", "address_string");
    said("service_code=drainage&lat=1", "lat and long");
    said("service_code=drainage&lat=91&long=2", "lat");
    said("service_code=drainage&lat=NaN&long=2", "lat");
    said("service_code=unheard-of&lat=1&long=2", "service_code");
    said("service_code=drainage&address_id=nowhere", "address_id");
    said("service_code=drainage&lat=1&long=2&attribute[water]=deep", "attribute[water]");
    said("service_code=drainage&lat=1&long=2&attribute[colour]=red", "attribute[colour]");
    said("service_code=drainage&lat=1&long=2&attribute[=red", "attribute");
    said("service_code=drainage&lat=1&long=2&media_url=javascript:alert(1)", "media_url");
    said(&format!("service_code=drainage&lat=1&long=2&description={}", "词".repeat(4001)), "description");
    said("service_code=drainage&lat=1&long=2&description=%zz", "%");
    said("service_code=drainage&lat=1&long=2&description=%ff%fe", "UTF-8");
}

#[test]
fn nonsense_in_addresses_dates_and_pages_is_an_error_and_never_a_fault() {
    let _city = city();
    for (path, status) in [
        ("requests.json?start_date=yesterday", 400),
        ("requests.json?start_date=2026-02-30T00:00:00Z", 400),
        ("requests.json?start_date=2026-02-02&end_date=2026-02-01", 400),
        ("requests.json?status=half", 400),
        ("requests.json?page=0", 400),
        ("requests.json?page=x", 400),
        ("requests.json?page=9999&page_size=1000", 400),
        ("requests.json?jurisdiction_id=nowhere.gov", 404),
        ("requests/00000-00000.json", 404),
        ("requests/%3Cscript%3E.xml", 404),
        ("services/unheard-of.json", 404),
        ("services/%27%3B%20drop%20table.xml", 404),
        ("tokens/x.xml", 404),
        ("nothing.xml", 404),
        ("requests.yaml", 400),
        ("requests.json?status=%ff", 400),
    ] {
        let reply = get(path);
        assert_eq!(reply.status, status, "{path}: {reply:?}");
        assert!(!errors(&reply).is_empty() && !reply.text.contains("<script"), "{path}: {reply:?}");
    }
    let xml = Client::nobody(city().host.addr)
        .send("/open311/v2/requests.xml", b"<request><broken", &[("Content-Type", "text/xml")])
        .unwrap();
    assert_eq!(xml.status, 400);
    assert!(errors(&xml)[0].contains("form"), "{xml:?}");
    let parts = Client::nobody(city().host.addr)
        .send("/open311/v2/requests.json", b"--x\r\nbroken", &[("Content-Type", "multipart/form-data; boundary=x")])
        .unwrap();
    assert_eq!(parts.status, 400, "{parts:?}");
    // Wide ids, many ids, an unescaped +: read, not refused.
    for path in [
        "requests.json?service_request_id=a,b,c,,,",
        "requests.json?start_date=2026-01-01T00:00:00+08:00",
        "requests.json?status=",
    ] {
        assert_eq!(get(path).status, 200, "{path}");
    }
    assert_eq!(Client::nobody(city().host.addr).get("/readyz").unwrap().status, 200);
}

#[test]
fn paging_goes_through_everything_once() {
    let _city = city();
    let page = |n: usize| -> Vec<String> {
        let all = get(&format!("requests.json?page={n}&page_size=20&start_date=2020-01-01&end_date=2036-01-01")).json();
        all.as_array().unwrap().iter().map(|r| r["service_request_id"].as_str().unwrap().to_owned()).collect()
    };
    let (first, second) = (page(1), page(2));
    assert_eq!((first.len(), second.len()), (20, 20));
    assert!(first.iter().all(|id| !second.contains(id)));
    let both = get(&format!("requests.json?service_request_id={},{}", first[0], second[0])).json();
    assert_eq!(both.as_array().unwrap().len(), 2);
}

#[test]
fn updates_show_every_step_once_under_a_number_of_its_own_and_a_question_takes_several_answers() {
    let _city = city();
    let definition = get("services/street-light.json").json();
    let fault = definition["attributes"].as_array().unwrap().iter().find(|a| a["code"] == "fault").unwrap();
    assert_eq!((fault["datatype"].as_str(), fault["values"].as_array().unwrap().len()), (Some("multivaluelist"), 4));
    let two = "attribute[fault][]=dark&attribute[fault][]=wire";
    let id = filed(&format!("service_code=street-light&lat=28.68&long=115.9&description=两处毛病&{two}"));
    let wrong = post(
        "requests.json",
        &format!("api_key={}&service_code=street-light&lat=28.68&long=115.9&attribute[fault][]=pink", city().key),
    );
    assert_eq!(wrong.status, 400, "{wrong:?}");

    // The desk takes three steps; a reader who asks afterwards sees each of them, and the same again.
    let desk = city().host.client(&city().host.token("operator").unwrap());
    let listed = desk.get("/api/v1/services/reports").unwrap().json();
    let rows = listed["page"]["nodes"].as_array().unwrap();
    let matter: u64 =
        rows.iter().find(|n| n.to_string().contains(&id)).unwrap()["key"].as_str().unwrap().parse().unwrap();
    let steps = [
        ("accept", serde_json::json!({"matter": matter})),
        ("assign", serde_json::json!({"matter": matter, "agency": "lamps"})),
    ];
    for (command, body) in steps {
        let done = desk.command(&format!("services/{command}"), &body, &format!("{id}-{command}")).unwrap();
        assert_eq!(done.status, 200, "{done:?}");
    }
    let report =
        desk.look(&format!("/api/v1/services/report?matter={matter}"), &[("X-Purpose", "handle-report")]).unwrap();
    assert!(report.text.contains("怎么了：不亮、电线外露"), "{}", report.text);
    let own = || -> Vec<(String, String)> {
        let all = get("servicerequestupdates.json").json();
        let mine = all.as_array().unwrap().iter().filter(|u| u["service_request_id"] == id.as_str()).cloned();
        mine.map(|u| (u["update_id"].as_str().unwrap().to_owned(), u["status"].as_str().unwrap().to_owned())).collect()
    };
    let seen = own();
    let words: Vec<&str> = seen.iter().map(|(_, s)| s.as_str()).collect();
    assert_eq!(words, ["OPEN", "OPEN", "IN_PROGRESS"], "{seen:?}");
    assert!(seen.iter().enumerate().all(|(n, (number, _))| seen[..n].iter().all(|(other, _)| other != number)));
    assert_eq!(own(), seen);
}

#[test]
fn the_pin_is_told_to_whoever_asks_for_it_once_and_answers_are_the_standards_otherwise() {
    let _city = city();
    let form = |more: &str| {
        format!("api_key={}&service_code=street-light&lat=28.68&long=115.9&description=灯&{more}", city().key)
    };
    let plain = post("requests.json", &form("")).json();
    let keys: Vec<&str> = plain[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys.len(), 3, "{plain}");
    let told = post("requests.json", &form("pin=true")).json();
    let (code, pin) = (told[0]["service_request_id"].as_str().unwrap(), told[0]["pin"].as_str().unwrap());
    assert_eq!(pin.chars().filter(char::is_ascii_digit).count(), 8);
    for reply in [get(&format!("requests/{code}.json")), get("servicerequestupdates.json")] {
        assert!(!reply.text.contains(pin), "{reply:?}");
    }
    // It opens the request at /track, as any PIN does; the one that was not asked for is none.
    let nobody = Client::nobody(city().host.addr);
    let page = nobody.get("/track").unwrap();
    let csrf = page.text.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let cookie = page.cookies().join("; ");
    let opens = |code: &str, pin: &str| {
        let body = format!("_csrf={csrf}&code={code}&pin={}", pin.replace(' ', "+"));
        nobody.send("/track", body.as_bytes(), &[FORM, ("Cookie", &cookie)]).unwrap().status
    };
    assert_eq!(opens(code, pin), 303);
    assert_ne!(opens(plain[0]["service_request_id"].as_str().unwrap(), pin), 303);
}
