//! 综合办公 Office: who is on duty where, with the holes named in time, and notices that were read.
//!
//! A duty names a person because somebody must answer; no number is kept about them.

mod duty;
mod holes;
mod notice;
mod roster_view;

use changzhi_sdk::prelude::*;
pub use duty::Duty;
use duty::{plan_duty, take_over};
pub use notice::{Announcement, Receipt};
use notice::{notices, publish_notice, read_notice};
use roster_view::roster;

plugin! {
    id: "office",
    version: env!("CARGO_PKG_VERSION"),
    label: "office",
    facets: [Duty, Announcement, Receipt],
    kinds: [
        Kind::events("duty").label("duty"),
        Kind::events("notice").label("notice"),
        Kind::events("receipt").label("receipt"),
    ],
    commands: [plan_duty, take_over, publish_notice, read_notice],
    views: [roster, notices],
    grants: [
        Grant::world("lists duties and notices"),
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
