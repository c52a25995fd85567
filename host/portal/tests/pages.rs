//! The pages on a real server: without a script, in two languages, and with every text hostile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_portal::PortalOptions;
use changzhi_portal::shape::*;
use support::*;

const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;";

fn host() -> Host {
    Host::start(PortalOptions::default())
}

fn get(h: &Host, cookie: &str, path: &str) -> Reply {
    h.send("GET", path, &[("Cookie", cookie), ("Accept", "text/html")], b"")
}

fn post(h: &Host, cookie: &str, path: &str, body: &str) -> Reply {
    let headers = [
        ("Cookie", cookie),
        ("Accept", "text/html"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    h.send("POST", path, &headers, body.as_bytes())
}

fn show(h: &Host, nodes: Vec<Node>) {
    *h.city.page.lock().unwrap() = Page { title: evil(), nodes };
}

fn evil() -> Text {
    Text::Plain(EVIL.into())
}

fn node(children: u32, kind: NodeKind) -> Node {
    Node { key: EVIL.into(), children, kind }
}

fn call() -> Call {
    let arg = |name: &str, value| Named { name: name.into(), value };
    Call {
        name: format!("{EVIL}/{EVIL}"),
        args: vec![
            arg(EVIL, Value::Text(EVIL.into())),
            arg("p", Value::Point(Point { lon: 1.0, lat: 2.0 })),
            arg("n", Value::None),
        ],
    }
}

fn cells() -> Vec<Cell> {
    let s = || EVIL.to_owned();
    vec![
        Cell::None,
        Cell::Text(evil()),
        Cell::Int(-7),
        Cell::Num(f64::NAN),
        Cell::Flag(true),
        Cell::Time(i64::MAX),
        Cell::Date(0),
        Cell::Duration(i64::MIN),
        Cell::Code(s()),
        Cell::Status(s()),
        Cell::Level(0),
        Cell::Level(255),
        Cell::Due(Due { at: 2, limit: 1 }),
        Cell::Place(Place { id: Some(1), at: Some(Point { lon: 1.0, lat: 2.0 }), label: evil() }),
        Cell::Person(9),
        Cell::Money(f64::INFINITY),
        Cell::Percent(12.3),
        Cell::Tags(vec![s(), s()]),
        Cell::Other(Named { name: s(), value: Value::Text(s()) }),
    ]
}

/// Every node of `wit/view.wit`, each text hostile.
fn every_node() -> Vec<Node> {
    let s = || EVIL.to_owned();
    let input = |kind: &str, value: Value, options: Vec<Choice>| {
        node(
            0,
            NodeKind::Input(Input {
                name: s(),
                label: evil(),
                hint: Some(evil()),
                kind: kind.into(),
                required: true,
                value,
                options,
                min: Some(f64::NAN),
                max: None,
                max_len: 9,
            }),
        )
    };
    let choice = Choice { value: s(), label: evil() };
    let action = |deed, confirm| {
        node(0, NodeKind::Action(Action { label: evil(), style: Style::Danger, deed, confirm, reason: true }))
    };
    let labelled = cells().into_iter().map(|value| node(0, NodeKind::Labelled(Labelled { label: evil(), value })));
    let cols = vec![Col { key: s(), label: evil(), priority: 3, sortable: true, numeric: true }];
    let mut nodes = vec![node(cells().len() as u32, NodeKind::Detail)];
    nodes.extend(labelled);
    nodes.extend([
        node(1, NodeKind::Group(Layout::Fold)),
        node(1, NodeKind::Section(Section { title: evil(), help: Some(evil()), empty: Some(evil()), live: true })),
        node(
            0,
            NodeKind::Stat(Stat {
                label: evil(),
                value: Cell::Text(evil()),
                delta: Some(Cell::Text(evil())),
                level: Some(1),
            }),
        ),
        node(1, NodeKind::Table(Table { cols, total: 1, next: Some(call()) })),
        node(0, NodeKind::Row(Row { cells: cells(), open: Some(call()) })),
        node(9, NodeKind::Form(Form { submit: call(), label: evil(), offline: true })),
        input("text", Value::Text(s()), vec![]),
        input(EVIL, Value::Text(s()), vec![]),
        input("long-text", Value::Text(s()), vec![]),
        input("flag", Value::Flag(true), vec![]),
        input("point", Value::None, vec![]),
        input("hidden", Value::Text(s()), vec![]),
        input("code", Value::Text(s()), vec![choice]),
        input("time", Value::Time(i64::MIN), vec![]),
        input("num", Value::Num(1.5), vec![]),
        node(0, NodeKind::Notice(Notice { tone: Tone::Danger, text: evil() })),
        node(
            0,
            NodeKind::Paragraph(Text::Msg(Msg { key: s(), args: vec![Named { name: s(), value: Value::Text(s()) }] })),
        ),
        action(Deed::Command(call()), Some(evil())),
        action(Deed::Open(call()), None),
        action(Deed::Download(call()), None),
        action(Deed::Other(call()), None),
        node(1, NodeKind::Chart(Chart { shape: s(), x: evil(), unit: evil() })),
        node(0, NodeKind::Series(Series { label: evil(), xs: vec![s(), s()], ys: vec![f64::NAN] })),
        node(1, NodeKind::Timeline),
        node(0, NodeKind::Moment(Moment { at: 1, actor: evil(), text: evil(), level: Some(2) })),
        node(1, NodeKind::Progress),
        node(0, NodeKind::Step(Step { label: evil(), state: s(), at: Some(1) })),
        node(1, NodeKind::Map),
        node(
            0,
            NodeKind::Layer(Layer {
                label: evil(),
                shape: s(),
                token: s(),
                points: vec![Spot { key: s(), at: Point { lon: 1.0, lat: 2.0 }, label: evil(), open: Some(call()) }],
            }),
        ),
        node(1, NodeKind::Tree),
        node(0, NodeKind::Branch(Branch { label: evil(), value: Cell::Text(evil()), open: Some(call()) })),
        node(0, NodeKind::Other(Other { kind: s(), attributes: vec![], fallback: Text::Plain("a later node".into()) })),
    ]);
    nodes
}

#[test]
fn no_text_of_any_node_becomes_markup() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, every_node());
    let r = get(&h, &cookie, "/p/desk/list");
    assert_eq!(r.status, 200, "{}", r.body);
    // The one script is the portal's own.
    let (scripts, own) = (r.body.matches("<script").count(), "<script type=\"module\" id=\"portal\" src=\"/assets/");
    assert!(scripts == 1 && r.body.contains(own) && !r.body.contains("<img"), "{}", r.body);
    assert!(r.body.matches("&lt;script&gt;").count() > 60, "{}", r.body.matches("&lt;script&gt;").count());
    assert!(r.body.contains("a later node"));
    for tag in r.body.split('<').skip(1).filter_map(|t| t.split_once('>').map(|(tag, _)| tag)) {
        // What stands between quotes is data: a quote inside it is escaped, or it would end up outside here.
        let names: String = tag.split('"').step_by(2).collect();
        assert!(!names.contains(" on") && !names.contains("style=") && !tag.contains("=\"javascript:"), "{tag}");
    }
    h.stop();
}

