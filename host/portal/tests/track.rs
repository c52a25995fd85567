//! Following a matter by code and PIN: allowed, refused alike, guessed at, and sent nonsense.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::{Outcome, PIN, REPORTER};
use changzhi_model::*;
use changzhi_portal::PortalOptions;
use changzhi_portal::shape::{
    Action, Call, Deed, Named as Arg, Node, NodeKind, Page, Style, Text as Words, Value as Shown,
};
use std::sync::Arc;
use support::*;

const EVIL: &str = "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
const CODE: &str = "ABCDE-12345";

/// A host whose desk tells PINs, with one matter, and its PIN.
fn host() -> (Host, EntityId, String) {
    let h = Host::start(PortalOptions::default());
    let about = || FieldDecl { required: true, ..FieldDecl::new("case", FieldType::Entity(Some(Family::Events))) };
    let filled =
        |name| FieldDecl { sensitivity: Sensitivity::Secret, max_len: 64, ..FieldDecl::new(name, FieldType::Text) };
    let view = |name: &str, purpose| ViewDecl {
        name: name.into(),
        label: "desk-list".into(),
        params: vec![about()],
        roles: vec![REPORTER],
        purpose,
        listed: false,
    };
    let command = |name: &str, roles: Vec<Name>, fields| CommandDecl {
        name: name.into(),
        label: "desk-file".into(),
        fields,
        roles,
        purpose: false,
    };
    let mut desk = desk();
    desk.views.extend([view("mine", false), view("words", true)]);
    desk.commands.extend([
        command("add", vec![REPORTER], vec![about(), FieldDecl::new("more", FieldType::LongText)]),
        command("report", vec![], vec![FieldDecl::new("title", FieldType::Text), filled("pin"), filled("own")]),
    ]);
    desk.facets.push(FacetDecl {
        name: "desk.contact".into(),
        on: Family::Events,
        label: "desk-words".into(),
        fields: vec![
            about(),
            FieldDecl {
                sensitivity: Sensitivity::Personal,
                label: "desk-words".into(),
                ..FieldDecl::new("phone", FieldType::Text)
            },
        ],
    });
    desk.kinds.push(KindDecl { name: "contact".into(), on: Family::Events, label: "desk-case".into(), flow: None });
    let mut manifests = h.city.inner.manifests.lock().unwrap();
    manifests.retain(|m| m.id != "desk");
    manifests.push(Arc::new(desk));
    drop(manifests);
    let li = h.id("li");
    let matter = h.matter(900, li, "灯");
    let session = h.gate.by_token(&h.token).unwrap();
    let ask = changzhi_gate::Ask {
        plugin: "desk",
        command: "report",
        purpose: None,
        place: None,
        key: Some("k1"),
        locale: "zh-CN",
    };
    let checked = h.gate.check(&session, &ask, &serde_json::json!({"title": "灯"})).unwrap();
    let told = checked.private.iter().find(|n| n.name == PIN).unwrap().value.as_text().unwrap().to_owned();
    let mut tables = h.city.inner.tables.lock().unwrap();
    tables.cells.insert((900, "desk.case".into(), "code".into()), Value::text(CODE));
    tables.cells.insert((900, "host.claim".into(), "pin".into()), checked.submission.body[1].clone());
    tables.cells.insert((900, "host.claim".into(), "own".into()), checked.submission.body[2].clone());
    drop(tables);
    *h.city.maker.lock().unwrap() = Some(Box::new(|look| {
        let call = Call { name: "add".into(), args: vec![Arg { name: "case".into(), value: Shown::Entity(900) }] };
        let act = Action {
            label: Words::Plain("补充".into()),
            style: Style::Plain,
            deed: Deed::Command(call),
            confirm: None,
            reason: false,
        };
        let said = match look.purpose.as_str() {
            "own-matter" => "张三的原话",
            _ => "进度在此",
        };
        let nodes = vec![
            Node { key: "p".into(), children: 0, kind: NodeKind::Paragraph(Words::Plain(said.into())) },
            Node { key: "a".into(), children: 0, kind: NodeKind::Action(act) },
        ];
        Page { title: Words::Plain(format!("{}", look.view)), nodes }
    }));
    (h, matter, told)
}

/// Gives a code and a PIN as a browser does.
fn claim(h: &Host, code: &str, pin: &str) -> Reply {
    let form = h.send("GET", "/track", &[("Accept", "text/html")], b"");
    h.form(&form.cookie(), "/track", &format!("_csrf={}&code={code}&pin={}", form.csrf(), pin.replace(' ', "+")))
}

