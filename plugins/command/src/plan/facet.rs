//! What is kept of one version of a floor's plan.

use changzhi_sdk::prelude::*;

/// One version. Its place and the moment it came into force are core fields.
#[derive(Facet)]
#[facet(name = "command.plan", on = events, label = "floor-plan")]
pub struct FloorPlan {
    /// `PLACE:NUMBER`, counted by place: no two hands write the same version.
    #[field(unique, internal, max_len = 48, label = "key")]
    pub key: String,
    /// As it is read out.
    #[field(internal, max_len = 40, label = "floor")]
    pub floor: String,
    /// Internal and not personal: it shows a place, so nobody in a hurry is asked for a purpose. The host takes that of no other field than one
    /// of this name, of a facet that names nobody.
    #[field(internal, max = 1, label = "plan-picture")]
    pub plan: Files,
    #[field(long_text, internal, max_len = 2000, label = "plan-words")]
    pub words: String,
    #[field(long_text, internal, max_len = 1000, label = "plan-entrances")]
    pub entrances: String,
    #[field(internal, max_len = 240, label = "plan-assembly")]
    pub assembly: String,
    /// Points on the picture, one a line: see [`super::marks`].
    #[field(long_text, internal, max_len = 1500, label = "plan-marks")]
    pub marks: Option<String>,
    #[field(internal, max_len = 120, label = "plan-source")]
    pub source: String,
    /// The day of which it is true.
    #[field(internal, label = "plan-as-of")]
    pub as_of: Micros,
    /// When another took its place, or it was ended.
    #[field(internal, label = "plan-until")]
    pub until: Option<Micros>,
}
