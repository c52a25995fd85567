//! rung → acknowledged → attended → stood-down. Only a person moves it on, by name.

use changzhi_sdk::Flow;

const SEAT: &[&str] = &["operator", "duty-officer", "admin"];
const SCENE: &[&str] = &["unit", "grid-worker", "operator", "duty-officer", "admin"];

pub(crate) fn alarm() -> Flow {
    Flow::new("alarm", 1)
        .state("rung", "state-rung")
        .state("acknowledged", "state-acknowledged")
        .state("attended", "state-attended")
        .end("stood-down", "state-stood-down")
        .step("acknowledge", "rung", "acknowledged", SEAT)
        .step("attend", "acknowledged", "attended", SCENE)
        .step("stand-down", "acknowledged", "stood-down", SEAT)
        .step("stand-down", "attended", "stood-down", SEAT)
}
