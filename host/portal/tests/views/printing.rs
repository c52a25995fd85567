//! Pages on paper. In the place of the typesetter stands a script that hands back what it was given: `%PDF-` and the paper as JSON.
//! What becomes of a paper is tested where it is set (`host/print/typeset`) and, once, through the real host (`tests/system`).

use super::*;
use changzhi_print::{Block, Mark, Paper, Press, Tone as PaperTone};
use std::sync::Arc;

/// A host whose typesetter is this script.
fn printing(script: &str) -> (Host, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("typeset");
    std::fs::write(&path, script).unwrap();
    let press = Some(Arc::new(Press::new("/bin/sh", Some(path))));
    (Host::start(PortalOptions { press, title: "治理中心".into(), ..PortalOptions::default() }), folder)
}

const BACK: &str = "printf '%%PDF-'; exec /bin/cat";

fn paper(r: &Reply) -> Paper {
    assert_eq!(r.status, 200, "{}", r.body);
    serde_json::from_str(r.body.strip_prefix("%PDF-").unwrap()).unwrap()
}

fn said(paper: &Paper) -> String {
    let mut all = String::new();
    paper.each_text(&mut |t| {
        all.push_str(t);
        all.push('\n');
    });
    all
}

#[test]
fn a_page_is_offered_as_pdf_and_holds_what_the_page_shows_with_who_printed_it() {
    let (h, _folder) = printing(BACK);
    let cookie = h.browser("li");
    let mut nodes = vec![section("一、概况", 3)];
    nodes.push(node("l", 0, NodeKind::Labelled(Labelled { label: plain("案号"), value: Cell::Person(7) })));
    nodes.push(node("n", 0, NodeKind::Notice(Notice { tone: Tone::Danger, text: plain("**不是**粗体") })));
    let open = call("list", vec![]);
    nodes.push(node(
        "a",
        0,
        NodeKind::Action(Action {
            label: plain("打开"),
            style: Style::Plain,
            deed: Deed::Open(open),
            confirm: None,
            reason: false,
        }),
    ));
    nodes.extend(table(
        "t",
        &["甲", "乙"],
        vec![vec![Cell::Int(12_345), Cell::Level(1)], vec![Cell::None, Cell::Money(2.5)]],
        Some(call("list", vec![])),
    ));
    show(&h, nodes);
    let html = get(&h, &cookie, "/p/desk/list?place=1&_done=7").body;
    let links = "p.export a[download]";
    let doc = Html::parse_document(&html);
    let selector = Selector::parse(links).unwrap();
    let hrefs: Vec<&str> = doc.select(&selector).map(|a| a.attr("href").unwrap()).collect();
    let to = *hrefs.iter().find(|h| h.contains("_export=pdf")).unwrap();
    assert!(to.starts_with("/p/desk/list?place=1") && !to.contains("_done") && !to.contains("_table"), "{to}");
    let r = get(&h, &cookie, to);
    let it = paper(&r);
    assert_eq!(r.header("content-type").as_deref(), Some("application/pdf"));
    let named = r.header("content-disposition").unwrap();
    assert!(named.starts_with("attachment; ") && named.ends_with(".pdf"), "{named}");
    assert_eq!((it.title.as_str(), it.agency.as_str(), it.foot.as_str()), ("t", "治理中心", "第 {n} 页，共 {m} 页"));
    assert!(it.note.starts_with("打印人 li · 20") && !it.formal && it.date.is_some(), "{it:?}");
    assert_eq!(it.blocks[0], Block::Heading { level: 1, text: "一、概况".into() });
    assert!(matches!(&it.blocks[1], Block::Lines { lines } if lines[0].value == "人员 #7"), "masked as on the page");
    assert!(
        matches!(&it.blocks[2], Block::Notice { tone: PaperTone::Danger, runs, .. } if runs[0].text == "**不是**粗体" && !runs[0].strong)
    );
    assert!(
        matches!(&it.blocks[3], Block::Table { columns, rows } if columns.len() == 2 && rows[0] == ["12,345", "特急"] && rows[1] == ["–", "¥2.50"]),
        "{it:?}"
    );
    let all = said(&it);
    assert!(!all.contains("打开") && all.contains("后面还有"), "{all}");
    h.stop();
}

