//! Mediation as people live it: from registration to a performed agreement, with a party that leaves, a signature that runs out, and
//! people who try what they may not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Fact, Micros, Person, Receiver, TestCity, Unsealed, Value, Wish};
use serde_json::{Value as Json, json};

struct Case<'c> {
    city: &'c TestCity,
    desk: Person<'c>,
    mediator: Person<'c>,
    wang: Person<'c>,
    li: Person<'c>,
    zhao: Person<'c>,
    id: EntityId,
    /// The parties' records: a, b, c.
    parties: [EntityId; 3],
}

impl<'c> Case<'c> {
    /// Three parties who agreed to mediation, and a mediator they chose.
    fn begun(city: &'c TestCity) -> Case<'c> {
        let who = |login: &str, roles: &[&str]| city.person(login, roles).unwrap();
        let (desk, mediator) = (who("desk", &["operator"]), who("chen", &["mediator"]));
        let (wang, li, zhao) = (who("wang", &[]), who("li", &[]), who("zhao", &[]));
        let body = json!({"title": "楼上漏水", "facts": "去年十月起", "dispute-category": "neighbours", "other-name": "李某", "claim": 3000});
        let done = wang.does("services/register-dispute", &body).unwrap();
        let id = done.id("dispute").unwrap();
        let first: Vec<EntityId> = done.created("dispute-party");
        let of = json!({"dispute": id.0});
        let add = json!({"dispute": id.0, "side": "c", "part": "party", "other-name": "赵某"});
        let third = desk.does("services/add-party", &add).unwrap().created("dispute-party")[0];
        let parties = [first[0], first[1], third];
        desk.does("services/screen", &of).unwrap();
        desk.does("services/invite", &of).unwrap();
        for (who, party) in [(&li, parties[1]), (&zhao, parties[2])] {
            let invitation = city.value(party, "services.party.invitation").unwrap();
            let Value::Text(invitation) = invitation else { panic!("{invitation:?}") };
            who.does("services/join-dispute", &json!({"invitation": invitation.to_lowercase()})).unwrap();
            who.does("services/answer-invitation", &json!({"dispute": id.0, "consents": "agreed"})).unwrap();
        }
        assert_eq!(city.state(id).unwrap(), "accepted");
        let seat = json!({"shown": "陈调解员", "organisation": "街道调委会"});
        let seat = mediator.does("services/set-seat", &seat).unwrap().id("seat").unwrap();
        for who in [&wang, &li, &zhao] {
            who.does("services/pick-mediator", &json!({"dispute": id.0, "seat": seat.0})).unwrap();
        }
        assert_eq!(city.state(id).unwrap(), "mediator-set");
        Case { city, desk, mediator, wang, li, zhao, id, parties }
    }

    /// The same, sitting together.
    fn in_session(city: &'c TestCity) -> Case<'c> {
        let case = Case::begun(city);
        case.mediates("prepare", json!({}));
        let at = Micros(city.now().0 + Micros::HOUR).to_rfc3339();
        case.mediates("schedule", json!({"session-at": at, "session-mode": "online"}));
        case.mediates("hold", json!({}));
        assert_eq!(case.state(), "in-session");
        case
    }

    /// The same, with terms that wait for signatures, and one party gone.
    fn signing(city: &'c TestCity) -> Case<'c> {
        let case = Case::in_session(city);
        case.zhao.does("services/leave-mediation", &case.with(json!({"reason": "退出"}))).unwrap();
        case.mediates("draft-terms", json!({"text": "1. 乙方于三月前修复屋顶。"}));
        case.offered();
        case
    }

    fn offered(&self) {
        self.mediates("offer-terms", json!({}));
        for who in [&self.wang, &self.li] {
            who.does("services/waive-reading", &self.with(json!({}))).unwrap();
        }
        assert_eq!(self.state(), "signing");
    }

    fn with(&self, more: Json) -> Json {
        let mut body = json!({"dispute": self.id.0});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    fn mediates(&self, command: &str, more: Json) {
        self.mediator.does(&format!("services/{command}"), &self.with(more)).unwrap();
    }

    fn state(&self) -> String {
        self.city.state(self.id).unwrap()
    }

    fn page(&self, who: &Person) -> changzhi_testkit::Shown {
        who.sees("services/dispute", &json!({"dispute": self.id.0})).unwrap()
    }

    fn digest(&self) -> String {
        let Value::Entity(terms) = self.city.value(self.id, "services.dispute.terms").unwrap() else { panic!() };
        let Value::Text(digest) = self.city.value(terms, "services.terms.digest").unwrap() else { panic!() };
        digest
    }

    fn code(&self, who: &Person) -> String {
        let done = who.does("services/ask-signing-code", &self.with(json!({}))).unwrap();
        let shown = self.page(who).value("your-signing-code").unwrap();
        self.is_sent(&done.facts, &shown);
        shown
    }

    /// The wish to send the code goes to the party's account, else to their contact; the code opens for the party and nobody else, and
    /// stands nowhere in the open.
    fn is_sent(&self, facts: &[Fact], code: &str) {
        let intended = facts.iter().find_map(|f| match f {
            Fact::Intended { kind, args, .. } => Some(Wish::read(kind, args).unwrap()),
            _ => None,
        });
        let wish = intended.expect("a wish to send the code");
        let Receiver::One { account: Some(account), contact: Some(contact) } = &wish.receiver else {
            panic!("{wish:?}")
        };
        assert_eq!(format!("{}.{}", contact.facet, contact.field), "services.party.contact");
        let (_, at) = &wish.said.sealed[0];
        let city = self.city.city();
        let Unsealed::Value(sent) = city.open_to_send(at, Some(*account)).unwrap() else { panic!("it does not open") };
        assert_eq!(sent.as_text(), Some(code));
        for other in [None, Some(EntityId(1))] {
            assert!(matches!(city.open_to_send(at, other).unwrap(), Unsealed::NotAMember));
        }
        assert!(!format!("{:?}", wish).contains(code) && wish.said.urgent && wish.said.until.is_some());
    }

    fn signature(&self, code: &str) -> Json {
        self.with(json!({"digest": self.digest(), "signing-code": code, "stroke": "M 10 12 L 14 16 L 20 18 L 30 2"}))
    }

    fn signs(&self, who: &Person) {
        let code = self.code(who);
        who.does("services/sign", &self.signature(&code)).unwrap();
    }

    fn room(&self, who: &Person, room: EntityId) -> Result<changzhi_testkit::Shown, changzhi_testkit::TestError> {
        who.sees("services/room", &json!({"room": room.0}))
    }

    fn caucus(&self, side: &str) -> EntityId {
        let body = self.with(json!({"side": side}));
        self.mediator.does("services/open-caucus", &body).unwrap().id("room").unwrap()
    }
}

fn everything(page: &changzhi_testkit::Shown) -> String {
    format!("{:?}", page.page)
}

#[test]
fn three_parties_come_to_a_performed_agreement_though_one_leaves_and_a_signature_runs_out() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::in_session(&city);
    let say =
        |who: &Person, room: EntityId, text: &str| who.does("services/say", &json!({"room": room.0, "text": text}));
    say(&case.wang, case.id, "屋顶一直在漏").unwrap();
    assert!(everything(&case.room(&case.zhao, case.id).unwrap()).contains("屋顶一直在漏"));
    // Zhao leaves in the middle of it: out of the room at once, and the others go on.
    case.zhao.does("services/leave-mediation", &case.with(json!({}))).unwrap();
    assert_eq!(case.state(), "in-session");
    assert!(case.room(&case.zhao, case.id).unwrap_err().to_string().contains("no-such-room"));
    assert!(say(&case.zhao, case.id, "还有").is_err());
    say(&case.li, case.id, "我来修").unwrap();

    let stated = case.wang.does("services/state", &case.with(json!({"sort": "fact", "text": "十月起漏水"}))).unwrap();
    let statement = stated.created("statement")[0];
    assert_eq!(case.page(&case.li).rows("open"), [["sort-fact", "十月起漏水", "take-open"]], "side by side");
    let take = case.with(json!({"statement": statement.0, "take": "admits"}));
    case.li.does("services/take-statement", &take).unwrap();
    assert_eq!(case.page(&case.wang).rows("agreed"), [["sort-fact", "十月起漏水", "take-admits"]]);

    let blank = case.with(json!({"text": "乙方支付【金额】元"}));
    let refused = case.mediator.refused("services/draft-terms", &blank).unwrap();
    assert!(refused.as_str().contains("blank-not-filled"), "{refused}");
    case.mediates("draft-terms", json!({"text": "1. 乙方支付 500 元。"}));
    let due = Micros(city.now().0 + 40 * Micros::DAY).to_rfc3339();
    let plan = json!({"what": "付款", "amount": 500, "due": due, "from-side": "b", "to-side": "a"});
    let planned = case.mediator.does("services/plan-instalment", &case.with(plan)).unwrap();
    let instalment = planned.created("instalment")[0];
    case.offered();
    // Wang signs, Li lets the week pass: nobody has signed.
    case.signs(&case.wang);
    city.pass(8 * Micros::DAY);
    city.wait_for("the signatures to run out", |_| (case.state() == "drafting").then_some(())).unwrap();
    case.offered();
    case.signs(&case.wang);
    assert_eq!(case.state(), "signing");
    case.signs(&case.li);
    assert_eq!(case.state(), "agreed");
    let agreement = case.li.sees("services/agreement", &json!({"dispute": case.id.0})).unwrap();
    assert_eq!(agreement.rows("signatures").len(), 2);
    assert!(agreement.says("1. 乙方支付 500 元。"));

    let instalment = case.with(json!({"instalment": instalment.0}));
    case.li.does("services/prove-instalment", &instalment).unwrap();
    assert_eq!(case.state(), "performing");
    let own = case.li.refused("services/confirm-instalment", &instalment).unwrap();
    assert!(own.as_str().contains("not-your-instalment"), "{own}");
    case.wang.does("services/confirm-instalment", &instalment).unwrap();
    assert_eq!(case.state(), "performed");

    let calls = case.page(&case.desk).rows("calls");
    assert_eq!(calls.iter().map(|c| c[0].as_str()).collect::<Vec<_>>(), ["7", "30", "90"]);
    assert!(!case.page(&case.desk).commands().contains(&"follow-up"), "no call is due yet");
    city.pass(8 * Micros::DAY);
    assert!(case.page(&case.desk).commands().contains(&"follow-up"));
    let mediator = case.mediator.refused("services/close-dispute", &case.with(json!({}))).unwrap();
    assert_eq!(mediator.kind(), "role", "{mediator}");
    case.desk.does("services/close-dispute", &case.with(json!({}))).unwrap();
    assert_eq!(case.state(), "closed");
    let events = ["event-party-left", "event-void-signing", "event-seal", "event-complete", "event-close"];
    let page = case.page(&case.wang);
    assert!(events.iter().all(|e| page.says(e)), "{:?}", page.page);
}

#[test]
fn a_caucus_opens_for_its_side_and_the_mediator_and_for_nobody_else_whatever_they_hold() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::in_session(&city);
    let room = case.caucus("b");
    assert_eq!(case.caucus("b"), room, "there is one for each side");
    let secret = "最多出三千";
    let said = case.li.does("services/say", &json!({"room": room.0, "text": secret})).unwrap();
    let word = said.created("mediation-word")[0];
    assert!(city.is_sealed(word, "services.word.text"));
    for inside in [&case.li, &case.mediator] {
        assert!(everything(&case.room(inside, room).unwrap()).contains(secret));
    }
    let admin = city.person("admin-2", &["admin", "operator", "mediator", "official", "verifier"]).unwrap();
    let official = admin.stating("mediation").unwrap();
    let other = case.wang.stating("mediation").unwrap();
    for outside in [&case.wang, &case.zhao, &case.desk, &admin, &official, &other] {
        assert!(case.room(outside, room).unwrap_err().to_string().contains("no-such-room"));
        let refused = outside.refused("services/say", &json!({"room": room.0, "text": "x"})).unwrap();
        assert!(refused.as_str().contains("no-such-room"), "{refused}");
        for view in ["dispute", "packet", "agreement"] {
            let shown = outside.sees(&format!("services/{view}"), &json!({"dispute": case.id.0}));
            assert!(shown.is_err() || !everything(&shown.unwrap()).contains(secret), "{view}");
        }
    }
    // That another side has a caucus is not told either.
    assert!(!everything(&case.page(&case.wang)).contains("caucus-of"));
    assert!(everything(&case.page(&case.li)).contains("caucus-of"));
}

#[test]
fn terms_open_for_those_who_take_part_though_somebody_else_states_a_purpose() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::signing(&city);
    let of = json!({"dispute": case.id.0});
    let official = city.person("boss", &["official", "admin"]).unwrap().stating("mediation").unwrap();
    // The plugin asks for the text for anybody on the staff: it is the host that refuses.
    let refused = official.sees("services/agreement", &of).unwrap_err().to_string();
    assert!(refused.contains("agreement-is-the-parties"), "{refused}");
    assert!(case.li.sees("services/agreement", &of).unwrap().says("1. 乙方于三月前修复屋顶。"));
    assert!(case.zhao.sees("services/agreement", &of).is_err(), "who has left reads on no more");
}

#[test]
fn forged_late_and_double_signatures_are_refused_and_nothing_is_lost() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::signing(&city);
    let code = case.code(&case.wang);
    for (wrong, why) in [
        (case.signature("AAAAA-AAAAA"), "signing-code-wrong"),
        (case.with(json!({"digest": "00", "signing-code": code, "stroke": "王小明"})), "text-has-changed"),
        (
            case.with(json!({"digest": case.digest(), "signing-code": code, "stroke": "<svg onload=x>"})),
            "stroke-needed",
        ),
    ] {
        let refused = case.wang.refused("services/sign", &wrong).unwrap();
        assert!(refused.as_str().contains(why), "{refused}");
    }
    // A code is one party's: the other cannot sign with it, nor see it.
    assert!(case.page(&case.li).value("your-signing-code").is_none());
    let stolen = case.li.refused("services/sign", &case.signature(&code)).unwrap();
    assert!(stolen.as_str().contains("signing-code-wrong"), "{stolen}");
    let outsider = case.zhao.refused("services/sign", &case.signature(&code)).unwrap();
    assert!(outsider.as_str().contains("not-a-party"), "{outsider}");
    city.pass(11 * 60 * Micros::SECOND);
    let late = case.wang.refused("services/sign", &case.signature(&code)).unwrap();
    assert!(late.as_str().contains("signing-code-over"), "{late}");
    case.signs(&case.wang);
    let again = case.wang.refused("services/sign", &case.signature(&code)).unwrap();
    assert!(again.as_str().contains("signed-already"), "{again}");
    // The text changes: what was signed was another one, and all sign again.
    case.mediates("draft-terms", json!({"text": "1. 乙方于四月前修复屋顶。"}));
    assert_eq!(case.state(), "drafting");
    case.offered();
    case.signs(&case.li);
    assert_eq!(case.state(), "signing", "one signature is not two");
    case.signs(&case.wang);
    assert_eq!(case.state(), "agreed");
}

