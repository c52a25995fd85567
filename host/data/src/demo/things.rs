//! Hazards, alarms, duties and an indicator, so that every plugin has something to show.

use super::places::Place;
use super::rng::Rng;
use super::{Command, Options};
use changzhi_model::{Micros, Value as Model};
use serde_json::{Map, Value};

const HAZARDS: [(&str, &str); 6] = [
    ("blocked-exit", "安全出口堆放杂物"),
    ("fire-equipment", "灭火器过期"),
    ("wiring", "电线裸露"),
    ("lighting", "应急灯不亮"),
    ("ebike-charging", "电动车在室内充电"),
    ("structure", "外墙瓷砖松动"),
];
const POSTS: [&str; 3] = ["lead", "desk", "standby"];
/// Days of duty that are planned ahead, as far as the roster looks.
const DUTY_DAYS: i64 = 14;

pub(super) fn generate(places: &[Place], options: &Options) -> Vec<Command> {
    let mut rng = Rng::new(options.seed, 3);
    let mut commands = Vec::new();
    let facilities: Vec<&Place> = places.iter().filter(|p| p.kind == "facility").collect();
    let mut command = |plugin, name, place: &Place, fields: Vec<(&str, Value)>| {
        let body: Map<String, Value> = fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let request = format!("demo:{}:{plugin}:{name}:{}", options.seed, commands.len());
        commands.push(Command { plugin, command: name, body, places: vec![("place", place.code.clone())], request });
    };
    for place in &facilities {
        if rng.below(3) == 0
            && let Some((category, title)) = rng.pick(&HAZARDS)
        {
            command("risk", "report-hazard", place, vec![("category", (*category).into()), ("title", (*title).into())]);
        }
    }
    for place in facilities.iter().take(3) {
        command("command", "ring", place, vec![("category", "test".into()), ("spot", "一楼大厅".into())]);
    }
    let midnight = options.now.0 - options.now.0.rem_euclid(Micros::DAY);
    for district in places.iter().filter(|p| p.category == "district").take(3) {
        for day in 0..DUTY_DAYS {
            for post in POSTS {
                // Left open on purpose, so that the roster has holes to show.
                if rng.below(10) == 0 {
                    continue;
                }
                let from = Micros(midnight + day * Micros::DAY);
                let to = Micros(from.0 + Micros::DAY);
                let fields = vec![
                    ("post", post.into()),
                    ("from", Model::Time(from).to_json()),
                    ("to", Model::Time(to).to_json()),
                ];
                command("office", "plan-duty", district, fields);
            }
        }
    }
    commands
}