#[test]
fn a_pdf_asks_for_the_purpose_and_the_role_the_page_asks_for_and_is_kept_for_the_purpose() {
    let (h, _folder) = printing(BACK);
    let cookie = h.browser("li");
    show(&h, vec![section("s", 0)]);
    let path = "/p/desk/private?_export=pdf";
    assert_eq!(get(&h, &cookie, path).status, 422);
    assert_eq!(get(&h, &cookie, &format!("{path}&_purpose=curiosity")).status, 403);
    assert_eq!(get(&h, &h.browser("guest"), &format!("{path}&_purpose=mediation")).status, 403);
    assert_eq!(get(&h, "", path).status, 303);
    assert_eq!(get(&h, &cookie, &format!("{path}&_purpose=mediation")).status, 200);
    let html = get(&h, &cookie, "/p/desk/private?_purpose=mediation").body;
    assert_eq!(count(&html, "a[href='/p/desk/private?_purpose=mediation&_export=pdf']"), 1);
    h.stop();
}

/// A document as the first part of a page, and a text after it.
fn agreement(state: &str) -> Vec<Node> {
    let at = Value::Time(1_767_225_600_000_000);
    let step = |key: &str, state: &str| {
        node(key, 0, NodeKind::Step(Step { label: plain(key), state: state.into(), at: None }))
    };
    let attributes =
        vec![arg("state", text(state)), arg("at", at), arg("hash", text("9f2c")), arg("version", Value::Int(3))];
    vec![
        other("d", 3, "document", "人民调解协议书", attributes),
        node("l", 0, NodeKind::Labelled(Labelled { label: plain("编号"), value: words("调字 1 号") })),
        step("甲方", "done"),
        step("乙方", "open"),
        node("p", 0, NodeKind::Paragraph(plain("一、双方同意。"))),
    ]
}

#[test]
fn a_page_that_begins_with_a_document_is_a_formal_paper_the_same_at_any_time_with_its_signatures_at_the_end() {
    let (h, _folder) = printing(BACK);
    let cookie = h.browser("li");
    show(&h, agreement("signing"));
    let path = "/p/desk/list?_export=pdf";
    let (first, second) = (get(&h, &cookie, path), get(&h, &h.browser("li"), path));
    assert_eq!(first.body, second.body);
    let it = paper(&first);
    assert!(it.formal && it.note.is_empty() && it.title == "人民调解协议书", "{it:?}");
    let date = it.date.unwrap();
    assert_eq!((date.year, date.month, date.day, date.hour), (2026, 1, 1, 0), "the document's own time, in UTC");
    let named = first.header("content-disposition").unwrap();
    assert!(named.contains("-20260101-0800.pdf"), "{named}");
    let [
        Block::Lines { .. },
        Block::Prose { .. },
        Block::Heading { .. },
        Block::Signers { signers },
        Block::Small { text },
    ] = &it.blocks[..]
    else {
        panic!("{it:?}")
    };
    assert!(signers[0].by_hand.is_empty() && signers[1].by_hand.len() == 2, "who has not signed can by hand");
    assert!(text.contains("9f2c") && text.contains("版本") || text.contains('3'), "{text}");
    show(&h, agreement("draft"));
    let draft = paper(&get(&h, &cookie, path));
    assert!(
        matches!(&draft.blocks[0], Block::Notice { tone: PaperTone::Warning, runs, .. } if runs[0].text.contains("草稿")),
        "{draft:?}"
    );
    show(&h, agreement("signed"));
    assert!(!said(&paper(&get(&h, &cookie, path))).contains("签名（"));
    // Anything that is read before it: a page with a document on it.
    show(&h, [vec![section("s", 0)], agreement("signed")].concat());
    assert!(!paper(&get(&h, &cookie, path)).formal);
    h.stop();
}