#[test]
fn a_code_and_its_pin_open_one_page_and_sign_nobody_in() {
    let (h, _, pin) = host();
    let form = h.send("GET", &format!("/track?code={EVIL}"), &[("Accept", "text/html")], b"");
    assert!(form.status == 200 && !form.body.contains("<script>alert"), "{}", form.body);
    let reply = claim(&h, "abcde12345", &pin);
    assert_eq!((reply.status, reply.header("location").unwrap().as_str()), (303, "/track/matter"), "{}", reply.body);
    let cookie = reply.cookie();
    assert!(reply.head.contains("HttpOnly") && reply.head.contains("SameSite=Strict"));
    let page = h.page(&cookie, "/track/matter");
    assert!(
        page.status == 200 && page.body.contains("进度在此") && page.body.contains("<svg class=\"qr\""),
        "{}",
        page.body
    );
    assert!(page.body.contains(&format!("http://test/track?code={CODE}")) && !page.body.contains("张三"));
    assert!(page.body.contains("action=\"/track/do/desk/add\""), "{}", page.body);
    assert!(!page.body.contains("style=") && !page.body.contains("onclick"), "{}", page.body);
    for closed in ["/", "/me", "/p/desk/list", "/p/desk/mine?case=900", "/notices", "/files/900"] {
        assert!([303, 401].contains(&h.page(&cookie, closed).status), "{closed}");
    }
    let as_session = cookie.replace("changzhi-track=", "changzhi=");
    assert_eq!(h.page(&as_session, "/me").status, 303, "its cookie is no sign-in");
    let words = h.page(&cookie, "/track/see/desk/words");
    assert!(words.status == 200 && words.body.contains("张三的原话"));
    assert_eq!(h.page(&cookie, "/track/see/desk/list").status, 404, "a view for clerks");
    assert_eq!(h.page(&cookie, "/track/see/host/accounts").status, 404);
    assert_eq!(h.form(&cookie, "/track/end", &format!("_csrf={}", page.csrf())).status, 303);
    assert_eq!(h.page(&cookie, "/track/matter").status, 303, "left");
    h.stop();
}

#[test]
fn a_wrong_code_and_a_wrong_pin_get_the_same_page_and_guessing_waits() {
    let (h, _, pin) = host();
    let strip = |r: &Reply| {
        let csrf = r.csrf();
        r.body.replace(&csrf, "").replace(CODE, "").replace("ZZZZZ-99999", "")
    };
    let (wrong_pin, wrong_code) = (claim(&h, CODE, "00000000"), claim(&h, "ZZZZZ-99999", &pin));
    assert_eq!((wrong_pin.status, wrong_code.status), (401, 401));
    assert_eq!(strip(&wrong_pin), strip(&wrong_code));
    assert!(wrong_pin.body.contains("编号或查询密码不正确"));
    let mut last = 401;
    for _ in 0..6 {
        last = claim(&h, CODE, "00000000").status;
    }
    assert_eq!(last, 429, "the code waits");
    assert_eq!(claim(&h, CODE, &pin).status, 429, "the right PIN too");
    let form = h.send("GET", "/track", &[("Accept", "text/html")], b"");
    let body = format!("_csrf=x&code={CODE}&pin={}", pin.replace(' ', ""));
    assert_eq!(h.form(&form.cookie(), "/track", &body).status, 403, "from our own page only");
    for nonsense in [EVIL, "%00", &"9".repeat(5_000), ""] {
        assert_eq!(claim(&h, nonsense, nonsense).status, 401, "{}", &nonsense[..nonsense.len().min(20)]);
    }
    h.stop();
}

#[test]
fn what_the_reporter_does_goes_through_the_gate_as_the_reporter_and_about_nothing_else() {
    let (h, matter, pin) = host();
    let other = h.matter(901, h.id("li"), "别人的");
    let cookie = claim(&h, CODE, &pin).cookie();
    let csrf = h.page(&cookie, "/track/matter").csrf();
    *h.city.inner.other.lock().unwrap() = Some(Box::new(|s| {
        assert!(s.actor.id.is_none() && s.actor.roles == [REPORTER], "{:?}", s.actor);
        Outcome::Done { seq: Seq(77), answer: vec![], changed: true, replayed: false }
    }));
    let act = |path: &str, body: &str| h.form(&cookie, path, &format!("_csrf={csrf}&_key=k&{body}"));
    let done = act("/track/do/desk/add", &format!("case={matter}&more=x&_back=/track/matter"));
    assert_eq!(
        (done.status, done.header("location").unwrap().as_str()),
        (303, "/track/matter?_done=77"),
        "{}",
        done.body
    );
    assert_eq!(
        h.form(&cookie, "/track/do/desk/add", &format!("case={matter}")).status,
        403,
        "without the form's secret"
    );
    assert_eq!(act("/track/do/desk/add", &format!("case={other}")).status, 404, "another matter");
    assert_eq!(act("/track/do/desk/add", "").status, 422, "no matter");
    assert_eq!(act("/track/do/desk/report", "title=x").status, 404, "nothing new is filed by it");
    assert_eq!(act("/track/do/host/follow", &format!("matter={matter}")).status, 404);
    assert_eq!(act("/track/do/desk/file", "title=x").status, 403, "a clerk's command");
    let wrong = act("/track/do/desk/add", &format!("case={matter}&more={EVIL}%01"));
    assert!(wrong.status == 422 && !wrong.body.contains("<script>alert"));
    h.stop();
}

