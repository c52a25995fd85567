//! What a broken or hostile client sends: the right status, a problem document, and a host that stays up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Reply, Start, body};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

const FILE: &str = "/api/v1/services/file-report";

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.problem().unwrap().as_str()), (status, code), "{reply:?}");
}

/// Bytes as they are, then no more from this side; what comes back.
fn raw(addr: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // The host may answer and close before it has read everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

#[test]
fn bad_input_is_refused_with_a_problem_document_and_the_host_stays_up() {
    let dir = tempfile::tempdir().unwrap();
    let mut host = Host::start(&dir.path().join("city"), Start { demo: true, ..Start::default() }).unwrap();
    let token = host.token("admin").unwrap();
    let (admin, addr) = (host.client(&token), host.addr);
    let json = [("Content-Type", "application/json")];

    // bodies that are no JSON, or another text than UTF-8
    refused(&admin.send(FILE, b"{\"title\": \"x", &json).unwrap(), 400, "json");
    refused(&admin.send(FILE, b"", &json).unwrap(), 400, "json");
    refused(&admin.send(FILE, b"{\"title\": \"\xc2\xb7\xb5\xc6\"}", &json).unwrap(), 400, "encoding");
    refused(&admin.send(FILE, "[".repeat(200_000).as_bytes(), &json).unwrap(), 400, "json");
    refused(
        &admin.send(FILE, b"title=x", &[("Content-Type", "application/x-www-form-urlencoded")]).unwrap(),
        415,
        "content-type",
    );
    refused(
        &admin.send(FILE, b"{}", &[("Content-Type", "application/json; charset=gbk")]).unwrap(),
        415,
        "content-type",
    );

    // A byte too many; on a connection of its own, since the host may close it with something unread.
    let large = vec![b' '; (1 << 20) + 1];
    refused(&host.client(&token).send(FILE, &large, &json).unwrap(), 413, "too-large");

    // JSON of another shape: every wrong field is named
    for wrong in [json!([]), json!("x"), json!(null), json!({}), json!({"title": 7, "category": "noise"})] {
        refused(&admin.post(FILE, &wrong, &[]).unwrap(), 422, "invalid");
    }
    let many = admin.post(FILE, &json!({"category": 1, "place": "x", "position": [1], "colour": "red"}), &[]).unwrap();
    refused(&many, 422, "invalid");
    let fields: Vec<_> = many.json()["errors"].as_array().unwrap().iter().map(|e| e["field"].to_string()).collect();
    for field in ["title", "category", "place", "position", "colour"] {
        assert!(fields.iter().any(|f| f.contains(field)), "{field} is not named in {fields:?}");
    }
    refused(&admin.post(FILE, &json!({"title": "字".repeat(201), "category": "noise"}), &[]).unwrap(), 422, "invalid");
    refused(
        &admin.post(FILE, &json!({"title": "x", "category": "noise", "channel": "pigeon"}), &[]).unwrap(),
        422,
        "invalid",
    );

    // addresses that are not there
    refused(&admin.post("/api/v1/services/no-such", &json!({}), &[]).unwrap(), 404, "not-found");
    refused(&admin.post("/api/v1/no-such/file-report", &json!({}), &[]).unwrap(), 404, "not-found");
    refused(&admin.get("/api/v1/services/no-such").unwrap(), 404, "not-found");
    assert_eq!(admin.get("/api/v1/services/%ff").unwrap().status, 400);
    refused(&admin.get("/api/v2").unwrap(), 404, "not-found");
    refused(&admin.get("/api/v1/services/reports?page=x").unwrap(), 422, "invalid");

    // who one is, and headers
    for who in [Client::nobody(addr), Client::with_token(addr, "cz_wrong"), Client::with_token(addr, "")] {
        refused(&who.post(FILE, &body("x"), &[]).unwrap(), 401, "not-signed-in");
        refused(&who.get("/api/v1/services/overview").unwrap(), 401, "not-signed-in");
    }
    let resident = host.client(&host.token("resident").unwrap());
    refused(&resident.get("/api/v1/services/overview").unwrap(), 403, "role");
    let long = "k".repeat(201);
    refused(&admin.post(FILE, &body("x"), &[("Idempotency-Key", &long)]).unwrap(), 400, "key");
    refused(&admin.post(FILE, &body("x"), &[("X-Place", "-1")]).unwrap(), 400, "header");
    refused(&admin.post(FILE, &body("x"), &[("X-Purpose", "curiosity")]).unwrap(), 403, "purpose");

    // one key, two bodies
    assert_eq!(admin.command("services/file-report", &body("one"), "twice").unwrap().status, 200);
    refused(&admin.command("services/file-report", &body("two"), "twice").unwrap(), 409, "conflict");

    // bytes that are no HTTP, or end too early
    let head = format!(
        "POST {FILE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    );
    for cut in [
        format!("{head}Content-Length: 500\r\n\r\n{{\"title\""),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"ti"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nZZ\r\n"),
    ] {
        let answer = raw(addr, cut.as_bytes());
        assert!(matches!(status(&answer), None | Some(400)), "{answer}");
    }
    assert_eq!(status(&raw(addr, b"\x16\x03\x01\x00\xff\r\n\r\n")), Some(400));
    assert_eq!(status(&raw(addr, b"GET / HTTP/9.9\r\n\r\n")), Some(400));
    let answer = raw(addr, format!("{head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef").as_bytes());
    assert_eq!(status(&answer), Some(400));
    let answer = raw(addr, format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100_000)).as_bytes());
    assert!(matches!(status(&answer), Some(414 | 431)), "{answer}");
    let answer = raw(addr, format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(200)).as_bytes());
    assert_eq!(status(&answer), Some(431), "{answer}");

    assert!(host.ended().unwrap().is_none(), "{}", host.log());
    assert_eq!(admin.post(FILE, &body("still here"), &[]).unwrap().status, 200);
    host.close().unwrap();
}

#[test]
fn a_certificate_that_cannot_be_read_is_refused_at_start_with_setting_file_and_reason() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("no-such-cert.pem"), dir.path().join("no-such-key.pem"));
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (cert, key, data) = (text(&cert), text(&key), text(&dir.path().join("city")));
    let env = [("CHANGZHI_TLS__CERTIFICATE", cert.as_str()), ("CHANGZHI_TLS__KEY", key.as_str())];
    let done = changzhi_system_tests::run_with(["up", "--data", &data, "--listen", "127.0.0.1:0"], &env).unwrap();
    assert!(!done.success);
    for part in ["CHANGZHI_TLS__CERTIFICATE", "tls.certificate", &cert, "PEM"] {
        assert!(done.err.contains(part), "{part}: {}", done.err);
    }
    assert!(!std::path::Path::new(&data).exists(), "nothing was opened");
}
