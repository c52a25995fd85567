//! 实战指挥 Command: alarms of places, and who took them by name; public alerts ([`alert`]).

mod alert;
mod board_view;
mod commands;
mod flow;
mod tasks_view;

use alert::*;
use board_view::board;
use changzhi_sdk::prelude::*;
pub use commands::Alarm;
use commands::{acknowledge, attend, ring, stand_down};

use tasks_view::{alarm_view, tasks};

plugin! {
    id: "command",
    version: env!("CARGO_PKG_VERSION"),
    label: "command",
    facets: [Alarm, Alert, AlertArea, Sender],
    kinds: [
        Kind::events("alarm").label("alarm").flow("alarm"),
        Kind::events("alert").label("alert").flow("alert"),
        Kind::events("alert-area").label("alert-area"),
        Kind::events("alert-sender").label("alert-sender"),
    ],
    flows: [flow::alarm(), alert_flow()],
    commands: [ring, acknowledge, attend, stand_down,
        set_alert_sender, write_alert, submit_alert, withdraw_alert, discard_alert, return_alert, publish_alert, update_alert,
        cancel_alert, expire_alert, receive_alert],
    views: [tasks, board, alarm_view, alerts, alert_page, alert_desk, new_alert, open_alerts, open_alert],
    grants: [
        Grant::world("lists open alarms"),
        Grant::flow("shows what may be done next to an alarm"),
        Grant::read("host.place", "shows the names of places"),
        Grant::read("host.extent", "draws where an alert holds, finds what its shapes touch"),
        Grant::read("kind:division", "finds the divisions an alert names"),
        Grant::read("kind:grid", "an alert may be about a grid"),
        Grant::read("kind:compound", "an alert may be about a compound"),
        Grant::read("kind:building", "an alert may be about a building"),
        Grant::read("kind:facility", "an alert may be about a facility"),
    ],
    messages: [
        "zh-CN" => concat!(include_str!("../messages/zh-CN.ftl"), "\n", include_str!("../messages/alert.zh-CN.ftl")),
        "en" => concat!(include_str!("../messages/en.ftl"), "\n", include_str!("../messages/alert.en.ftl")),
    ],
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_word_people_see_is_said_in_both_languages() {
        changzhi_sdk::messages::check(&super::manifest()).unwrap();
    }
}
