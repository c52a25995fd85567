//! What each part becomes, by its structure and not by a snapshot of it.

use super::*;

fn page(nodes: Vec<Node>) -> String {
    let h = host();
    let cookie = h.browser("li");
    show(&h, nodes);
    let r = get(&h, &cookie, "/p/desk/list");
    assert_eq!(r.status, 200, "{}", r.body);
    h.stop();
    r.body
}

#[test]
fn a_table_has_named_columns_sorts_by_them_and_names_each_cell_for_its_card() {
    let h = host();
    let cookie = h.browser("li");
    show(
        &h,
        table(
            "t",
            &["name", "n"],
            vec![vec![words("b"), Cell::Int(10)], vec![words("a"), Cell::Int(9)], vec![words("c"), Cell::None]],
            None,
        ),
    );
    let r = get(&h, &cookie, "/p/desk/list");
    assert_eq!(texts(&r.body, "thead th[scope=col] a"), ["name", "n"]);
    assert_eq!(count(&r.body, "tbody td[data-label=n]"), 3);
    let id = Html::parse_document(&r.body)
        .select(&Selector::parse("table.view").unwrap())
        .next()
        .unwrap()
        .attr("id")
        .unwrap()
        .to_owned();
    let order =
        |by: &str| texts(&get(&h, &cookie, &format!("/p/desk/list?_sort={id}.{by}")).body, "tbody td:first-child");
    assert_eq!(order("name"), ["a", "b", "c"]);
    assert_eq!(order("-name"), ["c", "b", "a"]);
    assert_eq!(order("n"), ["c", "a", "b"], "nothing comes first, then numbers by their value");
    assert_eq!(order("nope"), ["b", "a", "c"], "no such column: as sent");
    assert_eq!(count(&get(&h, &cookie, &format!("/p/desk/list?_sort={id}.n")).body, "th[aria-sort=ascending]"), 1);
    h.stop();
}

#[test]
fn a_table_with_further_pages_is_not_sorted_by_the_host_and_leads_on() {
    let html = page(table(
        "t",
        &["a"],
        vec![vec![words("x")], vec![words("y")]],
        Some(call("list", vec![arg("page", Value::Int(1))])),
    ));
    assert_eq!((count(&html, "th a"), count(&html, "a[rel=next][href='/p/desk/list?page=1']")), (0, 1));
}

#[test]
fn filters_ask_the_same_page_again_by_parameters_it_declares_only() {
    let h = host();
    let cookie = h.browser("li");
    let input = |name: &str| {
        node(
            name,
            0,
            NodeKind::Input(Input {
                name: name.into(),
                label: plain(name),
                hint: None,
                kind: "text".into(),
                required: true,
                value: Value::None,
                options: vec![],
                min: None,
                max: None,
                max_len: 0,
            }),
        )
    };
    let mut nodes = table("t", &["a"], vec![], None);
    nodes[0].children = 1;
    nodes.extend([other("f", 1, "filters", "find", vec![]), input("words")]);
    show(&h, nodes.clone());
    let r = get(&h, &cookie, "/p/desk/paged?page=3&words=road&lang=en");
    assert_eq!(
        count(
            &r.body,
            "form.filters[method=get][action='/p/desk/paged'] input[name=words][value=road]:not([required])"
        ),
        1,
        "{}",
        r.body
    );
    assert_eq!(count(&r.body, "form.filters input[name=page]"), 0, "another filter begins at the first page");
    assert_eq!(count(&r.body, "form.filters input[name=lang][value=en]"), 1);
    nodes[2] = input("secret");
    show(&h, nodes);
    let r = get(&h, &cookie, "/p/desk/paged");
    assert_eq!((count(&r.body, "form.filters"), count(&r.body, "[data-malformed]")), (0, 1));
    h.stop();
}

#[test]
fn levels_are_shape_word_and_colour() {
    let rows = (1..=4).map(|l| vec![Cell::Level(l)]).collect();
    let html = page(table("t", &["a"], rows, None));
    assert_eq!(texts(&html, "td .level"), ["特急", "紧急", "一般", "提示"]);
    assert_eq!(
        (count(&html, "td .l1 polygon"), count(&html, "td .l2 polygon"), count(&html, "td .l4 circle")),
        (1, 1, 1)
    );
    assert_eq!(count(&html, "td .level svg[aria-hidden=true]"), 4);
}

