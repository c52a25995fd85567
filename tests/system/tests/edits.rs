//! Two people change the same matter at the same time, and attach what they photographed: on the real host, through the API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Reply, Start};
use serde_json::json;
use std::sync::Barrier;

const PAPER: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

fn file(client: &Client, n: usize, photos: &[u64]) -> u64 {
    let body = json!({"title": format!("matter {n}"), "category": "lighting", "photos": photos});
    let done = client.command("services/file-report", &body, &format!("file-{n}")).unwrap();
    assert_eq!(done.status, 200, "{done:?}");
    done.json()["answer"]["matter"].as_u64().unwrap()
}

fn seen(client: &Client, matter: u64) -> u64 {
    client.get(&format!("/api/v1/services/report?matter={matter}")).unwrap().json()["revision"].as_u64().unwrap()
}

#[test]
fn of_two_who_saw_the_same_one_wins_and_one_is_told_so_fifty_times_over() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&dir.path().join("city"), Start { demo: true, ..Start::default() }).unwrap();
    let token = host.token("operator").unwrap();
    let clients = [host.client(&token), host.client(&token)];
    for round in 0..50 {
        let matter = file(&clients[0], round, &[]);
        let tag = format!("\"{}\"", seen(&clients[0], matter));
        let start = Barrier::new(2);
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let both: Vec<_> = clients
                .iter()
                .map(|client| {
                    scope.spawn(|| {
                        start.wait();
                        let body = json!({"matter": matter, "reason": "mine"});
                        client.post("/api/v1/services/accept", &body, &[("If-Match", &tag)]).unwrap()
                    })
                })
                .collect();
            both.into_iter().map(|b| b.join().unwrap()).collect()
        });
        let mut statuses: Vec<u16> = replies.iter().map(|r| r.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}: {replies:?}");
        let loser = replies.iter().find(|r| r.status == 409).unwrap();
        assert_eq!(loser.problem().unwrap(), "outdated", "{loser:?}");
    }
}

#[test]
fn files_outlive_a_kill_belong_to_their_sender_and_open_for_a_purpose_only() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("city");
    let mut host = Host::start(&folder, Start { demo: true, ..Start::default() }).unwrap();
    let (operator, admin) = (host.token("operator").unwrap(), host.token("admin").unwrap());
    let client = host.client(&operator);
    let send = |client: &Client, key: &str| -> u64 {
        let reply = client.send("/files/services", PAPER, &[("Idempotency-Key", key)]).unwrap();
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["id"].as_u64().unwrap()
    };
    let (own, theirs) = (send(&client, "a"), send(&host.client(&admin), "b"));
    let stolen = json!({"title": "x", "category": "lighting", "photos": [theirs]});
    let refused = client.command("services/file-report", &stolen, "stolen").unwrap();
    assert_eq!((refused.status, refused.json()["errors"][0]["field"].as_str()), (422, Some("photos")), "{refused:?}");
    host.stop_hard().unwrap();
    let host = Host::start(&folder, Start { demo: true, ..Start::default() }).unwrap();
    let client = host.client(&operator);
    assert_eq!(send(&client, "a"), own, "what was acknowledged is there, and is not sent twice");
    let matter = file(&client, 1, &[own]);
    let twice = json!({"title": "x", "category": "lighting", "photos": [own]});
    assert_eq!(client.command("services/file-report", &twice, "twice").unwrap().status, 422, "one record only");
    assert_eq!(client.get(&format!("/files/{own}")).unwrap().problem().unwrap(), "purpose-needed");
    let opened = client.get(&format!("/files/{own}?_purpose=handle-report")).unwrap();
    assert_eq!((opened.status, opened.kind.as_str(), opened.text.as_bytes()), (200, "application/pdf", PAPER));
    assert_eq!(client.get(&format!("/files/{theirs}?_purpose=handle-report")).unwrap().status, 404);
    let page = client.get(&format!("/api/v1/services/report?matter={matter}")).unwrap().json();
    assert!(!page.to_string().contains("\"stored\""), "without a purpose the page tells of no photo: {page}");
    // The disk of the files and the journal hold nothing of it in the open.
    let mut open = vec![folder.clone()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).unwrap().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else if let Ok(bytes) = std::fs::read(entry.path()) {
                assert!(!bytes.windows(PAPER.len()).any(|w| w == PAPER), "{}", entry.path().display());
            }
        }
    }
    let blob = std::fs::read_dir(folder.join("blobs")).unwrap().flatten().filter(|e| e.file_name().len() == 2).count();
    assert!(blob >= 1);
}