#[test]
fn a_form_is_printed_to_be_filled_in_by_hand_and_shows_nothing_hidden() {
    let (h, _folder) = printing(BACK);
    let cookie = h.browser("li");
    let input = |name: &str, kind: &str, value: Value, options: Vec<Choice>| {
        node(
            name,
            0,
            NodeKind::Input(Input {
                name: name.into(),
                label: plain(name),
                hint: None,
                kind: kind.into(),
                required: true,
                value,
                options,
                min: None,
                max: None,
                max_len: 0,
            }),
        )
    };
    let choice = |value: &str| Choice { value: value.into(), label: plain(&format!("选{value}")) };
    show(
        &h,
        vec![
            node("f", 5, NodeKind::Form(Form { submit: call("file", vec![]), label: plain("提交"), offline: false })),
            input("事由", "long-text", Value::None, vec![]),
            input("类别", "radio", text("b"), vec![choice("a"), choice("b")]),
            input("同意", "flag", Value::None, vec![]),
            input("密", "secret", text("hunter2"), vec![]),
            input("藏", "hidden", text("h1dden"), vec![]),
        ],
    );
    let it = paper(&get(&h, &cookie, "/p/desk/list?_export=pdf"));
    let fields: Vec<_> = it
        .blocks
        .iter()
        .filter_map(|b| match b {
            Block::Field { label, value, choices, lines, .. } => {
                Some((label.as_str(), value.as_str(), choices.len(), *lines))
            }
            _ => None,
        })
        .collect();
    assert_eq!(fields, [("事由", "", 0, 5), ("类别", "选b", 2, 0), ("同意", "", 2, 0)]);
    assert!(!said(&it).contains("hunter2") && !said(&it).contains("h1dden"));
    h.stop();
}

#[test]
fn every_family_of_the_gallery_is_whole_on_paper_in_both_languages() {
    let (h, _folder) = printing(BACK);
    let cookie = h.browser("li");
    for family in [
        "words", "figures", "tables", "charts", "maps", "forms", "stories", "boards", "talk", "duty", "layout",
        "states",
    ] {
        for lang in ["zh-CN", "en"] {
            let it = paper(&get(&h, &cookie, &format!("/gallery/{family}?_export=pdf&lang={lang}")));
            let all = said(&it);
            assert!(!all.contains('⟦'), "{family} {lang}: a message is missing: {all}");
            assert!(it.blocks.len() > 2, "{family}: {it:?}");
            assert_eq!(it.check(), Ok(()));
        }
    }
    let charts = paper(&get(&h, &cookie, "/gallery/charts?_export=pdf"));
    assert!(
        charts.blocks.iter().filter(|b| matches!(b, Block::Table { .. })).count() > 3,
        "figures of charts are tables"
    );
    let stories = paper(&get(&h, &cookie, "/gallery/stories?_export=pdf"));
    assert!(
        stories
            .blocks
            .iter()
            .any(|b| matches!(b, Block::Steps { steps } if steps.iter().any(|s| s.mark == Mark::Done)))
    );
    h.stop();
}

#[test]
fn a_part_that_does_not_read_or_is_of_a_later_version_is_its_fallback_on_paper_too() {
    let (h, _folder) = printing(BACK);
    let cookie = h.browser("li");
    show(
        &h,
        vec![
            other("a", 0, "document", "备用一", vec![arg("state", text("无此状态"))]),
            other("b", 0, "of-a-later-minor", "备用二", vec![]),
        ],
    );
    let it = paper(&get(&h, &cookie, "/p/desk/list?_export=pdf"));
    assert!(
        matches!(&it.blocks[0], Block::Notice { tone: PaperTone::Warning, runs, .. } if runs[0].text.starts_with("备用一 插件")),
        "{it:?}"
    );
    assert!(matches!(&it.blocks[1], Block::Prose { runs } if runs[0].text == "备用二"));
    assert!(h.send("GET", "/metrics", &[], b"").body.contains("view_parts_not_shown_total{plugin=\"desk\"} 1"));
    h.stop();
}

#[test]
fn without_a_typesetter_no_pdf_is_offered_and_one_that_fails_says_how_to_mend_it() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, vec![section("s", 0)]);
    assert!(!get(&h, &cookie, "/p/desk/list").body.contains("_export=pdf"));
    let r = get(&h, &cookie, "/p/desk/list?_export=pdf");
    assert!(r.status == 501 && r.body.contains("print.program"), "{} {}", r.status, r.body);
    h.stop();
    let (h, _folder) =
        printing("/bin/cat > /dev/null; echo '{\"fault\":\"no-han\",\"looked\":\"/fonts\"}' >&2; exit 1");
    let cookie = h.browser("li");
    let r = get(&h, &cookie, "/p/desk/list?_export=pdf");
    assert!(
        r.status == 503 && r.body.contains("fonts-noto-cjk") && r.body.contains("未能生成 PDF"),
        "{} {}",
        r.status,
        r.body
    );
    h.stop();
}
