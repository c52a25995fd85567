//! The page on which somebody outside writes down what they see: it works without a network.

use crate::file::file_report;
use changzhi_sdk::prelude::*;

#[view(label = "filing", listed, roles = ["operator", "grid-worker"])]
pub fn filing(_ctx: &Context) -> Result<Page, Refusal> {
    Ok(Page::new("filing").add(Form::of::<file_report>().offline()).add(Action::open("alike", "alike")))
}
