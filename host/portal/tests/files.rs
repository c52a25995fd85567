//! Files people attach, on a real server: what is taken, from whom, for what, and who may open it. Half of the senders are hostile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_blobs::{Blobs, Memory};
use changzhi_gate::{Core, Outcome};
use changzhi_model::*;
use changzhi_portal::{FileOptions, PortalOptions, sweep_files};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use support::*;

const PAPER: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

fn photo() -> Vec<u8> {
    let image = image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let mut out = Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(image).write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
    let mut jpeg = out.into_inner();
    jpeg.splice(2..2, [&[0xff, 0xe1, 0, 18][..], b"Exif\0\0GPS 28.68N"].concat());
    jpeg.extend(b"<script>alert(1)</script>");
    jpeg
}

struct Place {
    h: Host,
    blobs: Arc<Memory>,
}

/// A desk whose cases take photos, before a city of hash maps.
fn place() -> Place {
    let blobs = Arc::new(Memory::default());
    let files = FileOptions { store: Arc::clone(&blobs) as Arc<dyn Blobs>, ..FileOptions::default() };
    let h = Host::start(PortalOptions { files, body: 10_000, ..PortalOptions::default() });
    let mut manifests = h.city.inner.manifests.lock().unwrap();
    let at = manifests.iter().position(|m| m.id == "desk").unwrap();
    let mut desk = (*manifests[at]).clone();
    let photos =
        FieldDecl { sensitivity: Sensitivity::Personal, max: Some(3.0), ..FieldDecl::new("photos", FieldType::Files) };
    desk.commands[0].fields.push(photos.clone());
    desk.facets[0].fields.push(photos);
    let drawing =
        FieldDecl { sensitivity: Sensitivity::Internal, required: false, ..FieldDecl::new("plan", FieldType::Files) };
    desk.facets[0].fields.push(drawing);
    manifests[at] = Arc::new(desk);
    drop(manifests);
    town::account(&h.gate, "boss", &[("clerk", None)], &[]);
    Place { h, blobs }
}

impl Place {
    fn send(&self, cookie: &str, key: &str, bytes: &[u8]) -> Reply {
        let headers = [("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"), ("Idempotency-Key", key)];
        self.h.send("POST", "/files/desk?name=%E8%B7%AF%E7%81%AF.jpg", &headers, bytes)
    }

    /// A record takes a file, as the commit does it.
    fn takes(&self, record: EntityId, file: u64) {
        let mut tables = self.h.city.inner.tables.lock().unwrap();
        tables.cells.insert((file, "host.file".into(), "of".into()), Value::Entity(record));
    }

    fn open(&self, cookie: &str, file: u64, purpose: &str) -> Reply {
        self.h.send("GET", &format!("/files/{file}{purpose}"), &[("Cookie", cookie)], b"")
    }

    fn sealed(&self) -> usize {
        self.blobs.list().unwrap().len()
    }
}

fn id(reply: &Reply) -> u64 {
    assert_eq!(reply.status, 201, "{} {}", reply.head, reply.body);
    reply.json()["id"].as_u64().unwrap()
}

#[test]
fn a_photo_is_kept_sealed_without_its_place_and_the_same_sending_is_one_file() {
    let p = place();
    let li = p.h.browser("li");
    let sent = p.send(&li, "k-1", &photo());
    let file = id(&sent);
    assert_eq!(sent.json()["type"], "image/jpeg");
    assert_eq!(id(&p.send(&li, "k-1", &photo())), file, "the answer was lost, and it is sent again");
    assert_ne!(id(&p.send(&li, "k-2", &photo())), file);
    assert_eq!(p.sealed(), 2, "nothing is left of the second sending");
    for (name, _) in p.blobs.list().unwrap() {
        let bytes = p.blobs.get(name).unwrap();
        assert!(!bytes.windows(3).any(|w| w == b"\xff\xd8\xff") && !bytes.windows(3).any(|w| w == b"GPS"));
    }
    let told = p.h.city.inner.submitted.lock().unwrap().last().unwrap().clone();
    assert_eq!((told.plugin.as_str(), told.command.as_str(), told.actor.id), ("host", "keep-file", p.h.id("li")));
    p.h.stop();
}

