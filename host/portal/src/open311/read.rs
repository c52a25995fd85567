//! Reading what a client sent: forms, parts, dates, numbers.

use super::fail::Fail;
use crate::files::{Cut, body_of};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use changzhi_model::{Micros, body};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// What a stranger sent is repeated only in part.
pub(super) fn cut(s: &str) -> String {
    s.chars().filter(|c| !c.is_control()).take(60).collect()
}

pub(super) fn query(query: Option<&str>) -> Result<Vec<(String, String)>, Fail> {
    body::pairs(query.unwrap_or("").as_bytes()).map_err(|e| Fail::new(400, e.to_string()))
}

/// What may be sent: bytes of all words together, bytes of each file.
#[derive(Clone, Copy)]
pub(super) struct Most {
    pub(super) words: usize,
    pub(super) file: usize,
}

/// Files of one request.
const FILES: usize = 6;
/// The name the standard's clients send files under.
const MEDIA: &str = "media";

/// One file of a form.
pub(super) struct Medium {
    pub(super) bytes: Vec<u8>,
    pub(super) name: Option<String>,
}

#[derive(Default)]
pub(super) struct Form {
    pub(super) pairs: Vec<(String, String)>,
    pub(super) media: Vec<Medium>,
}

/// A form, url-encoded or in parts.
pub(super) async fn form(request: Request, most: Most) -> Result<Form, Fail> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match kind.as_str() {
        "multipart/form-data" => parts(request, most).await,
        "application/x-www-form-urlencoded" | "" => {
            let bytes = body_of(request.into_body(), most.words).await.map_err(|cut| match cut {
                Cut::TooLarge => too_much("the form", most.words),
                Cut::BrokenOff => Fail::new(400, "the form broke off"),
            })?;
            let pairs = body::pairs(&bytes).map_err(|e| Fail::new(400, e.to_string()))?;
            Ok(Form { pairs, media: Vec::new() })
        }
        other => Err(Fail::new(
            400,
            format!("{} is no form: send application/x-www-form-urlencoded or multipart/form-data", cut(other)),
        )),
    }
}

fn too_much(what: &str, limit: usize) -> Fail {
    Fail::new(413, format!("{what} has more than {limit} bytes"))
}

fn broken(e: impl std::fmt::Display) -> Fail {
    Fail::new(400, format!("the form's parts do not read: {e}"))
}

async fn parts(request: Request, most: Most) -> Result<Form, Fail> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
    let (mut form, mut words) = (Form::default(), 0);
    while let Some(mut part) = parts.next_field().await.map_err(|e| broken(e.body_text()))? {
        let name = part.name().unwrap_or_default().to_owned();
        if let Some(file) = part.file_name().map(str::to_owned) {
            if name.trim_end_matches("[]") != MEDIA {
                let name = cut(&name);
                return Err(Fail::new(400, format!("{name}: files are taken as {MEDIA}; nothing was filed")));
            }
            if form.media.len() == FILES {
                return Err(Fail::new(400, format!("{MEDIA}: at most {FILES} files; nothing was filed")));
            }
            let bytes = read(&mut part, most.file).await?.ok_or_else(|| too_much(MEDIA, most.file))?;
            // A browser sends an empty part where nothing was chosen.
            if !bytes.is_empty() {
                form.media.push(Medium { bytes, name: Some(file).filter(|f| !f.is_empty()) });
            }
            continue;
        }
        if form.pairs.len() == 256 {
            return Err(Fail::new(400, "the form has more than 256 parts"));
        }
        let left = most.words - words;
        let bytes = read(&mut part, left).await?.ok_or_else(|| too_much("the form", most.words))?;
        words += bytes.len();
        let text = String::from_utf8(bytes).map_err(|_| broken(format!("{} is not UTF-8", cut(&name))))?;
        form.pairs.push((name, text));
    }
    Ok(form)
}

/// The bytes of one part; `None`: more than so many.
async fn read(part: &mut Field<'_>, most: usize) -> Result<Option<Vec<u8>>, Fail> {
    let mut out = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|e| broken(e.body_text()))? {
        if out.len() + chunk.len() > most {
            return Ok(None);
        }
        out.extend_from_slice(&chunk);
    }
    Ok(Some(out))
}

/// A W3C date and time; without a zone it is the city's, without a time the day's beginning.
pub(super) fn time(name: &str, text: &str, zone: &TimeZone) -> Result<Micros, Fail> {
    // An unescaped + of an offset arrives as a blank.
    let fixed = text.replace(' ', "+");
    let at = fixed
        .parse::<Timestamp>()
        .or_else(|_| text.parse::<DateTime>().and_then(|d| d.to_zoned_datetime(zone.clone())).map(|z| z.timestamp()))
        .or_else(|_| text.parse::<Date>().and_then(|d| d.to_zoned_datetime(zone.clone())).map(|z| z.timestamp()));
    match at {
        Ok(at) => Ok(Micros(at.as_microsecond())),
        Err(_) => {
            let text = cut(text);
            Err(Fail::new(400, format!("{name}: {text:?} is no date; write it like 2026-01-31T08:00:00+08:00")))
        }
    }
}

/// As the city's clocks show it.
pub(super) fn shown(at: Micros, zone: &TimeZone) -> Option<String> {
    let at = Timestamp::from_microsecond(at.0).ok()?.to_zoned_datetime(zone.clone());
    Some(at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

pub(super) fn number(name: &str, text: &str, from: f64, to: f64) -> Result<f64, Fail> {
    match text.parse::<f64>() {
        Ok(n) if (from..=to).contains(&n) => Ok(n),
        _ => Err(Fail::new(400, format!("{name}: {:?} is no number from {from} to {to}", cut(text)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_and_without_a_zone_and_nonsense_is_named() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let read = |t: &str| time("start_date", t, &zone).map(|m| shown(m, &zone).unwrap());
        assert_eq!(read("2026-01-31T00:00:00Z").unwrap(), "2026-01-31T08:00:00+08:00");
        assert_eq!(read("2026-01-31T08:00:00+08:00").unwrap(), "2026-01-31T08:00:00+08:00");
        assert_eq!(read("2026-01-31T08:00:00 08:00").unwrap(), "2026-01-31T08:00:00+08:00");
        assert_eq!(read("2026-01-31T08:00:00").unwrap(), "2026-01-31T08:00:00+08:00");
        assert_eq!(read("2026-01-31").unwrap(), "2026-01-31T00:00:00+08:00");
        for bad in
            ["yesterday", "2026-02-30", "2026-13-01T00:00:00Z", "99999999999999999999", "\u{0}", "2026-01-31T25:00:00Z"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(number("lat", "NaN", -90.0, 90.0).is_err() && number("lat", "90.1", -90.0, 90.0).is_err());
    }
}
