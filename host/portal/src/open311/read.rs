//! Reading what a client sent: forms, parts, dates, numbers.

use super::fail::Fail;
use axum::body::Bytes;
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

/// A form, url-encoded or in parts.
pub(super) async fn form(request: Request, limit: usize) -> Result<Vec<(String, String)>, Fail> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match kind.as_str() {
        "multipart/form-data" => parts(request).await,
        "application/x-www-form-urlencoded" | "" => {
            let bytes = Bytes::from_request(request, &()).await;
            let bytes = bytes.map_err(|e| match e.status().as_u16() {
                413 => Fail::new(413, format!("the form has more than {limit} bytes")),
                _ => Fail::new(400, "the form broke off"),
            })?;
            body::pairs(&bytes).map_err(|e| Fail::new(400, e.to_string()))
        }
        other => Err(Fail::new(
            400,
            format!("{} is no form: send application/x-www-form-urlencoded or multipart/form-data", cut(other)),
        )),
    }
}

async fn parts(request: Request) -> Result<Vec<(String, String)>, Fail> {
    let broken = |e: String| Fail::new(400, format!("the form's parts do not read: {e}"));
    let mut parts = Multipart::from_request(request, &()).await.map_err(|e| broken(e.body_text()))?;
    let mut out = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|e| broken(e.body_text()))? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            return Err(Fail::new(
                400,
                format!("{}: files are not taken here, and nothing was filed: send media_url", cut(&name)),
            ));
        }
        if out.len() == 256 {
            return Err(Fail::new(400, "the form has more than 256 parts"));
        }
        out.push((name, part.text().await.map_err(|e| broken(e.body_text()))?));
    }
    Ok(out)
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
