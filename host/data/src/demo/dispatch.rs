//! Who can be sent in the demo city, and what places ask for, so that an alarm has a proposal.

use super::places::Place;
use super::{Command, Options};
use serde_json::{Map, Value};

/// Somebody of the demo accounts who can be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Responder {
    pub login: &'static str,
    pub sort: &'static str,
    pub skills: &'static str,
    /// Where they stand by: a place, by code.
    pub place: &'static str,
    /// Signed on when the city begins; one of them is not, so that a proposal has a shortfall to explain.
    pub on: bool,
}

const ROWS: [(&str, &str, &str, &str, bool); 12] = [
    ("police-1", "police", "", "demo-station-01", true),
    ("police-2", "police", "", "demo-station-02", true),
    ("police-3", "police", "driving", "demo-station-03", true),
    ("guard-1", "guard", "", "demo-school-01", true),
    ("guard-2", "guard", "first-aid", "demo-hospital-01", true),
    ("guard-3", "guard", "", "demo-market-01", false),
    ("volunteer-1", "volunteer", "first-aid", "360102001001001", true),
    ("volunteer-2", "volunteer", "", "360103001001001", true),
    ("volunteer-3", "volunteer", "boat", "360104001001001", true),
    ("medical-1", "medical", "first-aid driving", "demo-hospital-01", true),
    ("medical-2", "medical", "first-aid", "demo-hospital-02", true),
    ("fire-1", "fire", "driving", "360104", true),
];

/// City-wide cards: kind of alarm, from level, needs. Empty: every kind.
const CARDS: [(&str, i64, &str); 4] = [
    ("", 1, "police x1 15min\nguard x1 2000m\nvolunteer x1 1500m"),
    ("fire", 1, "fire x1 20min\npolice x1 15min\nvolunteer x2 1500m"),
    ("medical", 1, "medical x1 15min +first-aid\nvolunteer x1 1500m +first-aid"),
    ("", 3, "police x3 30min\nguard x2 5000m\nmedical x1 20min +first-aid\nvolunteer x3 3000m"),
];
/// The card of each of the first hospitals.
const HOSPITAL: &str = "police x2 15min\nguard x2 1000m";
const HOSPITALS: usize = 3;

/// The responders; their accounts are among [`super::accounts`].
pub fn responders() -> Vec<Responder> {
    let responder = |(login, sort, skills, place, on)| Responder { login, sort, skills, place, on };
    ROWS.into_iter().map(responder).collect()
}

pub(super) fn cards(places: &[Place], options: &Options) -> Vec<Command> {
    let card = |n: usize, category: &str, level: i64, needs: &str, place: Option<&Place>| {
        let mut body = Map::new();
        if !category.is_empty() {
            body.insert("category".into(), category.into());
        }
        body.insert("card_from".into(), level.into());
        body.insert("needs".into(), Value::from(needs));
        let places = place.map(|p| ("place", p.code.clone())).into_iter().collect();
        let request = format!("demo:{}:command:set-dispatch-card:{n}", options.seed);
        Command { plugin: "command", command: "set-dispatch-card", body, places, request }
    };
    let city = CARDS.iter().enumerate().map(|(n, (category, level, needs))| card(n, category, *level, needs, None));
    let hospitals = places.iter().filter(|p| p.category == "hospital").take(HOSPITALS).enumerate();
    let hospitals = hospitals.map(|(n, place)| card(CARDS.len() + n, "security", 1, HOSPITAL, Some(place)));
    city.chain(hospitals).collect()
}