#[test]
fn a_tree_with_lying_child_counts_is_still_a_page() {
    let h = host();
    let cookie = h.browser("li");
    let deep = (0..5_000).map(|_| node(1, NodeKind::Group(Layout::Stack))).collect();
    show(&h, deep);
    assert_eq!(get(&h, &cookie, "/p/desk/list").status, 200);
    show(&h, vec![node(u32::MAX, NodeKind::Tree), node(7, NodeKind::Paragraph(Text::Plain("x".into())))]);
    assert_eq!(get(&h, &cookie, "/p/desk/list").status, 200);
    h.stop();
}

#[test]
fn every_answer_wears_the_security_headers() {
    let h = host();
    for path in ["/sign-in", "/healthz", "/api/openapi.json", "/nowhere"] {
        let r = h.send("GET", path, &[], b"");
        let csp = r.header("content-security-policy").unwrap();
        assert!(
            csp.starts_with("default-src 'none'") && csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe")
        );
        for part in csp.split("; ") {
            let (of, sources) = part.split_once(' ').unwrap();
            let blob = if of == "img-src" { "'self' data: blob:" } else { "" };
            assert!(["'self'", "'none'", blob].contains(&sources), "{part}");
        }
        assert_eq!(r.header("x-content-type-options").as_deref(), Some("nosniff"));
        assert!(r.header("referrer-policy").is_some() && r.header("strict-transport-security").is_none());
    }
    h.stop();
    let tls = Host::start(PortalOptions { tls: true, ..PortalOptions::default() });
    let r = tls.send("GET", "/sign-in", &[], b"");
    assert!(r.header("strict-transport-security").is_some());
    assert!(r.header("set-cookie").unwrap().contains("Secure"));
    tls.stop();
}

