//! Tables as files, over all pages, for the purpose and with the masks of the page.

use super::*;
use calamine::{Data, Reader, Xlsx};

fn id_of_table(html: &str) -> String {
    Html::parse_document(html)
        .select(&Selector::parse("table.view").unwrap())
        .next()
        .unwrap()
        .attr("id")
        .unwrap()
        .to_owned()
}

/// The bytes of an answer: `Reply` holds text only.
fn bytes(h: &Host, cookie: &str, path: &str) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut s = std::net::TcpStream::connect(h.addr).unwrap();
    write!(
        s,
        "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n"
    )
    .unwrap();
    let mut out = Vec::new();
    s.read_to_end(&mut out).unwrap();
    let at = out.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    out.split_off(at + 4)
}

fn paged(h: &Host, pages: i64, rows: i64) {
    *h.city.maker.lock().unwrap() = Some(Box::new(move |look| {
        let page = look.params.first().and_then(|v| v.to_json().as_i64()).unwrap_or(0);
        let cells = |i: i64| {
            vec![
                Cell::Int(page * rows + i),
                Cell::Text(plain("=1+1")),
                Cell::Person(7),
                Cell::Time(1_767_225_600_000_000),
            ]
        };
        let next = (page + 1 < pages).then(|| call("paged", vec![arg("page", Value::Int(page + 1))]));
        Page {
            title: plain("清单"),
            nodes: table("t", &["n", "=words", "who", "at"], (0..rows).map(cells).collect(), next),
        }
    }));
}

#[test]
fn a_csv_holds_every_page_masked_as_the_page_and_no_formula() {
    let h = host();
    let cookie = h.browser("li");
    paged(&h, 3, 4);
    let id = id_of_table(&get(&h, &cookie, "/p/desk/paged").body);
    let path = format!("/p/desk/paged?_export=csv&_table={id}");
    let r = get(&h, &cookie, &path);
    assert_eq!((r.status, r.header("content-type").as_deref()), (200, Some("text/csv; charset=utf-8")));
    let named = r.header("content-disposition").unwrap();
    assert!(
        named.starts_with("attachment; ") && named.contains("%E6%B8%85%E5%8D%95-") && r.header("x-truncated").is_none(),
        "{named}"
    );
    let text = String::from_utf8(bytes(&h, &cookie, &path)).unwrap();
    let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap().lines().collect();
    assert_eq!(lines.len(), 13);
    assert_eq!(lines[0], "n,\"'=words\",who,at");
    assert_eq!(lines[12], "11,\"'=1+1\",人员 #7,2026-01-01 08:00");
    h.stop();
}

#[test]
fn a_sheet_holds_numbers_and_times_and_texts_that_are_no_formulas() {
    let h = host();
    let cookie = h.browser("li");
    paged(&h, 2, 3);
    let id = id_of_table(&get(&h, &cookie, "/p/desk/paged").body);
    let sheet = bytes(&h, &cookie, &format!("/p/desk/paged?_export=xlsx&_table={id}"));
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(sheet)).unwrap();
    let range = book.worksheet_range("清单").unwrap();
    assert_eq!((range.height(), range.get((6, 0))), (7, Some(&Data::Float(5.0))));
    assert_eq!(range.get((1, 1)), Some(&Data::String("=1+1".into())));
    assert!(matches!(range.get((1, 3)), Some(Data::DateTime(_))));
    h.stop();
}

#[test]
fn a_file_that_reached_its_limit_says_so_in_its_last_line_its_name_and_a_header() {
    let h = host();
    let cookie = h.browser("li");
    paged(&h, 60, 400);
    let id = id_of_table(&get(&h, &cookie, "/p/desk/paged").body);
    let r = get(&h, &cookie, &format!("/p/desk/paged?_export=csv&_table={id}"));
    assert!(r.header("x-truncated").is_some() && r.header("content-disposition").unwrap().contains("-part-"));
    assert_eq!(r.body.lines().count(), 1 + 20_000 + 1);
    assert!(r.body.lines().last().unwrap().contains("20,000"));
    h.stop();
}

#[test]
fn an_export_asks_for_the_purpose_and_the_role_the_page_asks_for() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, table("t", &["a"], vec![vec![words("x")]], None));
    let id = id_of_table(&get(&h, &cookie, "/p/desk/private?_purpose=mediation").body);
    let path = format!("/p/desk/private?_export=csv&_table={id}");
    assert_eq!(get(&h, &cookie, &path).status, 422);
    assert_eq!(get(&h, &cookie, &format!("{path}&_purpose=mediation")).status, 200);
    assert_eq!(get(&h, &cookie, &format!("{path}&_purpose=curiosity")).status, 403);
    assert_eq!(get(&h, &h.browser("guest"), &format!("{path}&_purpose=mediation")).status, 403);
    assert_eq!(get(&h, &cookie, "/p/desk/list?_export=csv&_table=nothing").status, 404);
    assert_eq!(get(&h, &cookie, "/p/desk/list?_export=exe&_table=x").status, 400);
    h.stop();
}
