//! 决策支持 Decision support: counts of matters by place, kind and month, and what may be made of them.
//!
//! Small cells are not shown (k ≥ 5): a count of one in a small place is a person. Indicators are versioned definitions, and
//! a definition that rewards hiding problems is refused.

mod indicator;
mod indicators_view;
mod job;
mod month;
mod monthly_view;
mod suppress;

use changzhi_sdk::prelude::*;
pub use indicator::Indicator;
use indicator::define_indicator;
use indicators_view::indicators;
pub use job::DistrictMonth;
use job::monthly_report;
use monthly_view::monthly;

plugin! {
    id: "decision",
    version: env!("CARGO_PKG_VERSION"),
    label: "decision",
    facets: [Indicator, DistrictMonth],
    kinds: [Kind::events("indicator").label("indicator"), Kind::events("district-month").label("district-month")],
    commands: [define_indicator],
    views: [monthly, indicators],
    jobs: [monthly_report],
    grants: [
        Grant::world("counts matters by place, kind and month"),
        Grant::read("kind:matter", "counts matters, reads none"),
        Grant::read("kind:division", "goes through the districts"),
        Grant::read("kind:grid", "counts by grid"),
        Grant::read("host.place", "shows the names of districts"),
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
