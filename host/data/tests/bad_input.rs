//! Files that are wrong: each refusal says which file, where, what and how to mend it; nothing panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_data::{Format, Limits, Progress, ReadError, ReadOptions, Row, read};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

struct Dir(tempfile::TempDir);

impl Dir {
    fn new() -> Dir {
        Dir(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn rows_with(path: &Path, options: &ReadOptions) -> (Vec<Row>, Result<Format, ReadError>) {
    let mut rows = Vec::new();
    let ended = read(path, options, &Progress::default(), &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    });
    (rows, ended)
}

fn rows(path: &Path) -> (Vec<Row>, Result<Format, ReadError>) {
    rows_with(path, &ReadOptions::default())
}

fn refused(name: &str, bytes: &[u8]) -> ReadError {
    let dir = Dir::new();
    let path = dir.file(name, bytes);
    let error = rows(&path).1.unwrap_err();
    assert_eq!(error.file, path);
    for locale in ["zh-CN", "en"] {
        assert!(error.in_locale(locale).contains(name), "names the file: {}", error.in_locale(locale));
    }
    assert!(!error.mend.zh.is_empty() && !error.mend.en.is_empty(), "says how to mend it");
    error
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn other_encodings_are_named_with_line_byte_and_the_command_that_converts_them() {
    // "名称" in GB18030, on the second line
    let error = refused("gb.csv", b"id,name\n1,\xc3\xfb\xb3\xc6\n");
    assert_eq!((error.line, error.offset), (2, Some(10)));
    assert!(error.reason.en.contains("GB18030"));
    assert!(error.mend.en.contains("iconv -f GB18030 -t UTF-8"));
    let error = refused("wide.csv", &"\u{feff}id,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    assert!(error.reason.en.contains("UTF-16"), "{error}");
    let error = refused("latin.csv", b"id,name\n1,caf\xe9 x\n");
    assert_eq!(error.line, 2);
}

#[test]
fn a_byte_order_mark_is_dropped_and_not_part_of_the_first_column() {
    let dir = Dir::new();
    let (rows, ended) = rows(&dir.file("bom.csv", "\u{feff}编号,标题\n1,井盖\n".as_bytes()));
    ended.unwrap();
    assert_eq!(rows[0].get("编号"), Some("1"));
}

#[test]
fn a_broken_download_says_so_after_the_rows_that_came() {
    let text: String = std::iter::once("id,v\n".to_owned())
        .chain((0..20_000).map(|i| format!("{i},{}\n", i * 7919 % 10_007)))
        .collect();
    let packed = gzip(text.as_bytes());
    let dir = Dir::new();
    let (rows, ended) = rows(&dir.file("cut.csv.gz", &packed[..packed.len() / 2]));
    let error = ended.unwrap_err();
    assert!(!rows.is_empty() && rows.len() < 20_000);
    assert!(error.reason.en.contains("ends before its end"), "{error}");
    assert!(error.line > 1, "says how far it came");
}

#[test]
fn damaged_packing_is_refused() {
    let mut packed = gzip(b"id,v\n1,2\n");
    packed[1] ^= 0;
    let last = packed.len() - 6;
    packed[last] ^= 0xff;
    assert!(!refused("flip.csv.gz", &packed).reason.en.is_empty());
    refused("garbage.csv.gz", b"\x1f\x8bnot gzip at all");
}

#[test]
fn what_a_file_is_is_decided_by_its_content() {
    assert!(refused("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").reason.en.contains("PNG"));
    assert!(refused("paper.csv", b"%PDF-1.7").reason.en.contains("PDF"));
    assert!(refused("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").reason.en.contains("XLS"));
    assert!(refused("packed.csv.gz", &gzip(b"\x89PNG\r\n")).reason.en.contains("PNG"));
    refused("zeros.csv", &[0; 64]);
    refused("nothing.csv", b"");
    refused("nothing.csv.gz", &gzip(b""));
    refused("blank.csv", b"  \n \n");
    refused("fake.xlsx", b"PK\x03\x04 this is no workbook");
}

#[test]
fn headers_must_be_there_named_once_and_bounded() {
    assert!(refused("twice.csv", b"id,title,id\n1,2,3\n").reason.en.contains("named twice"));
    assert!(refused("unnamed.csv", b"id,,x\n1,2,3\n").reason.en.contains("no name"));
    let wide: Vec<String> = (0..=Limits::default().columns).map(|i| format!("c{i}")).collect();
    assert!(refused("wide.csv", format!("{}\n", wide.join(",")).as_bytes()).reason.en.contains("columns"));
}

#[test]
fn ragged_rows_are_given_back_with_line_reason_and_raw_input_and_reading_goes_on() {
    let dir = Dir::new();
    let (rows, ended) = rows(&dir.file("ragged.csv", b"a,b\n1,2\n\n\"3\nx\",4\n5\n6,7,8\n9,10\n"));
    ended.unwrap();
    let told: Vec<_> = rows.iter().map(|r| (r.line, r.raw.as_str(), r.problem().is_some())).collect();
    assert_eq!(
        told,
        [(2, "1,2", false), (4, "\"3\nx\",4", false), (6, "5", true), (7, "6,7,8", true), (8, "9,10", false)]
    );
}

#[test]
fn a_quote_that_is_never_closed_is_found_whether_the_file_is_short_or_long() {
    let dir = Dir::new();
    let (short, ended) = rows(&dir.file("open.csv", b"a,b\n1,2\n3,\"four\n5,6\n"));
    ended.unwrap();
    assert_eq!(short.last().unwrap().line, 3);
    assert!(short.last().unwrap().problem().unwrap().en.contains("never closed"));
    let mut long = b"a,b\n1,2\n3,\"four\n".to_vec();
    long.resize(4 << 20, b'x');
    let (rows, ended) = rows(&dir.file("long.csv", &long));
    let error = ended.unwrap_err();
    assert_eq!(rows.len(), 1);
    assert_eq!(error.line, 3);
    assert!(error.mend.en.contains("quote"), "{error}");
}

#[test]
fn a_field_over_the_limit_spoils_its_row_only() {
    let dir = Dir::new();
    let options = ReadOptions { limits: Limits { field: 8, ..Limits::default() }, ..ReadOptions::default() };
    let (rows, ended) = rows_with(&dir.file("long.csv", b"a,b\n1,123456789\n2,3\n"), &options);
    ended.unwrap();
    assert!(rows[0].problem().unwrap().en.contains("column b has 9 bytes"));
    assert_eq!(rows[1].get("b"), Some("3"));
    let (rows, _) = rows_with(&dir.file("long.json", br#"[{"a":"123456789"},{"a":"1"}]"#), &options);
    assert!(rows[0].problem().is_some() && rows[1].problem().is_none());
}

#[test]
fn json_comes_as_an_array_or_as_lines_nested_objects_are_flattened() {
    let dir = Dir::new();
    for text in
        ["[{\"a\":{\"b\":1},\"c\":\"x,}\\\"\"},\n{\"a\":null}]", "{\"a\":{\"b\":1},\"c\":\"x,}\\\"\"}\n{\"a\":null}\n"]
    {
        let (rows, ended) = rows(&dir.file("x.json", text.as_bytes()));
        assert_eq!(ended.unwrap(), Format::Json);
        assert_eq!((rows[0].get("a.b"), rows[0].get("c"), rows[1].get("a")), (Some("1"), Some("x,}\""), Some("")));
        assert_eq!((rows[0].line, rows[1].line), (1, 2));
    }
    let (packed, ended) = rows(&dir.file("x.json.gz", &gzip(b"{\"a\":1}\n{\"a\":2}\n")));
    ended.unwrap();
    assert_eq!(packed.len(), 2);
}

#[test]
fn wrong_json_is_told_by_its_line() {
    let dir = Dir::new();
    let (mixed, ended) = rows(&dir.file("mixed.json", b"{\"a\":1}\n{\"a\" 2}\nnull\n{\"a\":3}\n"));
    ended.unwrap();
    let bad: Vec<_> = mixed.iter().filter(|r| r.problem().is_some()).map(|r| (r.line, r.raw.as_str())).collect();
    assert_eq!(bad, [(2, "{\"a\" 2}"), (3, "null")]);
    let (_, ended) = rows(&dir.file("cut.json", b"[{\"a\":1},\n{\"a\":"));
    assert_eq!(ended.unwrap_err().line, 2);
    assert!(rows(&dir.file("none.json", b"[]")).1.is_err());
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let (rows, ended) = rows(&dir.file("deep.json", deep.as_bytes()));
    ended.unwrap();
    assert!(rows[0].problem().is_some());
}

#[test]
fn a_workbook_is_read_with_its_own_rows_numbers_and_dates() {
    let dir = Dir::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("数据").unwrap();
    for (i, name) in ["编号", "标题", "时间"].into_iter().enumerate() {
        sheet.write(1, i as u16, name).unwrap();
    }
    sheet.write(2, 0, 10033.0).unwrap();
    sheet.write(2, 1, "井盖").unwrap();
    let when = ExcelDateTime::parse_from_str("2026-11-23T08:30:00").unwrap();
    sheet.write_with_format(2, 2, &when, &Style::new().set_num_format("yyyy-mm-dd hh:mm:ss")).unwrap();
    sheet.write(5, 0, 2.5).unwrap();
    sheet.write(6, 3, "too far").unwrap();
    let path = dir.0.path().join("book.xlsx");
    book.save(&path).unwrap();
    let (rows, ended) = rows(&path);
    assert_eq!(ended.unwrap(), Format::Xlsx);
    assert_eq!(rows.iter().map(|r| r.line).collect::<Vec<_>>(), [3, 6, 7]);
    assert_eq!(rows[0].get("编号"), Some("10033"));
    assert_eq!(rows[0].get("时间"), Some("2026-11-23T08:30:00"));
    assert_eq!((rows[1].get("编号"), rows[1].get("标题")), (Some("2.5"), Some("")));
    assert!(rows[2].problem().is_some());
    let options = ReadOptions { sheet: Some("没有".into()), ..ReadOptions::default() };
    assert!(rows_with(&path, &options).1.unwrap_err().mend.en.contains("数据"));
    let bytes = std::fs::read(&path).unwrap();
    for keep in [bytes.len() / 4, bytes.len() / 2, bytes.len() - 30] {
        refused("cut.xlsx", &bytes[..keep]);
    }
}

#[test]
fn a_file_that_is_not_there_is_not_there() {
    let error = rows(Path::new("no/such/file.csv")).1.unwrap_err();
    assert!(error.reason.en.contains("no such file"));
}
