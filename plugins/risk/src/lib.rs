//! 风险防控 Risk prevention: hazards of places, and that they are mended and looked at again.
//!
//! A **hazard** attaches to a place, never to a person: nothing here can hold who lives or walks there. The one account that
//! is kept is the one that mended, so that another can check it.

mod commands;
mod flow;
mod tasks_view;
mod view;

use changzhi_sdk::prelude::*;
pub use commands::Hazard;
use commands::{assign_fix, mark_fixed, recheck, report_hazard};
use tasks_view::{hazard_view, tasks};
use view::hazards;

plugin! {
    id: "risk",
    version: env!("CARGO_PKG_VERSION"),
    label: "risk",
    facets: [Hazard],
    kinds: [Kind::events("hazard").label("hazard").flow("hazard")],
    flows: [flow::hazard()],
    commands: [report_hazard, assign_fix, mark_fixed, recheck],
    views: [tasks, hazards, hazard_view],
    grants: [
        Grant::world("lists hazards by place"),
        Grant::flow("shows what may be done next to a hazard"),
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
