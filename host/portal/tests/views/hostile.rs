//! No text of any part becomes markup: the page with hostile texts has exactly the elements and attribute names of the page with
//! harmless ones of the same length.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Every kind of node and of `other`, with this in every text, key, name and attribute that is free.
fn every(e: &str) -> Vec<Node> {
    let t = || plain(e);
    let msg = || Text::Msg(Msg { key: e.to_owned(), args: vec![arg(e, text(e))] });
    let to = || Some(call(e, vec![arg(e, text(e)), arg("at", Value::Point(Point { lon: 1.0, lat: 2.0 }))]));
    let cells = || {
        vec![
            Cell::Text(t()),
            Cell::Text(msg()),
            Cell::Code(e.into()),
            Cell::Status(e.into()),
            Cell::Tags(vec![e.into()]),
            Cell::Place(Place { id: Some(1), at: None, label: t() }),
            Cell::Other(arg(e, text(e))),
        ]
    };
    let input = |key: &str, kind: &str, options: bool| {
        let options = if options { vec![Choice { value: e.into(), label: t() }] } else { vec![] };
        node(
            key,
            0,
            NodeKind::Input(Input {
                name: e.into(),
                label: t(),
                hint: Some(t()),
                kind: kind.into(),
                required: false,
                value: text(e),
                options,
                min: None,
                max: None,
                max_len: 0,
            }),
        )
    };
    let action = |key: &str, deed: Deed, confirm: bool| {
        node(
            key,
            0,
            NodeKind::Action(Action {
                label: t(),
                style: Style::Plain,
                deed,
                confirm: confirm.then(t),
                reason: confirm,
            }),
        )
    };
    let o = |key: &str, children: u32, kind: &str, attributes: Vec<Named>| other(key, children, kind, e, attributes);
    let series = |key: &str| {
        node(key, 0, NodeKind::Series(Series { label: t(), xs: vec![e.into(), e.into()], ys: vec![1.0, 2.0] }))
    };
    let line = |key: &str| node(key, 0, NodeKind::Labelled(Labelled { label: t(), value: Cell::Text(t()) }));
    let file = |key: &str| {
        o(key, 0, "file", vec![arg("by", text(e)), arg("open", text(e)), arg(&format!("open.{e}"), text(e))])
    };
    let mut all = vec![
        node(e, 2, NodeKind::Section(Section { title: t(), help: Some(t()), empty: Some(t()), live: true })),
        node("p", 0, NodeKind::Paragraph(t())),
        node("m", 0, NodeKind::Paragraph(msg())),
        section("empty", 0),
        node(
            "stat",
            2,
            NodeKind::Stat(Stat { label: t(), value: Cell::Text(t()), delta: Some(Cell::Text(t())), level: Some(1) }),
        ),
        series("s"),
        action("o", Deed::Open(call(e, vec![])), false),
    ];
    let cols = (0..7)
        .map(|i| Col { key: format!("{e}{i}"), label: t(), priority: 1, sortable: true, numeric: false })
        .collect();
    all.extend([
        node("table", 3, NodeKind::Table(Table { cols, total: 9, next: to() })),
        node(e, 0, NodeKind::Row(Row { cells: cells(), open: to() })),
        o("bulk", 1, "bulk", vec![arg("row-param", text(e))]),
        action("b", Deed::Command(call(e, vec![])), false),
        o("filters", 1, "filters", vec![]),
        input("f", "text", false),
    ]);
    all.extend([node(
        "form",
        9,
        NodeKind::Form(Form {
            submit: call(e, vec![arg(e, text(e)), arg("x", Value::Entity(3))]),
            label: t(),
            offline: true,
        }),
    )]);
    for (i, kind) in ["text", "long-text", "flag", "point", "hidden", e].into_iter().enumerate() {
        all.push(input(&format!("i{i}"), kind, false));
    }
    all.push(input("select", "code", true));
    all.extend([o("step", 1, "form-step", vec![]), input("st", "radio", true)]);
    all.extend([o("when", 1, "when", vec![arg("field", text(e)), arg("value", text(e))]), input("wh", "text", false)]);
    all.extend([
        node("notice", 0, NodeKind::Notice(Notice { tone: Tone::Danger, text: t() })),
        action("a1", Deed::Command(call(e, vec![arg(e, text(e))])), true),
        action("a2", Deed::Download(call(e, vec![arg(e, text(e))])), false),
        action("a3", Deed::Other(call(e, vec![])), false),
    ]);
    for shape in ["line", "area", "bar", "pie", "gauge", "spark", "heat", "scatter", e] {
        all.extend([
            node(&format!("chart-{shape}"), 3, NodeKind::Chart(Chart { shape: shape.into(), x: t(), unit: t() })),
            series("a"),
            series("b"),
            o("l", 0, "limit", vec![arg("y", Value::Num(1.5))]),
        ]);
    }
    all.extend([
        node("timeline", 1, NodeKind::Timeline),
        node("m", 1, NodeKind::Moment(Moment { at: 1, actor: t(), text: t(), level: Some(2) })),
        file("file"),
        node("progress", 1, NodeKind::Progress),
        node("s", 1, NodeKind::Step(Step { label: t(), state: format!("{e}x"), at: Some(1) })),
        line("l"),
        node("map", 4, NodeKind::Map),
        node(
            "l",
            0,
            NodeKind::Layer(Layer {
                label: t(),
                shape: format!("{e}x"),
                token: e.into(),
                points: vec![Spot { key: e.into(), at: Point { lon: 1.0, lat: 2.0 }, label: t(), open: to() }],
            }),
        ),
        o(
            "a",
            0,
            "area",
            vec![arg("ring", text("1,1 2,1 2,2")), arg("open", text(e)), arg(&format!("open.{e}"), text(e))],
        ),
        o("t", 0, "track", vec![arg("of", text("route")), arg("line", text("1,1 2,2"))]),
        o("bad", 0, "area", vec![arg("ring", text(e))]),
        node("tree", 1, NodeKind::Tree),
        node("b", 1, NodeKind::Branch(Branch { label: t(), value: Cell::Text(t()), open: to() })),
        node("c", 0, NodeKind::Branch(Branch { label: t(), value: Cell::None, open: None })),
        o(
            "board",
            1,
            "board",
            vec![
                arg("move", text(e)),
                arg(&format!("move.{e}"), text(e)),
                arg("card-param", text(e)),
                arg("lane-param", text(e)),
            ],
        ),
        o(e, 1, "lane", vec![]),
        node(e, 2, NodeKind::Branch(Branch { label: t(), value: Cell::Text(t()), open: to() })),
        line("l"),
        action("a", Deed::Command(call(e, vec![])), false),
        o("checklist", 1, "checklist", vec![arg("toggle", text(e)), arg("item-param", text(e))]),
        o(e, 1, "item", vec![arg("by", text(e))]),
        file("f"),
        o("conversation", 2, "conversation", vec![arg("visibility", text("private")), arg("side", text(e))]),
        o("m", 0, "message", vec![arg("by", text(e)), arg("at", Value::Time(1))]),
        line("l"),
        o("video", 1, "video", vec![]),
        o("s", 0, "source", vec![arg("open", text(e))]),
        o("document", 2, "document", vec![arg("hash", text(e))]),
        node("s", 0, NodeKind::Step(Step { label: t(), state: "done".into(), at: None })),
        line("l"),
        o("media", 1, "media", vec![]),
        file("f"),
        o("alarms", 1, "alarms", vec![arg("close", text(e)), arg("acknowledge", text(e)), arg("alarm-param", text(e))]),
        o(
            e,
            0,
            "alarm",
            vec![
                arg("level", Value::Int(1)),
                arg("since", Value::Time(1)),
                arg("place", text(e)),
                arg("state", text(&format!("{e}x"))),
                arg("open", text(e)),
            ],
        ),
        o("sos", 2, "sos", vec![arg("command", text(e)), arg("kind-param", text(e)), arg("site", text(e))]),
        o(e, 0, "kind", vec![]),
        o("c", 0, "contact", vec![arg("phone", text("110"))]),
        o("sos-bad", 1, "sos", vec![arg("command", text(e))]),
        o("c", 0, "contact", vec![arg("phone", text(e))]),
        o("pending", 0, "pending", vec![arg("open", text(e)), arg(&format!("open.{e}"), text(e))]),
        o(
            "room",
            1,
            "room",
            vec![
                arg("room", Value::Entity(7)),
                arg("speaker", Value::Entity(8)),
                arg("until", Value::Time(1)),
                arg("title", text(e)),
            ],
        ),
        o(e, 0, "member", vec![arg("account", Value::Entity(8))]),
        o("unknown", 0, e, vec![arg(e, text(e))]),
        node("g", 1, NodeKind::Group(Layout::Tabs)),
        node("s", 0, NodeKind::Section(Section { title: t(), help: Some(t()), empty: None, live: false })),
        node("d", cells().len() as u32, NodeKind::Detail),
    ]);
    all.extend(
        cells()
            .into_iter()
            .enumerate()
            .map(|(i, value)| node(&i.to_string(), 0, NodeKind::Labelled(Labelled { label: t(), value }))),
    );
    all
}

