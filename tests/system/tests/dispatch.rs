//! From a press to its end in the real binary: proposed, sent, not answered, the next, accepted, killed, still due, done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const WAIT: Duration = Duration::from_secs(120);

fn refused(client: &Client, command: &str, body: &Value) -> u16 {
    let key = format!("refused-{command}-{body}");
    client.command(&format!("command/{command}"), body, &key).unwrap().status
}

fn page(client: &Client, view: &str) -> String {
    let reply = client.get(&format!("/api/v1/command/{view}")).unwrap();
    assert_eq!(reply.status, 200, "{view}: {reply:?}");
    reply.text
}

/// The keys of the rows of a table, by the table's key.
fn rows(client: &Client, view: &str, table: &str) -> Vec<u64> {
    let tree: Value = serde_json::from_str(&page(client, view)).unwrap();
    let nodes = tree["page"]["nodes"].as_array().expect("nodes");
    let at = nodes.iter().position(|n| n["key"] == table).unwrap_or_else(|| panic!("no table {table}: {tree}"));
    let count = usize::try_from(nodes[at]["children"].as_u64().unwrap()).unwrap();
    let keys = nodes[at + 1..].iter().take(count);
    keys.map(|n| n["key"].as_str().unwrap().parse().expect("rows of entities")).collect()
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let end = Instant::now() + WAIT;
    while !is() {
        assert!(Instant::now() < end, "{what} did not come about in {WAIT:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn somebody_who_does_not_answer_is_followed_by_the_next_and_a_check_in_is_due_after_a_crash() {
    // A city in a hurry: an offer holds for three seconds, a check-in is due after six.
    let rules = tempfile::tempdir().unwrap();
    std::fs::create_dir(rules.path().join("flows")).unwrap();
    let own = include_str!("../../../data/flows/task.toml")
        .replacen("edition = 2\n", "edition = 3\n", 1)
        .replacen("limit = \"60s\"", "limit = \"3s\"", 1)
        .replacen("limit = \"20min\"", "limit = \"6s\"", 1);
    std::fs::write(rules.path().join("flows/task.toml"), own).unwrap();
    let folder: &'static str = Box::leak(rules.path().to_string_lossy().into_owned().into_boxed_str());
    let env: &'static [(&str, &str)] = Box::leak(Box::new([("CHANGZHI_FLOWS", folder)]));
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city");
    let host = Host::start(&data, Start { demo: true, env, ..Start::default() }).unwrap();
    let token = |login: &str| host.token(login).unwrap();
    let (admin, nurse, seat, official) = (token("admin"), token("resident"), token("operator"), token("official"));
    let police: Vec<String> = ["police-1", "police-2", "police-3"].map(token).into();
    let body = json!({"kind": "building", "category": "building", "code": "sys-clinic", "name": "sys-clinic", "parent": "360104"});
    let place =
        host.client(&admin).command("host/create-place", &body, "place").unwrap().json()["answer"]["place"].clone();
    host.client(&admin).gives("command/set-dispatch-card", &json!({"place": place, "needs": "police x1"})).unwrap();

    let seated = host.client(&seat);
    let alarm =
        host.client(&nurse).gives("command/ring", &json!({"place": place, "category": "security"})).unwrap()["alarm"]
            .clone();
    seated.gives("command/acknowledge", &json!({"alarm": alarm})).unwrap();
    let proposal = format!("proposal?alarm={alarm}");
    let first = rows(&seated, &proposal, "picks");
    assert_eq!(first.len(), 1, "one officer is asked for");
    let sent = seated.gives("command/send-responders", &json!({"alarm": alarm, "pick_1": first[0]})).unwrap();
    let task = sent["task_1"].clone();
    assert!(rows(&seated, &proposal, "picks").is_empty(), "the card is met");

    // Nobody answers: the seat is rung, and the next one is proposed.
    until("no answer", || page(&seated, &format!("task?task={task}")).contains("state-no-answer"));
    assert!(page(&seated, "ringing").contains("nobody-answers"));
    let second = rows(&seated, &proposal, "picks");
    assert!(second.len() == 1 && second != first, "{second:?}");
    assert!(page(&seated, &proposal).contains("why-near"), "with a reason");
    let sent = seated.gives("command/send-responders", &json!({"alarm": alarm, "pick_1": second[0]})).unwrap();
    let task = json!({"task": sent["task_1"]});
    assert!(!page(&seated, "ringing").contains("nobody-answers"), "seen to");
    // Only the one who was asked can answer.
    let answers: Vec<bool> = police.iter().map(|p| refused(&host.client(p), "accept-task", &task) == 200).collect();
    assert_eq!(answers.iter().filter(|a| **a).count(), 1, "{answers:?}");
    let officer = police[answers.iter().position(|a| *a).unwrap()].clone();
    host.client(&officer).gives("command/set-out", &task).unwrap();
    let position = json!({"task": task["task"], "position": {"lon": 115.9123, "lat": 28.6789}});
    host.client(&officer).gives("command/tell-position", &position).unwrap();
    host.kill().unwrap();

    let host = Host::start(&data, Start { env, ..Start::default() }).unwrap();
    let (seated, officer) = (host.client(&seat), host.client(&officer));
    let of = format!("task?task={}", task["task"]);
    assert!(page(&seated, &of).contains("state-on-the-way"), "accepted and under way, as before the crash");
    until("the check-in is missed", || page(&seated, "ringing").contains("check-in-missed"));
    assert!(
        page(&host.client(&official), "dispatch-wall").contains("state-on-the-way"),
        "it is on the wall, and goes on"
    );
    officer.gives("command/check-in", &task).unwrap();
    assert!(!page(&seated, "ringing").contains("check-in-missed"));
    officer.gives("command/arrive", &task).unwrap();
    officer.gives("command/finish-task", &task).unwrap();
    assert_eq!(refused(&officer, "tell-position", &position), 409, "off the task, off the map");
    // What was told is nowhere in the folder in the open: it was sealed, and its key is not beside it.
    for view in [of.as_str(), &proposal, "dispatch-wall", "responders"] {
        assert!(!page(&seated, view).contains("28.6789"), "{view}");
    }
    seated.gives("command/stand-down", &json!({"alarm": alarm, "outcome": "real", "safe_word_of": "王医生"})).unwrap();
    assert!(page(&seated, &format!("alarm?alarm={alarm}")).contains("state-stood-down"));
    host.close().unwrap();
}
