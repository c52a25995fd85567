//! A way by which buttons on walls ring is down: an alarm of its own, so that somebody knows before a button is needed.
//!
//! The host says so once for each time (`host/devices`); it stays until a person ends it, also when the line is back meanwhile: somebody
//! asks at the places whether a button was pressed. It rings in a corner of the page, like a hole of the roster.

use super::facet::Alarm;
use super::press::{is_open, of_the_house};
use super::roster::Roster;
use changzhi_sdk::prelude::*;

/// The kind of such an alarm.
pub(crate) const LINE: &str = "line-down";

#[derive(Body)]
pub struct LineDown {
    /// What it is called.
    #[field(max_len = 40)]
    pub line: String,
    pub since: Micros,
}

/// Given by the host itself: no account holds the role.
#[command(label = "line-down", roles = ["clock"])]
pub fn line_down(ctx: &Context, body: LineDown) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    if !is_open(LINE, None)? {
        let (spot, pressed) = (Some(body.line), Some(body.since));
        let alarm = Alarm { spot, pressed, presses: Some(1), ..Alarm::default() };
        of_the_house(&mut changes, ctx.now, LINE, None, alarm, &Roster::read(ctx.now)?)?;
    }
    Ok(changes)
}
