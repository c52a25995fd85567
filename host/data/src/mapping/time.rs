//! Times of sources: with their offset, or local with a zone the mapping names. Nobody's local time is guessed.

use changzhi_model::Micros;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

#[derive(Clone, Debug)]
pub(super) struct TimeRule {
    format: Format,
    zone: Option<TimeZone>,
}

#[derive(Clone, Debug)]
enum Format {
    /// With an offset; a space instead of the T is fine.
    Rfc3339,
    /// ISO 8601 date and time without an offset.
    Local,
    /// ISO 8601 date: its midnight.
    Date,
    /// strftime
    Own(String),
}

impl TimeRule {
    pub(super) fn new(at: &str, format: Option<&str>, zone: Option<&str>) -> Result<TimeRule, (String, String)> {
        let format = match format {
            None | Some("rfc3339") => Format::Rfc3339,
            Some("local") => Format::Local,
            Some("date") => Format::Date,
            Some(own) if own.contains('%') => {
                // A format that cannot even print a moment cannot read one.
                jiff::fmt::strtime::format(own, jiff::Timestamp::UNIX_EPOCH)
                    .map_err(|e| (format!("{at}.format"), e.to_string()))?;
                Format::Own(own.to_owned())
            }
            Some(other) => {
                return Err((
                    format!("{at}.format"),
                    format!("{other:?} is not rfc3339, local, date or a strftime format"),
                ));
            }
        };
        let zone = zone.map(|z| self::zone(at, z)).transpose()?;
        let needs_zone = match &format {
            Format::Rfc3339 => false,
            Format::Local | Format::Date => true,
            Format::Own(own) => !own.contains("%z") && !own.contains("%:z"),
        };
        if needs_zone && zone.is_none() {
            let reason = "these times say no offset: write zone = \"+08:00\" or an IANA name, here or in [source]";
            return Err((format!("{at}.zone"), reason.into()));
        }
        Ok(TimeRule { format, zone })
    }

    /// The moment, or why not.
    pub(super) fn parse(&self, text: &str, plus_days: i64) -> Result<Micros, String> {
        let said = |e: jiff::Error| e.to_string();
        let stamp = match &self.format {
            Format::Rfc3339 => text.parse::<jiff::Timestamp>().map_err(said)?,
            Format::Local => self.local(text.parse::<DateTime>().map_err(said)?)?,
            Format::Date => self.local(text.parse::<Date>().map_err(said)?.at(0, 0, 0, 0))?,
            Format::Own(own) => {
                let parsed = jiff::fmt::strtime::parse(own, text).map_err(said)?;
                match parsed.offset() {
                    Some(_) => parsed.to_timestamp().map_err(said)?,
                    None => {
                        let when = parsed.to_datetime().or_else(|_| parsed.to_date().map(|d| d.at(0, 0, 0, 0)));
                        self.local(when.map_err(said)?)?
                    }
                }
            }
        };
        plus_days
            .checked_mul(Micros::DAY)
            .and_then(|days| stamp.as_microsecond().checked_add(days))
            .map(Micros)
            .ok_or_else(|| "out of range".to_owned())
    }

    fn local(&self, when: DateTime) -> Result<jiff::Timestamp, String> {
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        zone.to_ambiguous_timestamp(when).compatible().map_err(|e| e.to_string())
    }
}

pub(crate) fn zone(at: &str, name: &str) -> Result<TimeZone, (String, String)> {
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = fixed(name) {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name)
        .map_err(|_| (format!("{at}.zone"), format!("{name:?} is neither an offset like +08:00 nor an IANA zone")))
}

fn fixed(name: &str) -> Option<Offset> {
    let (sign, rest) = match name.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    if !(0..=14).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}
