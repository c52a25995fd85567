//! Papers through the typesetter and back: `pdftotext` and `pdfinfo` (Debian: poppler-utils) read what is on them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_print::*;
use changzhi_typeset::{Fonts, typeset};
use proptest::prelude::*;
use std::io::Write;
use std::process::{Command, Stdio};

fn pdf(paper: &Paper) -> Vec<u8> {
    typeset(&serde_json::to_vec(paper).unwrap(), Fonts::of(None)).unwrap()
}

/// What a reader of poppler says about a PDF; `None`, with words, where there is none.
fn read(program: &str, args: &[&str], pdf: &[u8]) -> Option<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().write_all(pdf).unwrap();
    let path = file.path().to_str().unwrap();
    let all: Vec<&str> = args.iter().map(|a| if *a == "FILE" { path } else { a }).collect();
    let Ok(out) = Command::new(program).args(&all).stdin(Stdio::null()).output() else {
        eprintln!("skipped: {program} is not there; to have it: apt-get install poppler-utils");
        return None;
    };
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    // Titles of a tree are UTF-16 there.
    Some(String::from_utf8_lossy(&out.stdout).into_owned())
}

fn words(pdf: &[u8]) -> Option<String> {
    read("pdftotext", &["-layout", "FILE", "-"], pdf)
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn paper(title: &str, blocks: Vec<Block>) -> Paper {
    Paper {
        agency: "南昌市市域社会治理中心".into(), foot: "第 {n} 页，共 {m} 页".into(), blocks, ..Paper::new(title)
    }
}

fn prose(text: &str) -> Block {
    Block::Prose { runs: vec![Run::plain(text)] }
}

fn column(label: &str) -> Column {
    Column { label: label.into(), numeric: false }
}

/// One of everything.
fn everything() -> Vec<Block> {
    let line = |l: &str, v: &str| Line { label: l.into(), value: v.into() };
    let step =
        |mark| Step { mark, label: "受理".into(), note: "已完成".into(), lines: vec![line("经办", "李")] };
    vec![
        Block::Heading { level: 1, text: "一、当事人 Parties".into() },
        Block::Prose {
            runs: vec![Run::plain("甲方同意"), Run::strong("三十日内"), Run::plain("修好水管。")]
        },
        Block::Items { items: vec![vec![Run::plain("第一条")], vec![Run::plain("第二条")]] },
        Block::Small { text: "备注".into() },
        Block::Notice { tone: Tone::Warning, label: "注意：".into(), runs: vec![Run::plain("两行\n文字")] },
        Block::Lines { lines: vec![line("案号", "NC-2026-0001"), line("", "")] },
        Block::Figures { figures: vec![Figure { label: "办结".into(), value: "1,234".into(), note: "+3".into() }] },
        Block::Table {
            columns: vec![column("事项"), Column { label: "件数".into(), numeric: true }],
            rows: vec![vec!["漏水".into(), "3".into()], vec!["噪音".into()]],
        },
        Block::Steps { steps: [Mark::Done, Mark::Current, Mark::Open, Mark::Failed, Mark::Other].map(step).to_vec() },
        Block::Moments {
            moments: vec![Moment {
                when: "2026-01-01 09:00".into(),
                who: "王".into(),
                text: "来电".into(),
                note: "紧急".into(),
            }],
        },
        Block::Tree {
            leaves: vec![
                Leaf { depth: 0, label: "市".into(), value: "9".into() },
                Leaf { depth: 1, label: "县".into(), value: String::new() },
            ],
        },
        Block::Field {
            label: "意见".into(),
            hint: "可不填".into(),
            value: String::new(),
            choices: vec!["同意".into(), "不同意".into()],
            lines: 2,
        },
        Block::Signers {
            signers: vec![Signer {
                label: "甲方".into(),
                note: "未签".into(),
                by_hand: vec!["签名：".into(), "日期：".into()],
            }],
        },
    ]
}

#[test]
fn every_block_is_read_back_in_chinese_and_english_in_its_order() {
    for formal in [false, true] {
        let made = pdf(&Paper { formal, ..paper("人民调解协议书", everything()) });
        let Some(text) = words(&made) else { return };
        let flat = squeezed(&text);
        let mut at = 0;
        for want in [
            "南昌市市域社会治理中心",
            "人民调解协议书",
            "一、当事人Parties",
            "甲方同意三十日内修好水管。",
            "第一条",
            "第二条",
            "备注",
            "注意：两行",
            "案号NC-2026-0001",
            "办结",
            "1,234",
            "事项",
            "件数",
            "漏水",
            "3",
            "噪音",
            "受理",
            "已完成",
            "经办",
            "2026-01-0109:00",
            "王",
            "来电",
            "市",
            "县",
            "意见",
            "可不填",
            "同意",
            "不同意",
            "甲方",
            "签名：",
            "日期：",
        ] {
            let found = flat[at..].find(want);
            assert!(found.is_some(), "{want} after {} in: {text}", &flat[..at]);
            at += found.unwrap() + want.len();
        }
        assert!(flat.contains("第1页，共"), "{text}");
    }
}

#[test]
fn a_text_that_looks_like_instructions_is_set_as_it_stands() {
    let evil = r##"#panic("x") $ sum_(i) $ *b* _i_ `raw` \ ] } ) #{ [ @ref <label> = head // no /* no */ "q" \u{41} ~ -- ---"##;
    let mut blocks = vec![Block::Heading { level: 1, text: evil.into() }, prose(evil)];
    blocks.push(Block::Table { columns: vec![column(evil)], rows: vec![vec![evil.into()]] });
    let mut it = paper(evil, blocks);
    it.agency = evil.into();
    it.note = evil.into();
    let made = pdf(&it);
    let Some(text) = words(&made) else { return };
    let flat = squeezed(&text);
    assert!(flat.matches(&squeezed(evil)).count() >= 3, "{text}");
    let info = read("pdfinfo", &["FILE"], &made).unwrap();
    assert!(info.contains(evil), "{info}");
}

#[test]
fn a_table_over_many_sheets_repeats_its_head_on_each_and_loses_no_row() {
    let rows = (0..300).map(|i| vec![format!("第{i}行"), "内容".repeat(1 + i % 40)]).collect();
    let made = pdf(&paper("清单", vec![Block::Table { columns: vec![column("编号栏"), column("说明")], rows }]));
    let Some(text) = words(&made) else { return };
    let sheets: Vec<&str> = text.split('\u{c}').filter(|s| !s.trim().is_empty()).collect();
    assert!(sheets.len() > 5, "{}", sheets.len());
    for (i, sheet) in sheets.iter().enumerate() {
        assert!(sheet.contains("编号栏"), "sheet {i} has no head: {sheet}");
        assert!(squeezed(sheet).contains(&format!("第{}页，共{}页", i + 1, sheets.len())), "{sheet}");
    }
    for i in 0..300 {
        assert_eq!(squeezed(&text).matches(&format!("第{i}行")).count(), 1, "row {i}");
    }
}

#[test]
fn the_same_paper_is_the_same_bytes_and_another_is_another_document() {
    let date = Some(Stamp { year: 2026, month: 11, day: 26, hour: 1, minute: 2, second: 3 });
    let it = Paper { date, formal: true, ..paper("协议", everything()) };
    let (one, two) = (pdf(&it), pdf(&it));
    assert!(one == two, "{} and {} bytes", one.len(), two.len());
    let other = pdf(&Paper { blocks: vec![prose("别的")], ..it.clone() });
    assert!(one != other);
    let Some(info) = read("pdfinfo", &["-isodates", "FILE"], &one) else { return };
    assert!(info.contains("2026-11-26T01:02:03Z"), "{info}");
    assert!(!read("pdfinfo", &["FILE"], &pdf(&Paper { date: None, ..it })).unwrap().contains("CreationDate"));
}

#[test]
fn the_pdf_is_tagged_has_its_language_and_keeps_to_the_standard_for_accessibility() {
    let made = pdf(&paper("协议", everything()));
    let raw = String::from_utf8_lossy(&made);
    assert!(raw.contains("/Lang") && raw.contains("pdfuaid"), "no PDF/UA-1");
    let Some(info) = read("pdfinfo", &["FILE"], &made) else { return };
    assert!(info.lines().any(|l| l.starts_with("Tagged:") && l.ends_with("yes")), "{info}");
    let tree = read("pdfinfo", &["-struct", "FILE"], &made).unwrap();
    for tag in ["H1", "Table", "TH", "TD", "P", "L"] {
        assert!(tree.lines().any(|l| l.trim_start().split([' ', '(', ':']).next() == Some(tag)), "no {tag}: {tree}");
    }
}

#[test]
fn characters_no_font_has_do_not_cost_the_page() {
    // A private character, an unassigned one, a very rare one.
    let made = pdf(&paper("字\u{e123}\u{10ffff}", vec![prose("前\u{e000}\u{378}\u{323af}后 👩‍👩‍👧 ع ह")]));
    if let Some(text) = words(&made) {
        let flat = squeezed(&text);
        assert!(flat.contains('前') && flat.contains('后'), "{text}");
    }
}

#[test]
fn a_word_longer_than_a_line_stays_on_the_sheet_and_is_copied_whole() {
    let hash = "0123456789abcdef".repeat(8);
    let made = pdf(&paper(
        "校验值",
        vec![
            Block::Table {
                columns: vec![column("a"), column("b"), column("c")],
                rows: vec![vec![hash.clone(), "x".into(), hash.clone()]],
            },
            prose(&hash),
        ],
    ));
    let Some(text) = words(&made) else { return };
    assert!(!text.contains('\u{200b}'));
    let all = read("pdftotext", &["-raw", "FILE", "-"], &made).unwrap();
    assert_eq!(squeezed(&all).matches(&hash).count(), 3, "{all}");
}

#[test]
fn a_wide_table_is_laid_across_the_sheet() {
    let columns: Vec<Column> = (0..12).map(|i| column(&format!("列{i}"))).collect();
    let rows = vec![(0..12).map(|i| i.to_string()).collect()];
    let size = |made: &[u8]| {
        read("pdfinfo", &["FILE"], made).map(|i| i.lines().find(|l| l.starts_with("Page size:")).unwrap().to_owned())
    };
    let Some(wide) = size(&pdf(&paper("宽", vec![Block::Table { columns, rows }]))) else { return };
    assert!(wide.contains("841.") && wide.find("841.") < wide.find("595."), "{wide}");
    let upright = size(&pdf(&paper("窄", vec![prose("x")]))).unwrap();
    assert!(upright.find("595.") < upright.find("841."), "{upright}");
}

#[test]
fn what_is_too_long_or_no_paper_is_told_with_its_number_or_its_fault() {
    let many = Paper {
        blocks: vec![
            prose("字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n字\n");
            2_000
        ],
        ..paper("长", vec![])
    };
    let told = typeset(&serde_json::to_vec(&many).unwrap(), Fonts::of(None)).unwrap_err();
    assert!(matches!(&told, Fault::Beyond { what, limit, .. } if what == "pages" && *limit == limits::PAGES), "{told}");
    for bad in ["", "{}", "[1", "{\"title\":1}", "\0"] {
        let told = typeset(bad.as_bytes(), Fonts::of(None)).unwrap_err();
        assert!(matches!(told, Fault::Unreadable { .. }), "{bad}: {told}");
    }
}

#[test]
fn without_a_font_that_has_chinese_the_fault_says_what_to_install() {
    let empty = tempfile::tempdir().unwrap();
    let json = serde_json::to_vec(&paper("协议", vec![])).unwrap();
    let told = typeset(&json, Fonts::only(Some(empty.path()))).unwrap_err();
    assert!(matches!(told, Fault::NoHan { .. }), "{told}");
    let words = told.to_string();
    assert!(
        words.contains("fonts-noto-cjk")
            && words.contains("print.fonts")
            && words.contains(empty.path().to_str().unwrap()),
        "{words}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_texts_there_are_a_pdf_comes_out(texts in prop::collection::vec(any::<String>(), 1..8), level in any::<u8>()) {
        let mut blocks: Vec<Block> = texts.iter().map(|t| prose(t)).collect();
        blocks.push(Block::Heading { level, text: texts[0].clone() });
        blocks.push(Block::Tree { leaves: vec![Leaf { depth: level, label: texts[0].clone(), value: texts[0].clone() }] });
        blocks.push(Block::Table { columns: texts.iter().map(|t| column(t)).collect(), rows: vec![texts.clone(), vec![]] });
        let it = paper(&texts[0], blocks);
        let made = typeset(&serde_json::to_vec(&it).unwrap(), Fonts::of(None));
        prop_assert!(made.is_ok_and(|pdf| pdf.starts_with(b"%PDF-")));
    }
}

#[test]
fn the_program_reads_a_paper_and_writes_the_same_pdf_as_any_other_process_or_one_line_of_fault() {
    let run = |input: &[u8]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_changzhi-typeset"))
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    };
    let it = paper("协议", everything());
    let done = run(&serde_json::to_vec(&it).unwrap());
    assert!(done.status.success() && done.stdout == pdf(&it), "{}", String::from_utf8_lossy(&done.stderr));
    let failed = run(b"{}");
    assert_eq!((failed.status.code(), failed.stdout.len()), (Some(1), 0));
    assert!(matches!(serde_json::from_slice(&failed.stderr).unwrap(), Fault::Unreadable { .. }));
}
