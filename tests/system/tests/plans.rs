//! The plan of a place over HTTP on the real binary: a photo of it from a phone, hostile files, who may see it, and an alarm that shows it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start};
use serde_json::{Value, json};
use std::io::Cursor;
use std::sync::atomic::{AtomicU32, Ordering};

fn key() -> String {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    format!("plan-{}", GIVEN.fetch_add(1, Ordering::Relaxed))
}

/// A picture as a phone writes it: with where it was taken, and with something behind its end.
fn photo() -> Vec<u8> {
    let image = image::RgbImage::from_fn(1_200, 800, |x, y| image::Rgb([(x % 251) as u8, (y % 241) as u8, 200]));
    let mut out = Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(image).write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
    let mut jpeg = out.into_inner();
    jpeg.splice(2..2, [&[0xff, 0xe1, 0, 18][..], b"Exif\0\0GPS 28.68N"].concat());
    jpeg.extend(b"<script>alert(1)</script>");
    jpeg
}

fn drawing() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let image = image::DynamicImage::ImageRgb8(image::RgbImage::from_pixel(600, 400, image::Rgb([255, 255, 255])));
    image.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn sends(client: &Client, bytes: &[u8]) -> (u16, Value) {
    let key = key();
    let headers = [("Idempotency-Key", key.as_str()), ("Content-Type", "image/png"), ("Sec-Fetch-Site", "same-origin")];
    let reply = client.send("/files/command?name=plan.png", bytes, &headers).unwrap();
    (reply.status, reply.json())
}

fn plan(place: &Value, floor: &str, picture: &Value) -> Value {
    json!({
        "place": place, "floor": floor, "plan": [picture], "words": "走廊东西向", "entrances": "北门", "assembly": "北门外广场",
        "marks": "entrance 12,80 北门", "source": "后勤科", "as_of": "2026-01-01T00:00:00Z"
    })
}

/// A page as a browser without scripts gets it.
fn page(reader: &Client, path: &str) -> String {
    let reply = reader.look(path, &[("Accept", "text/html")]).unwrap();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.text
}

/// The files of the plans on an alarm's page, in order.
fn pictures(reader: &Client, alarm: &Value) -> Vec<u64> {
    let html = page(reader, &format!("/p/command/alarm?alarm={alarm}"));
    html.split("<img src=\"/files/").skip(1).filter_map(|rest| rest.split(['"', '?']).next()?.parse().ok()).collect()
}

