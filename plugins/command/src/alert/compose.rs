//! From what an author wrote to the message, and from the standard's rules back to the field that breaks one.

use super::area;
use super::facet::{Alert, Sender};
use changzhi_cap::{
    Area, COLOURS, Category, Certainty, Circle, Colour, Division, Flaw, GEOCODE, Info, Moment, MsgType, Pair,
    Reference, Response, Ring, Scope, Severity, Status, Urgency, Version, rules,
};
use changzhi_sdk::prelude::*;

/// The event codes' table.
const EVENT_CODES: &str = "GB/T 35561";
/// Divisions of one alert.
const DIVISIONS: usize = 40;

/// Words of the standard are kept as codes with what they are of before them, because each code has one name in the messages.
pub(crate) fn code(of: &str, word: &str) -> String {
    format!("{of}-{}", word.to_ascii_lowercase())
}

/// The word behind its prefix.
pub(crate) fn word<'c>(of: &str, code: &'c str) -> &'c str {
    code.strip_prefix(of).and_then(|rest| rest.strip_prefix('-')).unwrap_or(code)
}

/// The moment of a time, in the sender's zone.
pub(crate) fn moment(at: Micros, sender: &Sender) -> Result<Moment, Refusal> {
    let offset = i16::try_from(sender.offset).unwrap_or(480);
    Moment::from_micros(at.0, offset).ok_or_else(|| Refusal::other("alert-no-such-time"))
}

/// The text references name a message by; the same for every zone it is written in.
pub(crate) fn reference_key(reference: &Reference) -> Option<String> {
    let sent = reference.sent?;
    let key = format!("{},{},{}", reference.sender, reference.identifier, sent.seconds());
    (key.len() <= 250).then_some(key)
}

/// What the message is sent as.
pub(crate) struct Sending<'a> {
    pub(crate) sender: &'a Sender,
    pub(crate) identifier: String,
    pub(crate) sent: Moment,
    pub(crate) references: Vec<Reference>,
}

/// The message of an alert in a place.
///
/// # Errors
/// Places and codes that are none, each by its field.
pub(crate) fn message(
    alert: &Alert,
    category: &str,
    place: EntityId,
    sending: Sending<'_>,
) -> Result<changzhi_cap::Alert, Refusal> {
    let areas = areas(alert, place)?;
    let status = Status::of_code(word("status", &alert.status)).unwrap_or(Status::Test);
    let kind = MsgType::of_code(word("message", &alert.message)).unwrap_or(MsgType::Alert);
    let severity = Severity::of_code(word("severity", &alert.severity)).unwrap_or(Severity::Unknown);
    let sender = sending.sender;
    let offset = |at: Option<Micros>| at.map(|at| moment(at, sender)).transpose();
    let (onset, expires) = (offset(alert.onset)?, offset(alert.expires)?);
    let category = Category::of_code(word("cap", category)).unwrap_or(Category::Other);
    let info = |language: &str, event: &str, texts: [Option<&String>; 3], by: Option<&String>, areas: Vec<Area>| {
        let [headline, description, instruction] = texts;
        let mut parameters = Vec::new();
        if let Some(colour) = Colour::of(severity) {
            parameters.push(Pair::new("colour", colour.name));
            parameters.push(Pair::new("level", colour.roman));
        }
        Info {
            responses: if kind == MsgType::Cancel { vec![Response::AllClear] } else { Vec::new() },
            urgency: Urgency::of_code(word("urgency", &alert.urgency)).unwrap_or(Urgency::Unknown),
            severity,
            certainty: Certainty::of_code(word("certainty", &alert.certainty)).unwrap_or(Certainty::Unknown),
            event_codes: alert.event_code.iter().map(|c| Pair::new(EVENT_CODES, c.trim())).collect(),
            effective: Some(sending.sent),
            onset,
            expires,
            sender_name: by.cloned(),
            headline: headline.map(|h| marked(h, status, language)),
            description: description.cloned(),
            instruction: instruction.cloned(),
            parameters,
            areas,
            ..Info::new(language, category, event.trim())
        }
    };
    let texts = [Some(&alert.title), alert.description.as_ref(), alert.instruction.as_ref()];
    let mut infos = vec![info("zh-CN", &alert.event, texts, Some(&sender.zh), areas.clone())];
    if let Some(headline) = &alert.headline_en {
        let mut areas = areas;
        if let (Some(first), Some(name)) = (areas.first_mut(), &alert.area_name_en) {
            first.desc.clone_from(name);
        }
        let event = alert.event_en.as_deref().unwrap_or("");
        let texts = [Some(headline), alert.description_en.as_ref(), alert.instruction_en.as_ref()];
        infos.push(info("en", event, texts, sender.en.as_ref().or(Some(&sender.zh)), areas));
    }
    Ok(changzhi_cap::Alert {
        version: Version::V1_2,
        identifier: sending.identifier,
        sender: sender.address.clone(),
        sent: sending.sent,
        status,
        message: kind,
        source: None,
        scope: Scope::Public,
        restriction: None,
        addresses: None,
        codes: Vec::new(),
        note: alert.note.clone(),
        references: sending.references,
        incidents: None,
        infos,
    })
}