#[test]
fn a_file_opens_for_whoever_may_open_its_record_for_a_purpose_and_each_opening_is_written_down_first() {
    let p = place();
    let (li, boss, guest) = (p.h.browser("li"), p.h.browser("boss"), p.h.browser("guest"));
    let case = p.h.matter(900, p.h.id("li"), "路灯不亮");
    let file = id(&p.send(&li, "k", &photo()));
    let purpose = "?_purpose=mediation";
    assert_eq!(p.open(&li, file, purpose).status, 404, "no record has taken it: it is nobody's to open");
    p.takes(case, file);
    let before = p.h.city.inner.journal.lock().unwrap().len();
    let shown = p.open(&li, file, purpose);
    assert_eq!(shown.status, 200, "{} {}", shown.head, shown.body);
    let header = |n: &str| shown.header(n).unwrap_or_default();
    assert_eq!((header("content-type").as_str(), header("x-content-type-options").as_str()), ("image/jpeg", "nosniff"));
    assert!(header("content-security-policy").starts_with("default-src 'none'; sandbox"), "{}", shown.head);
    assert!(
        header("content-disposition").starts_with("inline; filename=\"file-")
            && header("cache-control").contains("no-store")
    );
    assert!(header("content-disposition").ends_with("filename*=UTF-8''%E8%B7%AF%E7%81%AF.jpg"), "{}", shown.head);
    assert!(!shown.body.contains("GPS") && !shown.body.contains("<script>"));
    let looked = p.h.city.inner.journal.lock().unwrap()[before..].to_vec();
    let [look] = looked.as_slice() else { panic!("{looked:?}") };
    assert_eq!((look.actor, look.purpose.as_str()), (p.h.id("li"), "mediation"));
    assert!(matches!(&look.facts[..], [Fact::Looked { entity, facet, .. }] if *entity == case && facet == "host.file"));
    let without = p.open(&li, file, "");
    assert_eq!((without.status, without.json()["code"].as_str()), (422, Some("purpose-needed")), "{}", without.body);
    assert_eq!(p.open(&boss, file, purpose).status, 403, "a purpose of somebody else's");
    assert_eq!(p.open(&guest, file, purpose).status, 403, "no role that opens the record");
    assert_eq!(p.open("", file, purpose).status, 401);
    for wrong in ["0", "-1", "99999999999999999999", "..%2f..%2fetc", "9223372036854775808", "123456"] {
        assert_eq!(
            p.h.send("GET", &format!("/files/{wrong}{purpose}"), &[("Cookie", &li)], b"").status,
            404,
            "{wrong}"
        );
    }
    assert_eq!(p.h.city.inner.journal.lock().unwrap().len(), before + 1, "what was refused was no look");
    *p.h.city.failed.lock().unwrap() = Some("the disk is gone".into());
    assert_eq!(p.open(&li, file, purpose).status, 503, "what cannot be written down is not shown");
    p.h.stop();
}

#[test]
fn a_file_of_a_thing_opens_without_a_purpose_and_its_look_is_entered_all_the_same() {
    let p = place();
    let (li, guest) = (p.h.browser("li"), p.h.browser("guest"));
    let case = p.h.matter(900, p.h.id("li"), "路灯不亮");
    let (drawing, photo) = (id(&p.send(&li, "k1", &photo())), id(&p.send(&li, "k2", &photo())));
    p.takes(case, drawing);
    p.takes(case, photo);
    let facet =
        p.h.city.inner.manifests.lock().unwrap().iter().find(|m| m.id == "desk").unwrap().facets[0].name.clone();
    let named = Value::Text(format!("7 {drawing}"));
    p.h.city.inner.tables.lock().unwrap().cells.insert((case.0, facet.to_string(), "plan".into()), named);
    let before = p.h.city.inner.journal.lock().unwrap().len();
    let shown = p.open(&li, drawing, "");
    assert_eq!(shown.status, 200, "{} {}", shown.head, shown.body);
    assert!(shown.header("cache-control").unwrap().contains("no-store"));
    assert_eq!(p.open(&li, drawing, "?_purpose=mediation").status, 200);
    let looked = p.h.city.inner.journal.lock().unwrap()[before..].to_vec();
    let purposes: Vec<&str> = looked.iter().map(|look| look.purpose.as_str()).collect();
    assert_eq!(purposes, ["no-persons", "mediation"], "each look by what was said");
    assert_eq!(p.open(&li, photo, "").status, 422, "of the same record, in a sealed field");
    assert_eq!(p.open(&guest, drawing, "").status, 403, "who may not open the record opens neither");
    assert_eq!(p.open("", drawing, "").status, 401);
    p.h.stop();
}