/// Every element in order, with the names of its attributes; values only where they are our own words.
fn skeleton(html: &str) -> Vec<String> {
    let doc = Html::parse_document(html);
    let elements = doc.tree.nodes().filter_map(|n| n.value().as_element());
    elements
        .map(|e| {
            let mut names: Vec<&str> = e.attrs().map(|(n, _)| n).collect();
            names.sort_unstable();
            format!("{} {}", e.name(), names.join(" "))
        })
        .collect()
}

/// What must hold of any page, whatever is on it.
fn assert_tame(html: &str) {
    let doc = Html::parse_document(html);
    for e in doc.tree.nodes().filter_map(|n| n.value().as_element()) {
        assert!(!matches!(e.name(), "style" | "iframe" | "object" | "embed" | "base"), "{}", e.name());
        if e.name() == "script" {
            assert!(e.attr("src").is_some_and(|s| s.starts_with("/assets/")), "a script of its own");
        }
        for (name, value) in e.attrs() {
            assert!(!name.starts_with("on") && name != "style" && name != "srcdoc", "{} {name}", e.name());
            if matches!(name, "href" | "action" | "formaction" | "src" | "data-src") {
                let ours = (value.starts_with('/') && !value.starts_with("//")) || value.starts_with(['?', '#']);
                assert!(ours || value == "tel:110", "{name}={value}");
            }
        }
    }
}