#[test]
fn each_look_at_a_matter_and_at_who_reported_it_is_shown_to_the_reporter() {
    let (h, matter, pin) = host();
    let cookie = claim(&h, CODE, &pin).cookie();
    let contact = EntityId(950);
    {
        let mut tables = h.city.inner.tables.lock().unwrap();
        let core = changzhi_gate::Core { kind: "contact".into(), ..tables.cores[&900].clone() };
        tables.cores.insert(contact.0, core);
        tables.cells.insert((contact.0, "desk.contact".into(), "case".into()), Value::Entity(matter));
    }
    assert!(h.page(&cookie, "/track/looks").body.contains("没有人查看过"), "nobody yet");
    let looked =
        |entity, facet: &str, field: &str| Fact::Looked { entity, facet: facet.into(), fields: vec![field.into()] };
    h.happened(h.id("li"), "look", vec![looked(matter, "desk.case", "words")]);
    h.happened(h.id("guest"), "look", vec![looked(contact, "desk.contact", "phone")]);
    let page = h.page(&cookie, "/track/looks").body;
    assert!(page.contains("li") && page.contains("guest") && page.contains("调解") && page.contains("原话"), "{page}");
    assert!(page.contains("查看自己的反映"), "the look at this page is one too");
    let mine = h.page(&h.browser("li"), "/me/looks").body;
    assert!(mine.contains("guest"), "signed in, what is kept apart is mine too");
    h.stop();
}

#[test]
fn a_filing_leads_to_its_code_and_pin_for_the_account_that_filed() {
    let (h, _, pin) = host();
    let li = h.browser("li");
    let page = h.page(&li, "/filed?matter=900&_key=k1&_done=7");
    assert!(page.status == 200 && page.body.contains(CODE) && page.body.contains(&pin), "{}", page.body);
    assert!(page.body.contains("<svg class=\"qr\""));
    let later = h.page(&li, "/filed?matter=900&_key=k2");
    assert!(later.status == 200 && later.body.contains(CODE) && !later.body.contains(&pin), "its own, without the key");
    let guest = h.browser("guest");
    for path in ["/filed?matter=900&_key=k1", "/filed?matter=901&_key=k1", "/filed", "/filed?matter=x&_key=%22"] {
        assert_eq!(h.page(&guest, path).status, 404, "{path}");
    }
    // The form never asks for a PIN; filing leads there.
    let form = h.page(&li, "/do/desk/report");
    assert!(!form.body.contains("name=\"pin\"") && !form.body.contains("name=\"own\""));
    let sent = h.form(&li, "/do/desk/report", &format!("_csrf={}&_key=k1&title=x", form.csrf()));
    assert_eq!(sent.status, 303);
    assert!(sent.header("location").unwrap().starts_with("/filed?matter=5&_key=k1&_done="), "{:?}", sent.head);
    h.matter(902, h.id("guest"), "x");
    let session = h.gate.sign_in("guest", town::PASSWORD, "1.1.1.1").ok().unwrap().session;
    let ask = changzhi_gate::Ask {
        plugin: "desk",
        command: "report",
        purpose: None,
        place: None,
        key: Some("k3"),
        locale: "en",
    };
    let checked = h.gate.check(&session, &ask, &serde_json::json!({"title": "x"})).unwrap();
    let own = ((902, "host.claim".into(), "own".into()), checked.submission.body[2].clone());
    h.city.inner.tables.lock().unwrap().cells.extend([own]);
    let listed = h.page(&guest, "/?box=mine").body;
    assert!(listed.contains("/p/desk/mine?case=902"), "what I filed leads to its page: {listed}");
    h.stop();
}