/// An exercise and a test say so in their first words, in every language and wherever the headline alone is shown.
fn marked(headline: &str, status: Status, language: &str) -> String {
    let (zh, en) = match status {
        Status::Exercise => ("【演练】", "[EXERCISE] "),
        Status::Test => ("【测试】", "[TEST] "),
        Status::Actual | Status::System | Status::Draft => return headline.to_owned(),
    };
    let mark = if language == "en" { en } else { zh };
    if headline.starts_with(mark.trim_end()) { headline.to_owned() } else { format!("{mark}{headline}") }
}

/// Where it holds: the polygons that were drawn and the divisions that were named, each division with its code and its boundary; the
/// place itself where neither is given.
fn areas(alert: &Alert, place: EntityId) -> Result<Vec<Area>, Refusal> {
    let polygons = polygons(alert.polygons.as_deref().unwrap_or(""))?;
    let narrower = narrower(alert.divisions.as_deref().unwrap_or(""))?;
    let mut out = Vec::new();
    if !polygons.is_empty() {
        out.push(Area { desc: area::name(place)?, polygons, ..Area::default() });
    }
    for division in &narrower {
        out.push(of_place(*division)?);
    }
    if out.is_empty() {
        out.push(of_place(place)?);
    }
    if let (Some(first), Some(name)) =
        (out.first_mut(), alert.area_name.as_deref().map(str::trim).filter(|n| !n.is_empty()))
    {
        first.desc = name.to_owned();
    }
    Ok(out)
}

/// The places it holds in, as the world knows them.
pub(crate) fn places(alert: &Alert, place: EntityId) -> Result<Vec<EntityId>, Refusal> {
    let mut out = narrower(alert.divisions.as_deref().unwrap_or(""))?;
    if out.is_empty() || alert.polygons.is_some() {
        out.insert(0, place);
        out.dedup();
    }
    Ok(out)
}

fn of_place(place: EntityId) -> Result<Area, Refusal> {
    let mut area = Area { desc: area::name(place)?, ..Area::default() };
    if let Some(division) = area::division(place)? {
        area.geocodes.push(Pair::new(GEOCODE, division.twelve()));
    }
    match area::ring(place)?.filter(|ring| ring.flaw().is_none()) {
        Some(ring) => area.polygons.push(ring),
        None if area.geocodes.is_empty() => {
            let centre = area::position(place)?.ok_or_else(|| Refusal::invalid("place", "alert-place-nowhere"))?;
            area.circles.push(Circle { centre, km: 0.0 });
        }
        None => {}
    }
    Ok(area)
}