#[test]
fn a_limit_in_time_says_in_words_how_it_stands() {
    let due = |left: i64| vec![Cell::Due(Due { at: 0, limit: left * 3_600_000_000 })];
    let html = page(table("t", &["a"], vec![due(100), due(3), due(-50)], None));
    let said = texts(&html, "td .due");
    assert!(
        said[0].starts_with("正常，剩余 4 天 4 小时")
            && said[1].starts_with("临期，剩余 3 小时")
            && said[2].starts_with("超期 2 天 2 小时"),
        "{said:?}"
    );
}

#[test]
fn charts_have_a_name_and_all_their_figures_as_a_table() {
    for shape in ["line", "area", "bar", "pie", "gauge", "scatter", "of-a-later-version"] {
        let html = page(vec![
            node("c", 2, NodeKind::Chart(Chart { shape: shape.into(), x: plain("月"), unit: plain("件") })),
            node(
                "a",
                0,
                NodeKind::Series(Series {
                    label: plain("热线"), xs: vec!["1".into(), "2".into()], ys: vec![3.0, 9.5]
                }),
            ),
            node(
                "b",
                0,
                NodeKind::Series(Series { label: plain("网格"), xs: vec!["1".into(), "2".into()], ys: vec![1.0] }),
            ),
        ]);
        let doc = Html::parse_document(&html);
        let name = doc
            .select(&Selector::parse("figure.chart [role=img]").unwrap())
            .next()
            .unwrap()
            .attr("aria-label")
            .unwrap();
        assert!(name.contains("热线") && name.contains("9.5"), "{shape}: {name}");
        assert_eq!(texts(&html, "details.figures thead th"), ["月", "热线", "网格"], "{shape}");
        assert_eq!(texts(&html, "details.figures td"), ["3", "1", "9.5", "–"], "{shape}");
        assert!(count(&html, "figure.chart svg") > 0);
    }
}

#[test]
fn a_map_is_a_picture_with_a_name_and_the_list_of_what_is_on_it() {
    let spot = |key: &str| Spot {
        key: key.into(),
        at: Point { lon: 115.9, lat: 28.6 },
        label: plain(key),
        open: Some(call("list", vec![])),
    };
    let html = page(vec![
        node("m", 3, NodeKind::Map),
        node(
            "l",
            0,
            NodeKind::Layer(Layer {
                label: plain("站"),
                shape: "dot".into(),
                token: "level-1".into(),
                points: vec![spot("一站"), spot("二站")],
            }),
        ),
        other(
            "a",
            0,
            "area",
            "第一网格",
            vec![arg("ring", text("115.8,28.5 116,28.5 116,28.7")), arg("level", Value::Int(2))],
        ),
        other("t", 0, "track", "线路", vec![arg("of", text("vehicle")), arg("line", text("115.8,28.5 116,28.7"))]),
    ]);
    assert_eq!(
        (
            count(&html, "gov-map svg[role=img] circle"),
            count(&html, "gov-map path.area.l2"),
            count(&html, "gov-map path.track")
        ),
        (2, 1, 1)
    );
    assert_eq!(texts(&html, ".on-map li a"), ["一站", "二站"]);
    assert!(texts(&html, ".on-map").join(" ").contains("第一网格"));
    assert_eq!(count(&html, "gov-map[data-src='/p/desk/list']"), 1);
}