fn shown(h: &Host, cookie: &str, e: &str) -> String {
    *h.city.page.lock().unwrap() = Page { title: plain(e), nodes: every(e) };
    let r = get(h, cookie, "/p/desk/list");
    assert_eq!(r.status, 200, "{}", r.body);
    r.body
}

/// Pieces that open, close, leave or mislead.
fn evil() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"'><img src=x onerror=alert(1)>".to_owned()),
        Just("\" onmouseover=\"alert(1)".to_owned()),
        Just("' style='x".to_owned()),
        Just("javascript:alert(1)".to_owned()),
        Just("//evil.example/x".to_owned()),
        Just("</textarea></title></select></svg><svg onload=alert(1)>".to_owned()),
        Just("<!-- ]]> -->".to_owned()),
        Just("&lt;b&gt;&#x3c;i&#x3e;".to_owned()),
        Just("{{7*7}}${7*7}`".to_owned()),
        Just("\u{202e}\u{2066}\u{0}\u{8}\u{7f}".to_owned()),
        Just("../../admin?x=1#y".to_owned()),
        Just("%00%0d%0aSet-Cookie:x".to_owned()),
        "[a-z<>\"'&=/ ]{1,12}",
        "\\PC{1,8}",
    ];
    prop::collection::vec(piece, 1..4)
        .prop_map(|all| all.concat())
        .prop_filter("prose of messages has structure", |s| {
            !s.contains("**") && !s.contains("\n\n") && !s.trim().is_empty()
        })
}

#[test]
fn no_text_of_any_part_adds_an_element_or_an_attribute() {
    let h = host();
    let cookie = h.browser("li");
    let harmless = skeleton(&shown(&h, &cookie, "xxxxxxxxxxxxxxxxxxxxxxxx"));
    let mut runner = TestRunner::new(Config { cases: 120, failure_persistence: None, ..Config::default() });
    runner
        .run(&evil().prop_map(|s| if s.chars().count() < 9 { format!("{s}xxxxxxxxx") } else { s }), |e| {
            let body = shown(&h, &cookie, &e);
            assert_tame(&body);
            let found = skeleton(&body);
            prop_assert_eq!(&found, &harmless);
            Ok(())
        })
        .unwrap();
    h.stop();
}

#[test]
fn texts_with_spaces_and_structure_stay_tame_too() {
    let h = host();
    let cookie = h.browser("li");
    for e in
        ["<script> x </script>", "a\n\n- <b>\n\n**<i>** <u>", "\" autofocus onfocus=\"x", "ＪＡＶＡ script : x", " "]
    {
        assert_tame(&shown(&h, &cookie, e));
    }
    h.stop();
}
