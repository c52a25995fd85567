//! The outbox against a real HTTP gateway that fails, hangs, floods and at last takes the message; and its receipts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod town;

use changzhi_model::*;
use changzhi_outbox::*;
use std::sync::atomic::Ordering;
use std::time::Duration;
use town::*;

#[test]
fn a_gateway_that_fails_and_then_takes_it_gets_it_once_more_and_never_again() {
    let town = Town::new(&[Channel::Sms]);
    let gateway = Gateway::new(&[Does::Says(500, "oops"), Does::Says(200, r#"{"code":7}"#), Does::Closes]);
    let key = town.wish(true);
    let outbox = town.begin(vec![gateway.sms(Some("/code=0"), 5_000)], &[0, 0, 0, 0]);
    until("success", || is_done(&outbox, key));
    assert_eq!(stands(&outbox, key), Some(Stands::Sent(Channel::Sms)));
    let story = ["retry sms status-500", "retry sms answer", "retry sms unreachable", "sent sms"];
    assert_eq!(town.story(key), story);
    let asked = gateway.asked();
    assert_eq!(asked.len(), 4);
    for one in &asked {
        assert_eq!(one.body, format!(r#"{{"id":"{key}","text":"您好 hello","to":"13800000000"}}"#));
        let head = one.head.to_lowercase();
        assert!(head.contains(&format!("idempotency-key: {key}\r\n")), "{head}");
        assert!(head.contains("authorization: bearer s3cret-of-the-gateway\r\n"), "{head}");
    }
    // Each sending opened the address: each is a look.
    assert_eq!(town.looks.lock().unwrap().len(), 4);
    drop(outbox);
    let again = town.begin(vec![gateway.sms(Some("/code=0"), 5_000)], &[0]);
    let other = town.wish(true);
    until("the next", || is_done(&again, other));
    assert_eq!(gateway.asked().len(), 5, "after a restart what was sent stays sent");
}

#[test]
fn an_answer_that_never_comes_or_never_ends_is_cut_and_tried_again() {
    let town = Town::new(&[Channel::Sms]);
    let gateway = Gateway::new(&[Does::Hangs, Does::Floods]);
    let key = town.wish(true);
    let outbox = town.begin(vec![gateway.sms(Some("/code=0"), 2_000)], &[0, 0, 0]);
    until("success", || is_done(&outbox, key));
    assert_eq!(town.story(key), ["retry sms timeout", "retry sms too-large", "sent sms"]);
}

#[test]
fn when_its_tries_are_used_up_the_next_channel_is_taken_and_then_it_is_given_up() {
    let town = Town::new(&[Channel::Sms, Channel::Mail]);
    let gateway = Gateway::new(&[Does::Says(500, ""), Does::Says(500, ""), Does::Says(400, "")]);
    let key = town.wish(true);
    let mail = told(Channel::Mail, |_| Ok(()));
    let outbox = town.begin(vec![gateway.sms(None, 5_000), mail], &[0]);
    until("the mail", || is_done(&outbox, key));
    assert_eq!(town.story(key), ["retry sms status-500", "failed sms status-500", "sent mail"]);
    town.plan.lock().unwrap().as_mut().unwrap().channels.pop();
    let refused = town.wish(true);
    until("the end", || is_done(&outbox, refused));
    assert_eq!(town.story(refused), ["failed sms status-400", "given-up status-400"]);
    let given_up = outbox.look(|f| f.given_up(10));
    assert_eq!(given_up.iter().map(|(d, why)| (d.key, *why)).collect::<Vec<_>>(), [(refused, Why::Status(400))]);
}

#[test]
fn a_restart_goes_on_where_it_was_and_a_kill_between_sending_and_journaling_sends_again() {
    let town = Town::new(&[Channel::Sms]);
    let gateway = Gateway::new(&[Does::Says(503, "")]);
    let key = town.wish(true);
    let outbox = town.begin(vec![gateway.sms(None, 5_000)], &[3_600_000, 3_600_000]);
    until("the first try", || town.story(key).len() == 1);
    drop(outbox);
    // Not due yet, whoever asks.
    let outbox = town.begin(vec![gateway.sms(None, 5_000)], &[3_600_000, 3_600_000]);
    until("the journal to be read", || outbox.look(|f| f.upto()) == Seq(2));
    assert_eq!(gateway.asked().len(), 1);
    town.killed.store(true, Ordering::SeqCst);
    town.pass(Duration::from_secs(3_601));
    until("the second try", || gateway.asked().len() == 2);
    drop(outbox);
    assert_eq!(town.story(key).len(), 1, "what came of it was lost");
    town.full.store(false, Ordering::SeqCst);
    let outbox = town.begin(vec![gateway.sms(None, 5_000)], &[3_600_000, 3_600_000]);
    until("the third try", || is_done(&outbox, key));
    assert_eq!(town.story(key), ["retry sms status-503", "sent sms"]);
    let keys: Vec<_> = gateway.asked().into_iter().map(|a| a.body).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|body| *body == keys[0]), "under the same key, so that the gateway can drop it");
}

#[test]
fn a_full_disk_sends_nothing_twice() {
    let town = Town::new(&[Channel::Sms]);
    let gateway = Gateway::new(&[]);
    town.full.store(true, Ordering::SeqCst);
    let key = town.wish(true);
    let outbox = town.begin(vec![gateway.sms(None, 5_000)], &[0, 0]);
    until("the sending", || gateway.asked().len() == 1);
    let other = town.wish(true);
    until("the other", || gateway.asked().len() == 2);
    town.full.store(false, Ordering::SeqCst);
    until("both", || is_done(&outbox, key) && is_done(&outbox, other));
    assert_eq!(gateway.asked().len(), 2);
}

#[test]
fn a_channel_that_hangs_delays_no_other() {
    let town = Town::new(&[Channel::Sms]);
    let gateway = Gateway::new(&vec![Does::Hangs; 64]);
    let mail = told(Channel::Mail, |_| Ok(()));
    // More than lane and workers take.
    let hung: Vec<Key> = (0..20).map(|_| town.wish(true)).collect();
    let outbox = town.begin(vec![gateway.sms(None, 3_000), mail], &[3_600_000]);
    until("the lane to be taken", || gateway.asked().len() >= 2);
    town.plan.lock().unwrap().as_mut().unwrap().channels = vec![Channel::Mail];
    let quick = town.wish(true);
    until("the mail", || is_done(&outbox, quick));
    assert!(hung.iter().take(2).all(|key| !is_done(&outbox, *key)), "the gateway hangs yet");
    gateway.does.lock().unwrap().clear();
}

#[test]
fn a_receipt_ends_it_and_one_that_says_no_takes_the_next_channel() {
    let town = Town::new(&[Channel::Sms, Channel::Mail]);
    let gateway = Gateway::new(&[]);
    let mail = told(Channel::Mail, |_| Ok(()));
    let outbox = town.begin(vec![gateway.sms(None, 5_000), mail], &[0]);
    let (one, two) = (town.wish(true), town.wish(true));
    until("both", || is_done(&outbox, one) && is_done(&outbox, two));
    for _ in 0..3 {
        outbox.receipt(one, true).unwrap();
    }
    until("the receipt", || stands(&outbox, one) == Some(Stands::Delivered(Channel::Sms)));
    assert_eq!(outbox.receipt(one, false), Ok(()), "it has its final state");
    assert_eq!(town.story(one), ["sent sms", "delivered sms"]);
    outbox.receipt(two, false).unwrap();
    until("the mail", || stands(&outbox, two) == Some(Stands::Sent(Channel::Mail)));
    assert_eq!(town.story(two), ["sent sms", "failed sms undelivered", "sent mail"]);
    let unknown = Key { intent: Seq(99), index: 0 };
    assert_eq!(outbox.receipt(unknown, true), Err(ReceiptError::Unknown));
}

#[test]
fn without_a_channel_or_with_an_erased_contact_nothing_is_sent_and_the_state_says_so() {
    let town = Town::new(&[Channel::Sms]);
    let key = town.wish(true);
    let outbox = town.begin(vec![], &[0]);
    until("the end", || is_done(&outbox, key));
    assert_eq!(town.story(key), ["given-up no-channel"]);
    assert!(town.looks.lock().unwrap().is_empty(), "nothing was opened");
    drop(outbox);
    let gateway = Gateway::new(&[]);
    town.erased.store(true, Ordering::SeqCst);
    let erased = town.wish(true);
    let outbox = town.begin(vec![gateway.sms(None, 5_000)], &[0]);
    until("the end", || is_done(&outbox, erased));
    assert_eq!(town.story(erased), ["failed sms erased", "given-up erased"]);
    assert!(gateway.asked().is_empty());
}

#[test]
fn what_is_not_urgent_waits_for_the_end_of_quiet_hours_and_what_is_over_is_not_sent() {
    let town = Town::new(&[Channel::Sms]);
    let gateway = Gateway::new(&[]);
    let ends = town.now().plus(8 * Micros::HOUR);
    town.plan.lock().unwrap().as_mut().unwrap().not_before = Some(ends);
    let outbox = town.begin(vec![gateway.sms(None, 5_000)], &[0]);
    let calm = town.wish(false);
    let urgent = town.wish(true);
    until("the urgent one", || is_done(&outbox, urgent));
    assert!(!is_done(&outbox, calm));
    let said = Said { message: "code".into(), until: Some(town.now().plus(600 * Micros::SECOND)), ..Said::default() };
    let code = town.wishes(Wish { receiver: Receiver::One { account: Some(EntityId(7)), contact: None }, said });
    town.pass(Duration::from_secs(8 * 3600));
    town.plan.lock().unwrap().as_mut().unwrap().not_before = None;
    until("the morning", || is_done(&outbox, calm) && is_done(&outbox, code));
    assert_eq!(town.story(calm), ["sent sms"]);
    assert_eq!(town.story(code), ["given-up over"]);
}

#[test]
fn a_wish_to_roles_becomes_one_message_a_person_in_the_transaction_that_ends_it() {
    let town = Town::new(&[Channel::Sms]);
    let gateway = Gateway::new(&[]);
    *town.people.lock().unwrap() = vec![EntityId(21), EntityId(22), EntityId(23)];
    let roles = Receiver::Roles { roles: vec!["unit".into()], place: None, all: false };
    let said = Said { message: "hello".into(), ..Said::default() };
    let key = town.wishes(Wish { receiver: roles.clone(), said: said.clone() });
    let outbox = town.begin(vec![gateway.sms(None, 5_000)], &[0]);
    until("all three", || gateway.asked().len() == 3 && outbox.look(|f| f.waiting()) == 0);
    assert_eq!(town.story(key), ["told 3"]);
    town.people.lock().unwrap().clear();
    let nobody = town.wishes(Wish { receiver: roles, said });
    until("the end", || is_done(&outbox, nobody));
    assert_eq!(town.story(nobody), ["given-up nobody"]);
}

#[test]
fn an_intent_of_an_unknown_kind_is_given_up_and_holds_up_nothing() {
    let town = Town::new(&[Channel::Sms]);
    let gateway = Gateway::new(&[]);
    let old = Fact::Intended { kind: "signing-code".into(), entity: Some(EntityId(5)), args: vec![] };
    let seq = town.journal(vec![old]).unwrap();
    let outbox = town.begin(vec![gateway.sms(None, 5_000)], &[0]);
    let key = town.wish(true);
    until("both", || is_done(&outbox, key) && is_done(&outbox, Key { intent: seq, index: 0 }));
    assert_eq!(town.story(Key { intent: seq, index: 0 }), ["given-up unreadable"]);
}