#[test]
fn signing_in_needs_our_own_form_and_the_cookie_is_kept_from_scripts_and_other_sites() {
    let h = host();
    let form = h.send("GET", "/sign-in", &[("Accept", "text/html")], b"");
    let good = format!("_csrf={}&login=li&password=correct+horse", form.csrf());
    assert_eq!(post(&h, "", "/sign-in", &good).status, 403);
    assert_eq!(post(&h, &form.cookie(), "/sign-in", "login=li&password=correct+horse").status, 403);
    let wrong = post(&h, &form.cookie(), "/sign-in", &good.replace("horse", "cow"));
    assert_eq!(wrong.status, 401);
    assert!(
        wrong.body.contains("账号或密码不正确") && wrong.body.contains("value=\"li\"") && !wrong.body.contains("cow")
    );
    let cookie = h.browser("li");
    let page = get(&h, &cookie, "/");
    assert!(
        page.body.contains("李四")
            && page.body.contains("/p/desk/list")
            && page.body.contains("清单")
            && page.body.contains("/admin")
    );
    let fresh = post(&h, &form.cookie(), "/sign-in", &good);
    let set = fresh.header("set-cookie").unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let out = post(&h, &cookie, "/sign-out", &format!("_csrf={}", page.csrf()));
    assert_eq!((out.status, out.header("location").as_deref()), (303, Some("/sign-in")));
    assert_eq!(get(&h, &cookie, "/").status, 303);
    h.stop();
}

#[test]
fn a_visitor_sees_only_what_the_roles_open() {
    let h = host();
    let guest = h.browser("guest");
    let home = get(&h, &guest, "/");
    assert!(home.status == 200 && !home.body.contains("/p/desk/list") && !home.body.contains("/admin"));
    assert_eq!(get(&h, &guest, "/p/desk/list").status, 403);
    assert_eq!(get(&h, &guest, "/admin").status, 403);
    assert_eq!(get(&h, "", "/p/desk/list").header("location").as_deref(), Some("/sign-in"));
    h.stop();
}

#[test]
fn a_form_comes_back_with_what_is_wrong_and_what_was_typed_and_then_with_a_receipt() {
    let h = host();
    let cookie = h.browser("li");
    let form = get(&h, &cookie, "/do/desk/file");
    let csrf = form.csrf();
    let send = |rest: &str| {
        post(&h, &cookie, "/do/desk/file", &format!("_csrf={csrf}&_key=k1&_back=%2Fp%2Fdesk%2Flist&{rest}"))
    };
    let wrong = send("title=%3Cb%3E+kept+but+much+too+long+for+it&n=x");
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("role=\"alert\"")
            && wrong.body.contains("href=\"#f-title\"")
            && wrong.body.contains("href=\"#f-n\"")
    );
    assert!(wrong.body.contains("&lt;b&gt; kept but") && wrong.body.contains("name=\"_key\" value=\"k1\""));
    let conflict = send("title=conflict");
    assert!(conflict.status == 409 && conflict.body.contains("不行") && conflict.body.contains("value=\"conflict\""));
    let done = send("title=x&n=");
    assert_eq!((done.status, done.header("location").as_deref()), (303, Some("/p/desk/list?_done=42")));
    assert!(get(&h, &cookie, "/p/desk/list?_done=42").body.contains("回执号"));
    let forged = post(&h, &cookie, "/do/desk/file", "_csrf=00&title=x");
    assert_eq!(forged.status, 403);
    assert_eq!(post(&h, &cookie, "/do/desk/file", "_csrf=%zz").status, 400);
    h.stop();
}

