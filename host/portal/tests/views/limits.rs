//! Pages beyond the limits, and trees that lie: a page always comes out, and says what it does not show.

use super::*;

#[test]
fn sections_beyond_forty_are_cards_and_the_first_forty_are_there() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, (0..43).map(|i| section(&format!("part-{i}"), 0)).collect());
    let r = get(&h, &cookie, "/p/desk/list");
    assert_eq!(r.status, 200);
    assert_eq!((count(&r.body, "section.panel"), count(&r.body, "[data-beyond]")), (40, 3));
    assert!(texts(&r.body, "[data-beyond]").iter().all(|t| t.contains("40")));
    let metrics = h.send("GET", "/metrics", &[], b"").body;
    assert!(metrics.contains("changzhi_view_parts_not_shown_total{plugin=\"desk\"} 3"), "{metrics}");
    h.stop();
}

#[test]
fn a_table_of_too_many_rows_shows_five_hundred_and_says_so() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, table("t", &["a"], (0..620).map(|i| vec![Cell::Int(i)]).collect(), None));
    let r = get(&h, &cookie, "/p/desk/list");
    assert_eq!((r.status, count(&r.body, "tbody tr"), count(&r.body, ".table .notice.warning")), (200, 500, 1));
    h.stop();
}

#[test]
fn what_begins_after_256_kilobytes_is_a_card_and_what_came_before_is_shown() {
    let h = host();
    let cookie = h.browser("li");
    let big = "字".repeat(60_000);
    let mut nodes = Vec::new();
    for i in 0..3 {
        nodes.push(section(&format!("s{i}"), 1));
        nodes.push(node("p", 0, NodeKind::Paragraph(plain(&big))));
    }
    show(&h, nodes);
    let r = get(&h, &cookie, "/p/desk/list");
    assert_eq!((r.status, count(&r.body, "[data-beyond]"), count(&r.body, ".prose")), (200, 2, 1));
    h.stop();
}

#[test]
fn one_malformed_part_shows_its_fallback_and_the_rest_of_the_page_is_there() {
    let h = host();
    let cookie = h.browser("li");
    let wrong = [
        other("a", 1, "board", "the board in words", vec![]),
        node("x", 0, NodeKind::Detail),
        other("b", 1, "checklist", "the list in words", vec![]),
        other("i", 0, "item", "i", vec![arg("done", Value::Int(1))]),
        other("c", 0, "sos", "ring 110", vec![]),
        other("d", 1, "alarms", "alarms in words", vec![]),
        other("e", 0, "alarm", "x", vec![arg("level", Value::Int(9))]),
        other("f", 0, "video", "video in words", vec![arg("mode", text("wall"))]),
        other("g", 1, "conversation", "talk in words", vec![]),
        other("m", 0, "message", "x", vec![arg("by", text("y"))]),
        other("h", 0, "pending", "later in words", vec![]),
        other("i", 0, "document", "paper in words", vec![arg("version", text("3"))]),
        node("map", 1, NodeKind::Map),
        other("t", 0, "track", "where Li went", vec![arg("of", text("person")), arg("line", text("1,1 2,2"))]),
    ];
    let mut nodes = wrong.to_vec();
    nodes.push(section("last", 0));
    show(&h, nodes);
    let r = get(&h, &cookie, "/p/desk/list");
    assert_eq!((r.status, count(&r.body, "[data-malformed]")), (200, 9), "{}", r.body);
    for said in ["the board in words", "ring 110", "paper in words", "where Li went", "last"] {
        assert!(r.body.contains(said), "{said}");
    }
    assert_eq!(count(&r.body, "path.track"), 0, "a track of a person is not drawn");
    h.stop();
}

#[test]
fn a_kind_of_a_later_version_shows_its_fallback_and_nothing_under_it() {
    let h = host();
    let cookie = h.browser("li");
    show(
        &h,
        vec![
            other("n", 1, "calendar", "seven shifts", vec![arg("week", Value::Int(48))]),
            node("p", 0, NodeKind::Paragraph(plain("inside"))),
        ],
    );
    let r = get(&h, &cookie, "/p/desk/list");
    assert!(r.body.contains("seven shifts") && !r.body.contains("inside") && count(&r.body, "[data-malformed]") == 0);
    h.stop();
}

#[test]
fn trees_that_lie_about_their_children_or_never_end_are_pages() {
    let h = host();
    let cookie = h.browser("li");
    let deep = (0..5_000).map(|_| node("g", 1, NodeKind::Group(Layout::Tabs))).collect();
    let lying = vec![node("a", u32::MAX, NodeKind::Tree), node("b", 7, NodeKind::Paragraph(plain("x")))];
    let nested_tree = (0..3_000)
        .map(|i| node(&i.to_string(), 1, NodeKind::Branch(Branch { label: plain("b"), value: Cell::None, open: None })))
        .collect();
    let misplaced = vec![
        node("r", 0, NodeKind::Row(Row { cells: vec![words("x")], open: None })),
        node("t", 1, NodeKind::Table(Table { cols: vec![], total: u64::MAX, next: None })),
        node("r", 0, NodeKind::Row(Row { cells: vec![words("more cells than columns"); 3], open: None })),
        node("s", 0, NodeKind::Step(Step { label: plain("x"), state: String::new(), at: Some(i64::MAX) })),
        node("m", 0, NodeKind::Moment(Moment { at: i64::MIN, actor: plain(""), text: plain(""), level: Some(255) })),
        node("c", 1, NodeKind::Chart(Chart { shape: "bar".into(), x: plain(""), unit: plain("") })),
        node(
            "s",
            0,
            NodeKind::Series(Series {
                label: plain(""),
                xs: vec!["a".into(), "b".into(), "c".into()],
                ys: vec![f64::NAN, f64::INFINITY],
            }),
        ),
        node("p", 1, NodeKind::Chart(Chart { shape: "pie".into(), x: plain(""), unit: plain("") })),
        node("s", 0, NodeKind::Series(Series { label: plain(""), xs: vec!["a".into()], ys: vec![-1.0] })),
        node("map", 1, NodeKind::Map),
        node(
            "l",
            0,
            NodeKind::Layer(Layer {
                label: plain("l"),
                shape: String::new(),
                token: String::new(),
                points: vec![Spot {
                    key: String::new(),
                    at: Point { lon: f64::NAN, lat: 1e300 },
                    label: plain("nowhere"),
                    open: None,
                }],
            }),
        ),
    ];
    for nodes in [deep, lying, nested_tree, misplaced] {
        show(&h, nodes);
        let r = get(&h, &cookie, "/p/desk/list");
        assert!(r.status == 200 && !r.body.contains("NaN"), "{}", r.body);
    }
    h.stop();
}
