//! Two counties with different plugin sets in one host, and a limit on commands, by settings alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Reply, Start, body, run_with};
use serde_json::json;

const SETS: Start = Start {
    demo: true,
    snapshot_every: None,
    env: &[
        ("CHANGZHI_SETS__NORTH__PLUGINS", "[\"services\", \"risk\"]"),
        ("CHANGZHI_SETS__NORTH__DIVISIONS", "[\"360103\"]"),
        ("CHANGZHI_SETS__SOUTH__PLUGINS", "[\"command\", \"office\", \"decision\"]"),
        ("CHANGZHI_SETS__SOUTH__DIVISIONS", "[\"360111\"]"),
    ],
};

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.problem().unwrap().as_str()), (status, code), "{reply:?}");
}

#[test]
fn each_county_is_answered_by_the_plugins_of_its_own_set() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&dir.path().join("city"), SETS).unwrap();
    let signed_in = |login: &str| Client::sign_in(host.addr, login, &host.password(login).unwrap()).unwrap();
    // A grid worker of 360103 in the north, a school's duty officer of 360111 in the south.
    let (grid, school) = (signed_in("grid"), signed_in("school"));
    for (who, path, status) in [
        (&grid, "/api/v1/services/reports", 200),
        (&grid, "/api/v1/risk/hazards", 200),
        (&grid, "/api/v1/office/notices", 403),
        (&school, "/api/v1/command/board", 200),
        (&school, "/api/v1/office/roster", 200),
        (&school, "/api/v1/risk/hazards", 403),
    ] {
        let reply = who.get(path).unwrap();
        assert_eq!(reply.status, status, "{path}: {reply:?}");
        if status == 403 {
            refused(&reply, 403, "not-served");
        }
    }
    let home = |who: &Client| who.get("/").unwrap().text;
    let (north, south) = (home(&grid), home(&school));
    for (plugin, in_north) in [("services", true), ("risk", true), ("office", false)] {
        assert_eq!(north.contains(&format!("href=\"/p/{plugin}/")), in_north, "{plugin}: {north}");
    }
    for (plugin, in_south) in [("command", true), ("office", true), ("risk", false)] {
        assert_eq!(south.contains(&format!("href=\"/p/{plugin}/")), in_south, "{plugin}: {south}");
    }

    // A role of the whole city: the place decides.
    let admin = host.client(&host.token("admin").unwrap());
    let grid_of = |code: &str, parent: &str| {
        let body = json!({"kind": "grid", "category": "grid", "code": code, "name": code, "parent": parent});
        let made = admin.command("host/create-place", &body, code).unwrap();
        made.json()["answer"]["place"].as_u64().unwrap_or_else(|| panic!("{made:?}")).to_string()
    };
    let (here, there) = (grid_of("test-n", "360103"), grid_of("test-s", "360111"));
    let file = |place: &str| admin.post("/api/v1/services/file-report", &body("路灯"), &[("X-Place", place)]).unwrap();
    assert_eq!(file(&here).status, 200);
    let elsewhere = file(&there);
    refused(&elsewhere, 403, "not-served");
    let said = elsewhere.json();
    assert!(said["detail"].as_str().unwrap().contains("360103"), "{said}");
    assert_eq!(said["titles"]["zh-CN"], "该区划未启用此插件");
    host.close().unwrap();
}

#[test]
fn a_set_that_names_a_plugin_nobody_has_is_refused_with_file_key_and_reason() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("city"), dir.path().join("changzhi.toml"));
    std::fs::write(&file, "[sets.north]\nplugins = [\"services\", \"traffic\"]\ndivisions = [\"360103\"]\n").unwrap();
    let up = ["--settings", file.to_str().unwrap(), "up", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let refused = run_with(up, &[]).unwrap();
    assert!(!refused.success);
    for part in ["changzhi.toml", "`sets.north.plugins`", "traffic.wasm", "services"] {
        assert!(refused.err.contains(part), "{part} in: {}", refused.said());
    }
    let variable = [("CHANGZHI_SETS__NORTH__PLUGINS", "[\"traffic\"]")];
    let refused = run_with(up, &variable).unwrap();
    assert!(!refused.success && refused.err.contains("CHANGZHI_SETS__NORTH__PLUGINS"), "{}", refused.said());
}

#[test]
fn commands_faster_than_the_limit_are_told_when_to_come_again() {
    const SLOW: Start = Start {
        demo: true,
        snapshot_every: None,
        // One a second after the first sixty: no machine is that slow.
        env: &[("CHANGZHI_RATE__TOKEN", "1"), ("CHANGZHI_RATE__ACCOUNT", "3"), ("CHANGZHI_RATE__BURST", "60")],
    };
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&dir.path().join("city"), SLOW).unwrap();
    let client = host.client(&host.token("admin").unwrap());
    let mut late = None;
    for _ in 0..1_000 {
        let reply = client.command("services/none", &json!({}), "k").unwrap();
        if reply.status == 429 {
            late = Some(reply);
            break;
        }
        assert_eq!(reply.status, 404, "{reply:?}");
    }
    let late = late.expect("a thousand commands in a row");
    refused(&late, 429, "rate");
    assert_eq!(late.retry_after(), Some("1"));
    assert_eq!(client.get("/api/v1/services/overview").unwrap().status, 200, "looking goes on");
    host.close().unwrap();
}