#[test]
fn the_language_follows_the_browser_and_the_link() {
    let h = host();
    let lang = |path: &str, accept: &str| h.send("GET", path, &[("Accept-Language", accept)], b"").body;
    assert!(lang("/sign-in", "").contains("lang=\"zh-CN\"") && lang("/sign-in", "").contains("登录"));
    assert!(lang("/sign-in", "en-GB").contains("Sign in"));
    assert!(lang("/sign-in?lang=zh-CN", "en").contains("登录"));
    h.stop();
}

#[test]
fn the_style_sheet_is_our_own_and_kept_for_ever_under_its_content() {
    let h = host();
    let page = h.send("GET", "/sign-in", &[], b"").body;
    let href = page.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let css = h.send("GET", &format!("/assets/{href}"), &[], b"");
    assert!(css.status == 200 && css.header("cache-control").unwrap().contains("immutable"));
    assert!(css.body.contains("prefers-color-scheme: dark"));
    for gone in ["/assets/portal.0.css", "/assets/0/portal.css", "/assets/../Cargo.toml"] {
        assert_eq!(h.send("GET", gone, &[], b"").status, 404, "{gone}");
    }
    let script = page.split("src=\"/assets/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let packed = h.send("GET", &format!("/assets/{script}"), &[("Accept-Encoding", "gzip, br")], b"");
    assert_eq!(packed.header("content-encoding").as_deref(), Some("br"));
    assert_eq!(packed.header("vary").as_deref(), Some("accept-encoding"));
    h.stop();
}

#[test]
fn pages_are_compressed_and_an_app_can_be_made_of_them() {
    let h = host();
    for (accepted, coding) in [("br", Some("br")), ("gzip", Some("gzip")), ("", None)] {
        let page = h.send("GET", "/sign-in", &[("Accept-Encoding", accepted)], b"");
        assert_eq!(page.header("content-encoding").as_deref(), coding);
    }
    let manifest = h.send("GET", "/manifest.webmanifest", &[], b"");
    assert_eq!(manifest.header("content-type").as_deref(), Some("application/manifest+json"));
    for icon in manifest.json()["icons"].as_array().unwrap() {
        let file = h.send("GET", icon["src"].as_str().unwrap(), &[], b"");
        assert_eq!((file.status, file.header("content-type")), (200, icon["type"].as_str().map(str::to_owned)));
    }
    let worker = h.send("GET", "/service-worker.js", &[], b"");
    assert!(worker.header("cache-control").unwrap() == "no-cache" && !worker.body.contains("%BUILD%"));
    assert!(h.send("GET", "/offline", &[], b"").body.contains("没有网络"));
    h.stop();
}

#[test]
fn only_pages_with_forms_may_ask_where_they_are() {
    let h = host();
    let cookie = h.browser("li");
    let may = |path: &str| get(&h, &cookie, path).header("permissions-policy").unwrap();
    assert_eq!(may("/do/desk/file"), "camera=(self), microphone=(), geolocation=(self)");
    assert_eq!(may("/"), "camera=(), microphone=(), geolocation=()");
    h.stop();
}

#[test]
fn the_administrator_sees_the_quarantine_and_retries() {
    let h = host();
    let cookie = h.browser("li");
    let page = get(&h, &cookie, "/admin");
    assert!(
        page.status == 200
            && page.body.contains("1.2.3")
            && page.body.contains("&lt;b&gt;trap")
            && !page.body.contains("<b>trap")
    );
    let retry =
        |plugin: &str| post(&h, &cookie, "/admin/retry", &format!("_csrf={}&plugin={plugin}", page.csrf())).status;
    assert_eq!((retry("desk"), retry("none")), (303, 404));
    assert_eq!(post(&h, &cookie, "/admin/retry", "plugin=desk").status, 403);
    h.stop();
}
