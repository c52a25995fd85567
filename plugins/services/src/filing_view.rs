//! The page on which somebody outside writes down what they see: it works without a network.

use crate::answers;
use crate::file::file_report;
use changzhi_sdk::prelude::*;

#[view(label = "filing", listed, roles = ["operator", "grid-worker"])]
pub fn filing(ctx: &Context) -> Result<Page, Refusal> {
    let form = answers::asked(ctx, Form::of::<file_report>().without("answers"))?;
    Ok(Page::new("filing").add(form.offline()).add(Action::open("alike", "alike")))
}