#[test]
fn a_mediator_is_no_party_has_not_registered_it_and_does_not_come_back_after_stepping_back() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::begun(&city);
    let Value::Entity(seat) = city.value(case.id, "services.dispute.seat").unwrap() else { panic!() };
    case.li.does("services/recuse", &case.with(json!({"reason": "是对方亲戚"}))).unwrap();
    assert_eq!(case.state(), "accepted");
    let again = case.desk.refused("services/appoint-mediator", &case.with(json!({"seat": seat.0}))).unwrap();
    assert!(again.as_str().contains("recusal-stepped-back"), "{again}");
    let both = city.person("both", &["mediator"]).unwrap();
    let own = both.does("services/set-seat", &json!({"shown": "周", "organisation": "x"})).unwrap().id("seat").unwrap();
    let body = json!({"title": "自己的事", "dispute-category": "debt", "other-name": "某"});
    let registered = both.does("services/register-dispute", &body).unwrap();
    let (id, parties) = (registered.id("dispute").unwrap(), registered.created("dispute-party"));
    let of = json!({"dispute": id.0});
    case.desk.does("services/screen", &of).unwrap();
    case.desk.does("services/invite", &of).unwrap();
    let yes = json!({"dispute": id.0, "party": parties[1].0, "consents": "agreed", "reason": "电话"});
    case.desk.does("services/answer-for-party", &yes).unwrap();
    let refused = case.desk.refused("services/appoint-mediator", &json!({"dispute": id.0, "seat": own.0})).unwrap();
    assert!(refused.as_str().contains("recusal-is-party"), "{refused}");
    let page = case.desk.sees("services/dispute", &of).unwrap();
    assert!(!everything(&page).contains("\"周\""), "who has a conflict is not proposed");
}