#[test]
fn a_board_moves_cards_by_a_menu_and_says_when_a_lane_is_over_its_limit() {
    let card = |key: &str| node(key, 0, NodeKind::Branch(Branch { label: plain(key), value: Cell::None, open: None }));
    let html = page(vec![
        other(
            "b",
            2,
            "board",
            "board",
            vec![arg("move", text("shift")), arg("card-param", text("matter")), arg("lane-param", text("state"))],
        ),
        other("new", 2, "lane", "新", vec![arg("limit", Value::Int(1))]),
        card("4"),
        card("5"),
        other("done", 0, "lane", "完", vec![]),
    ]);
    assert_eq!(count(&html, "form.move[action='/do/desk/shift'] input[name=matter][value='4']"), 1);
    assert_eq!(texts(&html, ".card form.move select[name=state] option"), ["完", "完"]);
    assert_eq!(count(&html, ".lane .over"), 1);
    assert_eq!(texts(&html, ".lane h3 .count, .lane h2 .count"), ["2 / 1", "0"]);
}

#[test]
fn alarms_are_ordered_by_who_waits_then_level_then_age_and_acknowledging_is_offered_once() {
    let alarm = |key: &str, level: i64, since: i64, seen: bool| {
        other(
            key,
            0,
            "alarm",
            key,
            vec![
                arg("level", Value::Int(level)),
                arg("since", Value::Time(since)),
                arg("acknowledged", Value::Flag(seen)),
            ],
        )
    };
    let html = page(vec![
        other("q", 4, "alarms", "q", vec![arg("acknowledge", text("take")), arg("close", text("end"))]),
        alarm("seen", 1, 1, true),
        alarm("young", 2, 9, false),
        alarm("old", 2, 3, false),
        alarm("worst", 1, 9, false),
    ]);
    let order: Vec<String> =
        texts(&html, ".alarms .title").iter().map(|t| t.split(' ').next_back().unwrap().to_owned()).collect();
    assert_eq!(order, ["worst", "old", "young", "seen"]);
    assert_eq!((count(&html, "form[action='/do/desk/take']"), count(&html, "form[action='/do/desk/end']")), (3, 4));
}

#[test]
fn figures_share_a_row_and_a_trend_is_drawn_with_its_name() {
    let stat = |key: &str, children| {
        node(
            key,
            children,
            NodeKind::Stat(Stat { label: plain(key), value: Cell::Int(12_345), delta: None, level: Some(1) }),
        )
    };
    let html = page(vec![
        stat("a", 2),
        node(
            "t",
            0,
            NodeKind::Series(Series { label: plain("t"), xs: vec!["1".into(), "2".into()], ys: vec![1.0, 4.0] }),
        ),
        node(
            "o",
            0,
            NodeKind::Action(Action {
                label: plain("o"),
                style: Style::Plain,
                deed: Deed::Open(call("list", vec![])),
                confirm: None,
                reason: false,
            }),
        ),
        stat("b", 0),
    ]);
    assert_eq!((count(&html, ".stats"), count(&html, ".stats > .stat")), (1, 2));
    assert_eq!(texts(&html, ".figure"), ["12,345", "12,345"]);
    assert_eq!(count(&html, ".stat svg.spark[role=img][aria-label='a: 1 → 4']"), 1);
    assert_eq!(count(&html, ".stat .label a[href='/p/desk/list']"), 1);
}

#[test]
fn every_input_has_a_label_of_its_own_even_with_two_forms_of_the_same_names() {
    let input = |kind: &str| {
        node(
            kind,
            0,
            NodeKind::Input(Input {
                name: "same".into(),
                label: plain(kind),
                hint: Some(plain("hint")),
                kind: kind.into(),
                required: false,
                value: Value::None,
                options: vec![],
                min: None,
                max: None,
                max_len: 0,
            }),
        )
    };
    let mut nodes = Vec::new();
    for key in ["one", "two"] {
        nodes.push(node(
            key,
            3,
            NodeKind::Form(Form { submit: call("file", vec![]), label: plain("go"), offline: false }),
        ));
        nodes.extend([input("text"), input("long-text"), input("flag")]);
    }
    let html = page(nodes);
    let doc = Html::parse_document(&html);
    let ids: Vec<&str> = doc.select(&Selector::parse("[id]").unwrap()).map(|e| e.attr("id").unwrap()).collect();
    let distinct: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "{ids:?}");
    for label in doc.select(&Selector::parse("label[for]").unwrap()) {
        assert!(ids.contains(&label.attr("for").unwrap()));
    }
    assert_eq!(count(&html, "[aria-describedby]"), 6);
}