#[test]
fn a_plan_is_put_in_by_whoever_looks_after_the_place_and_seen_by_whoever_answers_its_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city");
    let host = Host::start(&data, Start { demo: true, ..Start::default() }).unwrap();
    let token = |login: &str| host.token(login).unwrap();
    let tokens = ["admin", "hospital", "school", "operator", "resident", "guard-1"].map(token);
    let [admin, hospital, school, seat, resident, guard] = tokens.each_ref().map(|token| host.client(token));
    let body = json!({"kind": "facility", "category": "hospital", "code": "plan-hospital", "name": "急救中心", "parent": "360104"});
    let place = admin.gives("host/create-place", &body).unwrap()["place"].clone();

    // What is no picture is refused by what it is, whatever it calls itself; nothing of it is kept.
    let wall = [&drawing()[..16], &[0, 1, 0, 0, 0, 1, 0, 0], &drawing()[24..]].concat();
    for (bytes, status) in [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), 415),
        (b"<!doctype html><script>alert(1)</script>".to_vec(), 415),
        (b"\x89PNG\r\n\x1a\n broken off".to_vec(), 422),
        (b"GIF89a;".to_vec(), 415),
        (Vec::new(), 422),
    ] {
        let (told, problem) = sends(&hospital, &bytes);
        assert_eq!(told, status, "{problem}");
    }
    let (told, problem) = sends(&hospital, &wall);
    assert!(told == 413 || told == 422, "a few bytes that say they are as large as a wall: {told} {problem}");
    let (_, paper) = sends(&hospital, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n");
    let refused = hospital.command("command/set-plan", &plan(&place, "3 楼", &paper["id"]), &key()).unwrap();
    assert_eq!(refused.status, 422, "a paper is no picture: {refused:?}");
    assert_eq!(sends(&resident, &drawing()).0, 403, "who may put nothing in sends nothing");

    let (told, sent) = sends(&hospital, &photo());
    assert_eq!((told, &sent["type"]), (201, &json!("image/jpeg")), "{sent}");
    let stolen = admin.command("command/set-plan", &plan(&place, "3 楼", &sent["id"]), &key()).unwrap();
    assert_eq!(stolen.status, 422, "another's file: {stolen:?}");
    hospital.gives("command/set-plan", &plan(&place, "3 楼", &sent["id"])).unwrap();
    let (_, ground) = sends(&hospital, &drawing());
    hospital.gives("command/set-plan", &plan(&place, "1 楼", &ground["id"])).unwrap();
    let (_, foreign) = sends(&school, &drawing());
    let refused = school.command("command/set-plan", &plan(&place, "3 楼", &foreign["id"]), &key()).unwrap();
    assert_eq!(refused.status, 403, "of another district: {refused:?}");

    let ring = json!({"place": place, "category": "help", "floor": "3F", "room": "302"});
    let alarm = resident.gives("command/ring", &ring).unwrap()["alarm"].clone();
    let (third, first) = (sent["id"].as_u64().unwrap(), ground["id"].as_u64().unwrap());
    let password = host.password("operator").unwrap();
    let reader = Client::sign_in(host.addr, "operator", &password).unwrap();
    assert_eq!(pictures(&reader, &alarm), [third, first], "the floor that was pressed, then the other");
    let page = page(&reader, &format!("/p/command/alarm?alarm={alarm}"));
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("no {what}: {page}"));
    assert!(at("/do/command/acknowledge") < at("/files/"), "taking it comes first");
    assert!(at("loading=\"lazy\"") > 0 && at("走廊东西向") > 0 && at("12%") > 0);

    let address = format!("/files/{third}");
    for who in [&seat, &guard, &hospital, &admin] {
        let (status, kind, bytes) = who.file(&address).unwrap();
        assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
        let has = |what: &[u8]| bytes.windows(what.len()).any(|w| w == what);
        assert!(bytes.starts_with(b"\xff\xd8\xff") && !has(b"GPS") && !has(b"<script>"), "drawn anew");
    }
    assert_eq!(resident.file(&address).unwrap().0, 403, "whoever pressed sees no plan");
    assert_eq!(school.file(&address).unwrap().0, 403, "nor the duty officer of another district");
    assert_eq!(Client::nobody(host.addr).file(&address).unwrap().0, 401, "nor whoever has the address");

    // A new one ends the old one, which the alarm goes on showing.
    let (_, newer) = sends(&hospital, &drawing());
    hospital.gives("command/set-plan", &plan(&place, "三层", &newer["id"])).unwrap();
    assert_eq!(pictures(&reader, &alarm)[0], third, "what was in force when it rang");
    host.kill().unwrap();
    let host = Host::start(&data, Start::default()).unwrap();
    let seat = host.client(&tokens[3]);
    let reader = Client::sign_in(host.addr, "operator", &password).unwrap();
    assert_eq!(pictures(&reader, &alarm)[0], third);
    assert_eq!(seat.file(&address).unwrap().0, 200);
}

#[test]
fn the_demo_citys_hospital_has_the_plans_of_two_floors() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&dir.path().join("city"), Start { demo: true, ..Start::default() }).unwrap();
    let seat = Client::sign_in(host.addr, "operator", &host.password("operator").unwrap()).unwrap();
    let list = page(&seat, "/p/command/plans");
    assert!(list.contains("1 楼") && list.contains("3 楼"), "{list}");
    let plan =
        list.split("floor-plan=").nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap().to_owned();
    let one = page(&seat, &format!("/p/command/floor-plan?floor-plan={plan}"));
    let file = one.split("<img src=\"/files/").nth(1).unwrap().split(['"', '?']).next().unwrap();
    let (status, kind, bytes) = seat.file(&format!("/files/{file}")).unwrap();
    assert_eq!((status, kind.as_str()), (200, "image/png"));
    assert!(bytes.len() < 60_000, "{}", bytes.len());
}