#[test]
fn a_dispute_is_not_there_for_whoever_has_no_part_in_it_and_an_invitation_is_used_once() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::begun(&city);
    let stranger = city.person("stranger", &[]).unwrap();
    let none = stranger.sees("services/dispute", &json!({"dispute": case.id.0})).unwrap_err().to_string();
    assert!(none.contains("no-such-dispute"), "{none}");
    for command in ["leave-mediation", "sign", "waive-reading", "ask-court"] {
        let body = case.with(json!({"digest": "x", "signing-code": "x", "stroke": "x"}));
        let body = if command == "sign" { body } else { case.with(json!({})) };
        let refused = stranger.refused(&format!("services/{command}"), &body).unwrap();
        assert!(refused.as_str().contains("not-a-party"), "{command}: {refused}");
    }
    assert_eq!(city.value(case.parties[1], "services.party.invitation").unwrap(), Value::None);
    let guessed = stranger.refused("services/join-dispute", &json!({"invitation": "00000-00000"})).unwrap();
    assert!(guessed.as_str().contains("invitation-unknown"), "{guessed}");
    assert_eq!(case.li.sees("services/my-disputes", &json!({})).unwrap().rows("mine").len(), 1);
    assert!(stranger.sees("services/my-disputes", &json!({})).unwrap().rows("mine").is_empty());
}