/// The narrower divisions by their codes.
pub(crate) fn narrower(codes: &str) -> Result<Vec<EntityId>, Refusal> {
    let mut out: Vec<EntityId> = Vec::new();
    for code in codes.split([' ', ',', '，', '、', ';', '；', '\n', '\t']).filter(|c| !c.is_empty()) {
        let missing = || Refusal::invalid("divisions", Text::key("alert-no-such-division").with("code", code));
        let found = match find(area::PLACE_CODE, code)? {
            Some(place) => Some(place),
            None => match Division::parse(code) {
                Some(division) => find(area::PLACE_CODE, division.code.as_str())?,
                None => None,
            },
        };
        let found = found.ok_or_else(missing)?;
        if !out.contains(&found) {
            out.push(found);
        }
        if out.len() > DIVISIONS {
            return Err(Refusal::invalid("divisions", "alert-too-many-divisions"));
        }
    }
    Ok(out)
}

/// One polygon a line.
pub(crate) fn polygons(text: &str) -> Result<Vec<Ring>, Refusal> {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines
        .map(|line| {
            let ring = Ring::parse(line).filter(|ring| ring.flaw().is_none());
            ring.ok_or_else(|| Refusal::invalid("polygons", "cap-rule-polygon"))
        })
        .collect()
}

/// Every rule of the standard the message breaks, at the field of the form.
pub(crate) fn judged(message: &changzhi_cap::Alert) -> Result<(), Refusal> {
    let problems = rules::check(message).iter().map(problem).collect();
    Refusal::problems(problems)
}

pub(crate) fn problem(flaw: &Flaw) -> Problem {
    let english = flaw.path.contains("info[2]");
    let last = flaw.path.rsplit('/').next().unwrap_or("");
    let field = match (last.split('[').next().unwrap_or(""), english) {
        ("headline", false) => "headline",
        ("headline", true) => "headline-en",
        ("description", false) => "description",
        ("description", true) => "description-en",
        ("instruction", false) => "instruction",
        ("instruction", true) => "instruction-en",
        ("event", false) => "event",
        ("event", true) => "event-en",
        ("areaDesc", false) => "area-name",
        ("areaDesc", true) => "area-name-en",
        ("polygon", _) => "polygons",
        ("expires", _) => "expires",
        ("note", _) => "note",
        ("value" | "valueName", _) => "event-code",
        _ => "place",
    };
    Problem::of(field, Text::key(&format!("cap-rule-{}", flaw.rule)).with("what", flaw.what.as_str()))
}

/// The severity of a colour; authors choose the colour.
pub(crate) fn severity(colour: &str) -> Option<Severity> {
    Colour::of_name(word("colour", colour)).map(|c| c.severity)
}

/// The colour of a severity, as a code.
pub(crate) fn colour(severity: Severity) -> Option<String> {
    COLOURS.into_iter().find(|c| c.severity == severity).map(|c| code("colour", c.name))
}

/// From 1 (most urgent) to 4.
pub(crate) fn level(colour: Option<&str>) -> u8 {
    colour.and_then(|c| Colour::of_name(word("colour", c))).map_or(4, |c| c.level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_says_so_in_its_first_words_and_only_once() {
        assert_eq!(marked("暴雨", Status::Exercise, "zh-CN"), "【演练】暴雨");
        assert_eq!(marked("【演练】暴雨", Status::Exercise, "zh-CN"), "【演练】暴雨");
        assert_eq!(marked("Rain", Status::Exercise, "en"), "[EXERCISE] Rain");
        assert_eq!(marked("Rain", Status::Test, "en"), "[TEST] Rain");
        assert_eq!(marked("暴雨", Status::Actual, "zh-CN"), "暴雨");
    }

    #[test]
    fn each_colour_is_one_severity_and_one_level() {
        let of = |c: &str| severity(c).map(|s| s.to_string());
        let all = ["colour-red", "colour-orange", "colour-yellow", "colour-blue"];
        assert_eq!(all.map(|c| of(c).unwrap()), ["Extreme", "Severe", "Moderate", "Minor"]);
        assert_eq!(all.map(|c| level(Some(c))), [1, 2, 3, 4]);
        assert_eq!((of("colour-green"), level(None)), (None, 4));
    }
}
