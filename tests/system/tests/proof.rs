//! A sealed agreement carries the journal's proof: checked by the program alone, by the journal as well, and not with a byte changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, run};
use serde_json::{Value, json};
use std::path::Path;

struct Case<'h> {
    host: &'h Host,
    dispute: Value,
}

impl Case<'_> {
    fn gives(&self, login: &str, command: &str, more: &Value) -> Value {
        static GIVEN: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let key = format!("proof-{}", GIVEN.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let mut body = more.clone();
        if !self.dispute.is_null() {
            body.as_object_mut().unwrap().insert("dispute".into(), self.dispute.clone());
        }
        let client = self.host.client(&self.host.token(login).unwrap());
        let reply = client.command(&format!("services/{command}"), &body, &key).unwrap();
        assert_eq!(reply.status, 200, "{command} {body}: {reply:?}");
        reply.json()["answer"].clone()
    }

    fn page(&self, login: &str) -> String {
        let client = self.host.client(&self.host.token(login).unwrap());
        client.get(&format!("/api/v1/services/dispute?dispute={}", self.dispute)).unwrap().text
    }
}

/// Words like `ABCDE-12345`.
fn codes(text: &str) -> Vec<String> {
    let like = |t: &&str| {
        t.len() == 11
            && t.as_bytes()[5] == b'-'
            && t.bytes().all(|b| b == b'-' || b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    text.split('"').filter(like).map(str::to_owned).collect()
}

/// An agreement that both sides signed.
fn sealed(host: &Host) -> Value {
    let mut case = Case { host, dispute: Value::Null };
    let body = json!({"title": "围墙积水", "dispute-category": "neighbours", "other-name": "某学校"});
    let made = case.gives("resident", "register-dispute", &body);
    let own = made["code"].as_str().unwrap().to_owned();
    case.dispute = made["dispute"].clone();
    let nothing = json!({});
    case.gives("operator", "screen", &nothing);
    case.gives("operator", "invite", &nothing);
    let invitation = codes(&case.page("operator")).into_iter().find(|c| *c != own).unwrap();
    let school = host.client(&host.token("school").unwrap());
    let joined = school.command("services/join-dispute", &json!({"invitation": invitation}), "join").unwrap();
    assert_eq!(joined.status, 200, "{joined:?}");
    case.gives("school", "answer-invitation", &json!({"consents": "agreed"}));
    let mediator = host.client(&host.token("mediator").unwrap());
    let seat = json!({"shown": "陈", "organisation": "街道"});
    let seat = mediator.command("services/set-seat", &seat, "seat").unwrap().json()["answer"]["seat"].clone();
    for party in ["resident", "school"] {
        case.gives(party, "pick-mediator", &json!({"seat": seat}));
    }
    case.gives("mediator", "prepare", &nothing);
    case.gives("mediator", "schedule", &json!({"session-at": "2099-03-02T01:00:00Z", "session-mode": "online"}));
    case.gives("mediator", "hold", &nothing);
    case.gives("mediator", "draft-terms", &json!({"text": "1. 乙方于三月前修复围墙。\n2. 双方“互不”追究。"}));
    case.gives("mediator", "offer-terms", &nothing);
    for party in ["resident", "school"] {
        case.gives(party, "waive-reading", &nothing);
    }
    for party in ["resident", "school"] {
        case.gives(party, "ask-signing-code", &nothing);
        let page = case.page(party);
        let digest =
            page.split('"').find(|t| t.len() == 64 && t.bytes().all(|b| b.is_ascii_hexdigit())).unwrap().to_owned();
        let code = page.split("your-signing-code").nth(1).and_then(|rest| codes(rest).into_iter().next()).unwrap();
        let body = json!({"digest": digest, "signing-code": code, "stroke": "M 10 12 L 14 16 L 20 18 L 30 2"});
        case.gives(party, "sign", &body);
    }
    case.dispute
}

fn verify(file: &Path, more: &[&str]) -> (bool, String) {
    let file = file.display().to_string();
    let args: Vec<&str> = ["packet", "verify", file.as_str()].into_iter().chain(more.iter().copied()).collect();
    let done = run(&args).unwrap();
    (done.success, done.said())
}

#[test]
fn a_sealed_agreement_is_proved_by_its_file_and_by_the_journal_and_one_changed_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let host = Host::start(&data, Start { demo: true, ..Start::default() }).unwrap();
    let dispute = sealed(&host);
    let party = Client::sign_in(host.addr, "resident", &host.password("resident").unwrap()).unwrap();
    let (status, kind, proof) = party.file(&format!("/p/services/agreement?dispute={dispute}&_export=proof")).unwrap();
    assert_eq!((status, kind.as_str()), (200, "application/json"), "{}", String::from_utf8_lossy(&proof));
    let told: Value = serde_json::from_slice(&proof).unwrap();
    let chain = told["sealed"]["chain"].as_str().unwrap();
    // Paper and packet say the same place in the journal.
    for view in ["agreement", "packet"] {
        let page = party.get(&format!("/p/services/{view}?dispute={dispute}")).unwrap();
        assert!(page.text.contains(chain), "{view}: {}", page.text);
        assert!(page.text.contains(told["sha256"].as_str().unwrap()), "{view}");
    }
    // Whoever may not read the agreement has no proof of it either.
    let official = Client::sign_in(host.addr, "operator", &host.password("operator").unwrap()).unwrap();
    let refused = official.file(&format!("/p/services/agreement?dispute={dispute}&_export=proof")).unwrap();
    assert_ne!(refused.0, 200);
    host.close().unwrap();

    let file = folder.path().join("proof.json");
    std::fs::write(&file, &proof).unwrap();
    let (whole, said) = verify(&file, &[]);
    assert!(whole && said.contains("signature   none"), "{said}");
    let place = data.display().to_string();
    let (whole, said) = verify(&file, &["--data", &place]);
    assert!(whole && said.contains("has this transaction"), "{said}");
    // A byte anywhere: of the text, of the transaction, of the chain, of the brackets.
    let changed = folder.path().join("changed.json");
    let step = (proof.len() / 120).max(1);
    let mut tried = 0;
    for at in (0..proof.len()).step_by(step).chain(proof.len() - 3..proof.len()) {
        let mut bytes = proof.clone();
        bytes[at] ^= 1;
        std::fs::write(&changed, &bytes).unwrap();
        let (whole, said) = verify(&changed, &[]);
        assert!(!whole, "byte {at} was changed: {said}");
        tried += 1;
    }
    assert!(tried > 100);
    // Another text with its own sum written over all of it is whole as a file, and is not what the transaction sealed.
    let text = String::from_utf8(proof.clone()).unwrap();
    let before = text.split(",\"whole\"").next().unwrap();
    let forged = before.replace("三月前", "四月前");
    let sum = |t: &str| hex::encode(<sha2::Sha256 as sha2::Digest>::digest(t));
    let own = told["text"].as_str().unwrap().replace("三月前", "四月前");
    let forged = forged.replace(told["sha256"].as_str().unwrap(), &sum(&own));
    let forged = format!("{forged},\"whole\":\"{}\"}}\n", sum(&forged));
    std::fs::write(&changed, forged).unwrap();
    let (whole, said) = verify(&changed, &[]);
    assert!(!whole && said.contains("seals another text"), "{said}");
    // Another chain that fits the file: the journal says no.
    let fake = before.replace(told["head"]["chain"].as_str().unwrap(), &"0".repeat(64));
    std::fs::write(&changed, format!("{fake},\"whole\":\"{}\"}}\n", sum(&fake))).unwrap();
    assert!(verify(&changed, &[]).0, "alone it cannot be known");
    let (whole, said) = verify(&changed, &["--data", &place]);
    assert!(!whole && said.contains("is another"), "{said}");
}