#[test]
fn with_one_side_left_mediation_ends_and_the_packet_holds_no_talk() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::in_session(&city);
    let talk = "这话只在调解里说";
    case.wang.does("services/say", &json!({"room": case.id.0, "text": talk})).unwrap();
    for (sort, text) in [("fact", "十月起漏水"), ("claim", "赔三千"), ("evidence", "照片")] {
        case.wang.does("services/state", &case.with(json!({"sort": sort, "text": text}))).unwrap();
    }
    case.zhao.does("services/leave-mediation", &case.with(json!({}))).unwrap();
    case.mediates("draft-terms", json!({"text": "1. 没有人同意的条款。"}));
    case.li.does("services/leave-mediation", &case.with(json!({}))).unwrap();
    assert_eq!(case.state(), "failed");
    let packet = case.wang.sees("services/packet", &json!({"dispute": case.id.0})).unwrap();
    let all = everything(&packet);
    assert!(all.contains("赔三千") && all.contains("照片") && all.contains("十月起漏水"), "{all}");
    assert!(!all.contains(talk) && !all.contains("没有人同意的条款"), "{all}");
}

#[test]
fn a_dispute_taken_in_twice_is_shown_to_the_desk_beside_the_first_and_one_of_another_sort_is_not() {
    let city = TestCity::with(&["services"]).unwrap();
    let place = city.place("grid", "grid", "G-1", None).unwrap();
    let (desk, wang) = (city.person("desk", &["operator"]).unwrap(), city.person("wang", &[]).unwrap());
    let registered = |who: &Person, title: &str, more: Json| {
        let mut body =
            json!({"title": title, "dispute-category": "neighbours", "other-name": "李某", "place": place.0});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        who.does("services/register-dispute", &body).unwrap().id("dispute").unwrap()
    };
    let first = registered(&wang, "三号楼楼上漏水，天花板损坏", json!({}));
    registered(&wang, "小区门口拖欠工资", json!({"dispute-category": "labour"}));
    let court = json!({"dispute-channel": "court", "reference": "COURT:2026-17", "first-name": "王某"});
    let again = registered(&desk, "三号楼楼上漏水天花板损坏赔偿", court);
    let page = desk.sees("services/dispute", &json!({"dispute": again.0})).unwrap();
    let rows = page.rows("alike");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0][1], "三号楼楼上漏水，天花板损坏");
    assert!(!wang.sees("services/dispute", &json!({"dispute": first.0})).unwrap().has_section("same-disputes"));
    desk.does("services/merge-dispute", &json!({"dispute": again.0, "into": first.0})).unwrap();
    let page = desk.sees("services/dispute", &json!({"dispute": first.0})).unwrap();
    assert!(!page.has_section("same-disputes"), "what was merged is not proposed again");
}