#[test]
fn a_damaged_or_erased_file_is_told_to_be_so() {
    let p = place();
    let li = p.h.browser("li");
    let case = p.h.matter(900, p.h.id("li"), "路灯不亮");
    let (one, two) = (id(&p.send(&li, "k1", &photo())), id(&p.send(&li, "k2", PAPER)));
    p.takes(case, one);
    p.takes(case, two);
    let paper = p.open(&li, two, "?_purpose=mediation");
    assert_eq!(paper.body.as_bytes(), PAPER);
    assert!(paper.header("content-disposition").unwrap().starts_with("attachment;"), "a viewer is a program");
    p.blobs.list().unwrap().into_iter().for_each(|(name, _)| p.blobs.damage(name));
    let damaged = p.open(&li, one, "?_purpose=mediation");
    assert_eq!((damaged.status, damaged.json()["code"].as_str()), (500, Some("file-damaged")));
    changzhi_portal::Town::erase(&*p.h.city, case, &"retention".into()).unwrap();
    assert_eq!(p.open(&li, one, "?_purpose=mediation").status, 410);
    p.h.stop();
}

#[test]
fn what_is_not_taken_is_refused_with_words_and_leaves_nothing() {
    let p = place();
    let li = p.h.browser("li");
    let cases: [(&[u8], u16, &str); 6] = [
        (b"", 422, "空的"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", 415, "HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415, "SVG"),
        (b"PK\x03\x04 a whole archive", 415, "PDF"),
        (b"\xff\xd8\xff\xe0 broken off", 422, "损坏"),
        (b"%PDF-1.7 broken off", 422, "损坏"),
    ];
    for (bytes, status, words) in cases {
        let reply = p.send(&li, "k", bytes);
        assert_eq!(reply.status, status, "{}", reply.body);
        assert!(reply.json()["detail"].as_str().unwrap().contains(words), "{}", reply.body);
    }
    let large = vec![0xff; (10 << 20) + 1];
    let reply = p.send(&li, "k", &large);
    assert_eq!(reply.status, 413);
    assert_eq!(p.sealed(), 0);
    // Broken off on the way: fewer bytes came than were said.
    let head = format!(
        "POST /files/desk HTTP/1.1\r\nHost: test\r\nConnection: close\r\nCookie: {li}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 5000\r\n\r\n"
    );
    let mut bytes = head.into_bytes();
    bytes.extend(&photo()[..100]);
    {
        use std::io::Write;
        let mut socket = std::net::TcpStream::connect(p.h.addr).unwrap();
        socket.write_all(&bytes).unwrap();
    }
    assert_eq!(p.sealed(), 0);
    p.h.stop();
}

