//! 实战指挥 Command: alarms of places, and who took them by name.

mod board_view;
mod commands;
mod flow;
mod tasks_view;

use board_view::board;
use changzhi_sdk::prelude::*;
pub use commands::Alarm;
use commands::{acknowledge, attend, ring, stand_down};

use tasks_view::{alarm_view, tasks};

plugin! {
    id: "command",
    version: env!("CARGO_PKG_VERSION"),
    label: "command",
    facets: [Alarm],
    kinds: [Kind::events("alarm").label("alarm").flow("alarm")],
    flows: [flow::alarm()],
    commands: [ring, acknowledge, attend, stand_down],
    views: [tasks, board, alarm_view],
    grants: [
        Grant::world("lists open alarms"),
        Grant::flow("shows what may be done next to an alarm"),
        Grant::read("host.place", "shows the names of places"),
    ],
    messages: [
        "zh-CN" => include_str!("../messages/zh-CN.ftl"),
        "en" => include_str!("../messages/en.ftl"),
    ],
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_word_people_see_is_said_in_both_languages() {
        changzhi_sdk::messages::check(&super::manifest()).unwrap();
    }
}