/// Somebody who may serve beside the mediator, with their place in the public list.
fn serving<'c>(city: &'c TestCity, login: &str, role: &str) -> (Person<'c>, EntityId) {
    let person = city.person(login, &[role]).unwrap();
    let seat = json!({"shown": login, "organisation": "街道"});
    let seat = person.does("services/set-seat", &seat).unwrap().id("seat").unwrap();
    (person, seat)
}

#[test]
fn a_second_mediator_a_recorder_and_an_interpreter_each_do_what_is_theirs_and_no_more() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::in_session(&city);
    let (second, zhou) = serving(&city, "zhou", "mediator");
    let (recorder, shu) = serving(&city, "shu", "recorder");
    let (interpreter, yi) = serving(&city, "yi", "interpreter");
    let named = |seat: EntityId| {
        case.mediator.does("services/appoint-part", &case.with(json!({"seat": seat.0}))).unwrap().id("part").unwrap()
    };
    let (_, recording, interpreting) = (named(zhou), named(shu), named(yi));
    let twice = case.desk.refused("services/appoint-part", &case.with(json!({"seat": shu.0}))).unwrap();
    assert!(twice.as_str().contains("recusal-has-a-part"), "{twice}");
    let say = |who: &Person, room: EntityId, sort: &str, text: &str| {
        who.asks("services/say", &json!({"room": room.0, "sort": sort, "text": text})).unwrap()
    };
    let refused = |reply: changzhi_testkit::Reply| match reply {
        changzhi_testkit::Reply::Refused(refused) => refused.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    // The recorder writes minutes, says nothing, decides nothing.
    assert!(matches!(say(&recorder, case.id, "minutes", "双方到场"), changzhi_testkit::Reply::Done(_)));
    assert!(refused(say(&recorder, case.id, "talk", "我觉得")).contains("recorder-says-nothing"));
    for (command, body) in [
        ("state", case.with(json!({"sort": "fact", "text": "x"}))),
        ("adjourn", case.with(json!({"reason": "x"}))),
        ("offer-terms", case.with(json!({}))),
        ("waive-reading", case.with(json!({}))),
        ("open-caucus", case.with(json!({"side": "a"}))),
    ] {
        recorder.refused(&format!("services/{command}"), &body).unwrap();
        interpreter.refused(&format!("services/{command}"), &body).unwrap();
    }
    // The interpreter says what others said; minutes are not theirs.
    assert!(matches!(say(&interpreter, case.id, "talk", "他说：十月起"), changzhi_testkit::Reply::Done(_)));
    assert!(refused(say(&interpreter, case.id, "minutes", "x")).contains("mediator-writes-minutes"));
    // The second mediator opens a caucus and is in it; ends nothing, extends nothing, is not replaced by themselves.
    let room = second.does("services/open-caucus", &case.with(json!({"side": "b"}))).unwrap().id("room").unwrap();
    case.li.does("services/say", &json!({"room": room.0, "text": "最多出三千"})).unwrap();
    assert!(everything(&case.room(&second, room).unwrap()).contains("最多出三千"));
    for command in ["end-mediation", "recuse"] {
        let no = second.refused(&format!("services/{command}"), &case.with(json!({"reason": "x"}))).unwrap();
        assert!(no.as_str().contains("not-the-mediator"), "{command}: {no}");
    }
    for outside in [&recorder, &interpreter] {
        assert!(case.room(outside, room).is_err(), "a caucus is nobody else's");
        assert!(!everything(&case.page(outside)).contains("caucus-of"));
    }
    // Only that side asks an interpreter in; what was said before is not theirs; asked out, they are out at once.
    let ask = json!({"room": room.0, "interpreter": interpreting.0});
    for other in [&case.wang, &case.mediator, &second, &interpreter] {
        other.refused("services/ask-interpreter-in", &ask).unwrap();
    }
    case.li.does("services/ask-interpreter-in", &ask).unwrap();
    case.li.does("services/say", &json!({"room": room.0, "text": "请翻译这一句"})).unwrap();
    let heard = everything(&case.room(&interpreter, room).unwrap());
    assert!(heard.contains("请翻译这一句") && !heard.contains("最多出三千"), "{heard}");
    case.li.does("services/ask-interpreter-out", &ask).unwrap();
    assert!(case.room(&interpreter, room).is_err());
    let recorder_in = json!({"room": room.0, "interpreter": recording.0});
    case.li.refused("services/ask-interpreter-in", &recorder_in).unwrap();
    // A party asks the recorder to step back: out at once, and not named again.
    let back = case.with(json!({"case-part": recording.0, "reason": "是对方亲戚"}));
    case.wang.does("services/end-part", &back).unwrap();
    assert!(case.room(&recorder, case.id).is_err());
    let again = case.desk.refused("services/appoint-part", &case.with(json!({"seat": shu.0}))).unwrap();
    assert!(again.as_str().contains("recusal-stepped-back"), "{again}");
    // Nobody who has a part becomes a party, and no party serves.
    let own = {
        let party = city.person("li", &["interpreter"]).unwrap();
        let seat = json!({"shown": "li", "organisation": "x"});
        party.does("services/set-seat", &seat).unwrap().id("seat").unwrap()
    };
    let partial = case.desk.refused("services/appoint-part", &case.with(json!({"seat": own.0}))).unwrap();
    assert!(partial.as_str().contains("recusal-is-party"), "{partial}");
    assert!(
        !case
            .desk
            .sees("services/dispute", &case.with(json!({})))
            .unwrap()
            .rows("mediators-proposed")
            .iter()
            .any(|r| r[0] == "shu")
    );
}

#[test]
fn everybody_who_is_to_come_is_told_of_a_session_and_has_it_as_an_appointment() {
    let city = TestCity::with(&["services"]).unwrap();
    let case = Case::begun(&city);
    let (recorder, shu) = serving(&city, "shu", "recorder");
    case.mediator.does("services/appoint-part", &case.with(json!({"seat": shu.0}))).unwrap();
    case.mediates("prepare", json!({}));
    let at = Micros(city.now().0 + Micros::DAY);
    let body = json!({"session-at": at.to_rfc3339(), "session-mode": "in-person", "session-place": "街道三楼"});
    let done = case.mediator.does("services/schedule", &case.with(body)).unwrap();
    let told = done.facts.iter().filter(|f| matches!(f, Fact::Intended { .. })).count();
    assert_eq!(told, 4, "three parties and the recorder");
    for who in [&case.wang, &case.li, &case.zhao, &case.mediator, &recorder] {
        assert_eq!(case.page(who).parts("appointment").len(), 1);
    }
    let stranger = city.person("official", &["official"]).unwrap();
    assert!(case.page(&stranger).parts("appointment").is_empty(), "whose session it is not has no appointment");
}
