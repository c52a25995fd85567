//! Any table of a page as a file, CSV or XLSX, over all pages of its cursor; the page itself as PDF ([`pdf`]); its appointments as a
//! calendar file ([`ics`]); the proof of a sealed paper ([`proof`]).
//!
//! Each page is looked at through the gate like any page, for the purpose stated, so an export shows what the pages show, masked as
//! they mask it, and leaves the same entries in the access log. The number of rows has a limit, and a file that reached it says so
//! in its last line, in its name and in a header: a list that silently ends is read as a whole one.

mod csv;
mod gather;
mod ics;
mod pdf;
mod proof;
mod xlsx;

pub(crate) use pdf::link;
pub(crate) use proof::{is_on, say};

use crate::pages::{Looking, NoPage, Visit};
use crate::problem::Problem;
use crate::render::{Painter, Plain, TIME, time};
use crate::shape::Page;
use crate::state::App;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// Rows of one file.
const ROWS_MAX: usize = 20_000;
/// Pages asked for one file: a cursor that never moves on ends here.
const PAGES_MAX: usize = 1_000;

/// What goes into a file.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<Plain>>,
    /// Said in the last line, when there is more than this.
    pub(crate) cut: Option<String>,
}

/// The file, or why there is none.
pub(crate) async fn answer(
    looking: &Looking<'_>,
    visit: &Visit,
    all: &[(String, String)],
    pairs: &[(String, String)],
    (kind, table): (&str, &str),
    host: &str,
) -> Result<Response, Problem> {
    if kind == "pdf" {
        return pdf::answer(looking, visit, all, pairs).await;
    }
    if kind == "ics" {
        return calendar(looking, visit, all, pairs, host).await;
    }
    if kind == "proof" {
        return proven(looking, pairs).await;
    }
    let kind = of_word(kind)?;
    let sheet = gather::gather(looking, visit, all, pairs, table).await.map_err(NoPage::problem)?;
    let stamp = time(looking.now(), &looking.app.options.zone, STAMP);
    file(sheet.ok_or_else(no_table)?, kind, &stamp).await
}

/// The appointments of a page; `host` is the address the page was asked at.
async fn calendar(
    looking: &Looking<'_>,
    visit: &Visit,
    all: &[(String, String)],
    pairs: &[(String, String)],
    host: &str,
) -> Result<Response, Problem> {
    let voice = visit.voice(looking.plugin);
    let (page, seq) = looking.look(pairs).await.map_err(NoPage::problem)?;
    let painter = looking.painter(&voice, String::new(), looking.here(all), seq);
    let bytes = ics::write(&painter, &page, host, looking.now());
    let bytes = bytes.ok_or_else(|| Problem::new(404, "not-found", "there is no appointment on this page"))?;
    let name =
        file_name(&painter.text(&page.title), false, &time(looking.now(), &looking.app.options.zone, STAMP), "ics");
    Ok(download(bytes, "text/calendar; charset=utf-8", "ics", &name))
}

/// The proof of the sealed paper of a page.
async fn proven(looking: &Looking<'_>, pairs: &[(String, String)]) -> Result<Response, Problem> {
    let (page, _) = looking.look(pairs).await.map_err(NoPage::problem)?;
    let town = std::sync::Arc::clone(&looking.app.town);
    let written = crate::api::blocking(move || proof::write(&*town, &page)).await?;
    let bytes = written.map_err(|e| Problem::unavailable(e, std::time::Duration::from_secs(5)))?;
    let bytes = bytes.ok_or_else(|| Problem::new(404, "not-found", "there is no sealed paper on this page"))?;
    let name = file_name("proof", false, &time(looking.now(), &looking.app.options.zone, STAMP), "json");
    Ok(download(bytes, "application/json", "json", &name))
}

/// The same of a page that is at hand.
pub(crate) async fn of_page(
    app: &App,
    visit: &Visit,
    p: &Painter<'_>,
    page: &Page,
    kind: &str,
    table: &str,
) -> Result<Response, Problem> {
    if kind == "pdf" {
        return pdf::of_page(app, visit, p, page).await;
    }
    let kind = of_word(kind)?;
    let sheet = gather::of_page(p, page, table).ok_or_else(no_table)?;
    file(sheet, kind, &time(p.now.0, p.zone, STAMP)).await
}

const STAMP: &str = "%Y%m%d-%H%M";

fn no_table() -> Problem {
    Problem::new(404, "not-found", "there is no such table on this page")
}

fn of_word(kind: &str) -> Result<&'static str, Problem> {
    match kind {
        "csv" => Ok("csv"),
        "xlsx" => Ok("xlsx"),
        _ => Err(Problem::new(400, "form", "_export is csv, xlsx, pdf, ics or proof")),
    }
}

async fn file(sheet: Sheet, kind: &'static str, stamp: &str) -> Result<Response, Problem> {
    let cut = sheet.cut.is_some();
    let name = file_name(&sheet.title, cut, stamp, kind);
    let (media, bytes) = if kind == "csv" {
        (
            "text/csv; charset=utf-8",
            csv::write(&sheet, |micros| local(micros, TIME), |micros| local(micros, "%Y-%m-%d")),
        )
    } else {
        let made = tokio::task::spawn_blocking(move || xlsx::write(&sheet)).await;
        let bytes = made
            .map_err(|_| Problem::new(500, "bug", "the export hit a bug of the host"))?
            .map_err(|e| Problem::new(500, "bug", format!("the sheet cannot be written: {e}")))?;
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes)
    };
    let mut response = download(bytes, media, kind, &name);
    if cut {
        response.headers_mut().insert("x-truncated", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// `name`: as [`file_name`] makes it.
fn download(bytes: Vec<u8>, media: &'static str, kind: &str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let h = response.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Ok(value) =
        HeaderValue::from_str(&format!("attachment; filename=\"export.{kind}\"; filename*=UTF-8''{name}"))
    {
        h.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Local micros back to words: the zone is in them already.
fn local(micros: i64, format: &str) -> String {
    time(micros, &jiff::tz::TimeZone::UTC, format)
}

/// Percent-encoded, as RFC 5987 wants it.
fn file_name(title: &str, cut: bool, stamp: &str, kind: &str) -> String {
    let kept: String = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).take(40).collect();
    let part = if cut { "-part" } else { "" };
    let name = format!("{}{part}-{stamp}.{kind}", if kept.is_empty() { "table" } else { &kept });
    let mut out = String::new();
    for b in name.bytes() {
        if b.is_ascii_alphanumeric() || b"-._".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_name_holds_nothing_that_could_end_the_header_and_says_when_it_is_a_part() {
        let name = file_name("清单\"; x=\r\n../a", true, "20260101-0900", "csv");
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._%".contains(&b)), "{name}");
        assert!(name.ends_with("-part-20260101-0900.csv") && !name.contains(".."), "{name}");
        assert_eq!(file_name("//", false, "1", "xlsx"), "table-1.xlsx");
    }
}