#[test]
fn only_who_may_give_a_command_with_files_may_send_one_and_only_from_our_own_page() {
    let p = place();
    let (li, guest) = (p.h.browser("li"), p.h.browser("guest"));
    assert_eq!(p.send(&guest, "k", &photo()).status, 403);
    assert_eq!(p.send("", "k", &photo()).status, 401);
    let foreign = [("Cookie", li.as_str()), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(p.h.send("POST", "/files/desk", &foreign, &photo()).status, 403);
    for none in ["host", "nobody", "..%2fdesk"] {
        let own = [("Cookie", li.as_str()), ("Sec-Fetch-Site", "same-origin")];
        assert_eq!(p.h.send("POST", &format!("/files/{none}"), &own, &photo()).status, 404, "{none}");
    }
    let key = "k".repeat(201);
    assert_eq!(p.send(&li, &key, &photo()).status, 400);
    assert_eq!(p.sealed(), 0);
    // A token is as good: a program sends files too.
    let token = p.h.api("POST", "/files/desk", &[("Content-Type", "image/svg+xml")], &photo());
    assert_eq!(token.json()["type"], "image/jpeg", "what it says of itself is not asked");
    p.h.stop();
}

#[test]
fn nobody_fills_the_disk_with_files_that_belong_to_no_form() {
    let p = place();
    let li = p.h.browser("li");
    for n in 0..60 {
        id(&p.send(&li, &format!("k{n}"), PAPER));
    }
    let more = p.send(&li, "one-more", PAPER);
    assert_eq!(more.status, 429, "{}", more.body);
    assert_eq!(id(&p.send(&li, "k7", PAPER)), id(&p.send(&li, "k7", PAPER)), "what is there is still answered");
    p.h.stop();
}

const EDGE: &str = "----edge";

fn part(name: &str, file: Option<&str>, bytes: &[u8]) -> Vec<u8> {
    let file = file.map_or(String::new(), |f| format!("; filename=\"{f}\"\r\nContent-Type: text/html"));
    let mut out = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").into_bytes();
    out.extend(bytes);
    out.extend(b"\r\n");
    out
}

fn multipart(p: &Place, cookie: &str, parts: &[Vec<u8>]) -> Reply {
    let mut body = parts.concat();
    body.extend(format!("--{EDGE}--\r\n").into_bytes());
    let kind = format!("multipart/form-data; boundary={EDGE}");
    let headers = [
        ("Cookie", cookie),
        ("Accept", "text/html"),
        ("Content-Type", kind.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    p.h.send("POST", "/do/desk/file", &headers, &body)
}

fn given(p: &Place) -> Vec<Value> {
    p.h.city.inner.submitted.lock().unwrap().iter().rev().find(|s| s.plugin == "desk").unwrap().body.clone()
}

#[test]
fn a_form_without_a_script_sends_its_photos_and_the_command_gets_their_numbers() {
    let p = place();
    let li = p.h.browser("li");
    let page = p.h.page(&li, "/do/desk/file");
    assert!(page.body.contains("enctype=\"multipart/form-data\"") && page.body.contains("capture=\"environment\""));
    let head = || {
        vec![
            part("_csrf", None, page.csrf().as_bytes()),
            part("_key", None, b"form-1"),
            part("title", None, "路灯".as_bytes()),
        ]
    };
    let whole = [
        head(),
        vec![
            part("photos", Some(""), b""),
            part("photos", Some("a.svg"), &photo()),
            part("photos", Some("../b.pdf"), PAPER),
        ],
    ]
    .concat();
    let done = multipart(&p, &li, &whole);
    assert_eq!(done.status, 303, "{}", done.body);
    let body = given(&p);
    assert_eq!(body[0].as_text(), Some("路灯"));
    let ids: Vec<u64> = body[2].as_text().unwrap().split(' ').map(|id| id.parse().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(multipart(&p, &li, &whole).status, 303);
    assert_eq!(given(&p)[2], body[2], "sent again, they are the same files");
    assert_eq!(p.sealed(), 2);
    p.h.stop();
}

#[test]
fn one_bad_file_is_told_at_its_field_and_the_rest_of_the_form_stays() {
    let p = place();
    let li = p.h.browser("li");
    let csrf = p.h.page(&li, "/do/desk/file").csrf();
    let head = || {
        vec![
            part("_csrf", None, csrf.as_bytes()),
            part("_key", None, b"form-2"),
            part("title", None, "路灯".as_bytes()),
        ]
    };
    let good = || part("photos", Some("a.jpg"), &photo());
    let wrong =
        multipart(&p, &li, &[head(), vec![good(), part("photos", Some("x.jpg"), b"<svg onload=alert(1)>")]].concat());
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("SVG") && wrong.body.contains("value=\"路灯\"") && wrong.body.contains("已收到的文件 1"),
        "{}",
        wrong.body
    );
    let many = multipart(
        &p,
        &li,
        &[head(), (0..4).map(|n| part("photos", Some("a.pdf"), &[PAPER, &[n]].concat())).collect()].concat(),
    );
    assert!(many.status == 422 && many.body.contains("最多 3 个"), "{}", many.body);
    let large = multipart(
        &p,
        &li,
        &[head(), vec![part("photos", Some("x.jpg"), &vec![0xff; (10 << 20) + 1]), good()]].concat(),
    );
    assert!(large.status == 422 && large.body.contains("10 MB"), "{}", large.body);
    // What was kept goes with the form when it is mended.
    let ids: Vec<String> = wrong
        .body
        .match_indices("name=\"photos\" value=\"")
        .map(|(at, m)| wrong.body[at + m.len()..].split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 1);
    let mended = p.h.form(&li, "/do/desk/file", &format!("_csrf={csrf}&_key=form-2&title=ok&photos={}", ids[0]));
    assert_eq!((mended.status, given(&p)[2].as_text()), (303, Some(ids[0].as_str())));
    p.h.stop();
}

#[test]
fn a_form_of_another_site_or_a_wild_one_keeps_no_file() {
    let p = place();
    let li = p.h.browser("li");
    let csrf = p.h.page(&li, "/do/desk/file").csrf();
    let own = || part("_csrf", None, csrf.as_bytes());
    let file = || part("photos", Some("a.jpg"), &photo());
    assert_eq!(multipart(&p, &li, &[file(), own()]).status, 403, "the secret stands before the first file");
    assert_eq!(multipart(&p, &li, &[part("_csrf", None, b"wrong"), file()]).status, 403);
    assert_eq!(multipart(&p, &li, &[own(), part("title", Some("t.jpg"), &photo())]).status, 400, "no field of files");
    assert_eq!(multipart(&p, &li, &[own(), part("title", None, &vec![b'x'; 20_000])]).status, 413);
    assert_eq!(multipart(&p, &li, &[vec![own()], vec![part("x", None, b""); 512]].concat()).status, 400);
    assert_eq!(multipart(&p, &li, &[own(), part("title", None, b"\xff\xfe")]).status, 400);
    let kind = "multipart/form-data; boundary=x";
    let headers = [("Cookie", li.as_str()), ("Content-Type", kind), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(p.h.send("POST", "/do/desk/file", &headers, b"--x\r\nContent-Disp").status, 400, "broken off");
    assert_eq!(p.sealed(), 0);
    // Text alone has its old limit.
    assert_eq!(p.h.form(&li, "/do/desk/file", &format!("_csrf={csrf}&title={}", "x".repeat(20_000))).status, 413);
    p.h.stop();
}

#[test]
fn numbers_of_files_are_numbers_and_nothing_else() {
    let p = place();
    let call = |photos: &str| {
        p.h.api("POST", "/api/v1/desk/file", &[], format!("{{\"title\":\"x\",\"photos\":{photos}}}").as_bytes())
    };
    assert_eq!(call("[7, 8, 7]").status, 200);
    assert_eq!(given(&p)[2].as_text(), Some("7 8"));
    for wrong in ["[0]", "[-1]", "[1.5]", "\"x\"", "[\"7\"]", "{}", "[1,2,3,4]", "[9223372036854775808]"] {
        assert_eq!(call(wrong).status, 422, "{wrong}");
    }
    p.h.stop();
}

#[test]
fn what_nobody_took_in_time_is_swept_away_with_its_key_and_what_was_taken_stays() {
    let p = place();
    let li = p.h.browser("li");
    let case = p.h.matter(900, p.h.id("li"), "路灯不亮");
    let (taken, left) = (id(&p.send(&li, "k1", &photo())), id(&p.send(&li, "k2", &photo())));
    p.takes(case, taken);
    let files = |wait| FileOptions { store: Arc::clone(&p.blobs) as Arc<dyn Blobs>, wait, ..FileOptions::default() };
    let now = p.h.city.inner.clock.now();
    let day = Duration::from_secs(24 * 3600);
    let swept = sweep_files(&*p.h.city, &p.h.gate, &files(day), now).unwrap();
    assert_eq!((swept.files, swept.blobs), (0, 0), "not yet");
    // Bytes the journal never heard of.
    p.blobs.put(b"stray").unwrap();
    let swept = sweep_files(&*p.h.city, &p.h.gate, &files(Duration::ZERO), now).unwrap();
    assert_eq!((swept.files, p.sealed()), (1, 1), "{swept:?}");
    assert_eq!(p.open(&li, taken, "?_purpose=mediation").status, 200);
    let tables = p.h.city.inner.tables.lock().unwrap();
    assert!(!tables.sealed.contains_key(&(left, "host.file".into(), "key".into())));
    assert_eq!(tables.cells[&(left, "host.file".into(), "by".into())], Value::None, "nobody can take it any more");
    drop(tables);
    p.h.stop();
}

#[test]
fn an_edit_of_what_somebody_else_has_changed_is_told_so_by_its_own_code() {
    let p = place();
    *p.h.city.inner.other.lock().unwrap() = Some(Box::new(|s| match &s.expected {
        Some(expected) if expected.revision < Seq(9) => Outcome::Outdated(expected.entities.clone()),
        _ => Outcome::Done { seq: Seq(42), answer: Vec::new(), changed: true, replayed: false },
    }));
    let call = |tag: &str| {
        let more = [("If-Match", tag)];
        p.h.api("POST", "/api/v1/desk/all", &more[..usize::from(!tag.is_empty())], b"{\"flag\":true,\"e\":7}")
    };
    p.h.city.inner.tables.lock().unwrap().cores.insert(
        7,
        Core {
            family: Family::Events,
            kind: "case".into(),
            category: "x".into(),
            state: "open".into(),
            at: Micros(0),
            within: None,
        },
    );
    let old = call("\"8\"");
    assert_eq!((old.status, old.json()["code"].as_str()), (409, Some("outdated")), "{}", old.body);
    assert!(old.json()["detail"].as_str().unwrap().contains('7'), "{}", old.body);
    assert_eq!(call("\"9\"").status, 200);
    assert_eq!(call("").status, 200, "who says nothing of what was seen is not held to it");
    assert_eq!(call("abc").status, 400);
    p.h.stop();
}
