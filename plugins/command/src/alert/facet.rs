//! What is kept of an alert. Category, state, time and place are core fields.

use changzhi_sdk::prelude::*;

#[derive(Facet, Clone, Default)]
#[facet(name = "command.alert", on = events, label = "alert")]
pub struct Alert {
    /// Ours, or somebody else's.
    #[field(code, options = ["own", "received"], label = "alert-origin")]
    pub origin: String,
    /// Of what we published: the number of GB/T 35965.1. A received alert's is in its message: nobody else's number becomes ours.
    #[field(unique, max_len = 64, label = "alert-identifier")]
    pub identifier: Option<String>,
    /// Sender, identifier and second of the message: what references name, and what makes a second copy known.
    #[field(unique, max_len = 256, label = "alert-reference")]
    pub reference: Option<String>,
    /// The headline.
    #[field(max_len = 240, label = "alert-headline")]
    pub title: String,
    #[field(max_len = 240, label = "alert-headline-en")]
    pub headline_en: Option<String>,
    #[field(code, max_len = 24, label = "alert-message")]
    pub message: String,
    #[field(code, max_len = 24, label = "alert-status")]
    pub status: String,
    #[field(code, max_len = 24, label = "alert-colour")]
    pub colour: Option<String>,
    #[field(code, max_len = 24, label = "alert-severity")]
    pub severity: String,
    #[field(code, max_len = 24, label = "alert-urgency")]
    pub urgency: String,
    #[field(code, max_len = 24, label = "alert-certainty")]
    pub certainty: String,
    #[field(max_len = 120, label = "alert-event")]
    pub event: String,
    #[field(max_len = 120, label = "alert-event-en")]
    pub event_en: Option<String>,
    /// Of GB/T 35561.
    #[field(max_len = 40, label = "alert-event-code")]
    pub event_code: Option<String>,
    #[field(label = "alert-sent")]
    pub sent: Option<Micros>,
    #[field(label = "alert-onset")]
    pub onset: Option<Micros>,
    #[field(label = "alert-expires")]
    pub expires: Option<Micros>,
    #[field(long_text, label = "alert-description")]
    pub description: Option<String>,
    #[field(long_text, label = "alert-description-en")]
    pub description_en: Option<String>,
    #[field(long_text, label = "alert-instruction")]
    pub instruction: Option<String>,
    #[field(long_text, label = "alert-instruction-en")]
    pub instruction_en: Option<String>,
    /// Which exercise it is, or why it is cancelled.
    #[field(max_len = 240, label = "alert-note")]
    pub note: Option<String>,
    #[field(max_len = 120, label = "alert-area-name")]
    pub area_name: Option<String>,
    #[field(max_len = 120, label = "alert-area-name-en")]
    pub area_name_en: Option<String>,
    /// Codes of the divisions of the place it holds in, blanks or commas between them; without any it holds in the whole place.
    #[field(max_len = 250, label = "alert-divisions")]
    pub divisions: Option<String>,
    /// One a line, as CAP writes them.
    #[field(long_text, label = "alert-polygons")]
    pub polygons: Option<String>,
    /// What it takes the place of.
    #[field(entity = events, label = "alert-replaces")]
    pub replaces: Option<EntityId>,
    /// Who began it, who changed it last, who submitted it, who published it.
    #[field(entity = people, internal, label = "alert-author")]
    pub author: Option<EntityId>,
    #[field(entity = people, internal, label = "alert-editor")]
    pub editor: Option<EntityId>,
    #[field(entity = people, internal, label = "alert-submitter")]
    pub submitter: Option<EntityId>,
    #[field(entity = people, internal, label = "alert-publisher")]
    pub publisher: Option<EntityId>,
    /// The message: as we published it, or as it came in.
    #[field(long_text, label = "alert-cap")]
    pub cap: Option<String>,
    /// One a line: what of a received alert could not be resolved, and after a tab why and since when.
    #[field(long_text, label = "alert-gaps")]
    pub gaps: Option<String>,
    /// One a line: which of its codes and areas meant something else when it was sent, its parts apart by tabs.
    #[field(long_text, label = "alert-history")]
    pub history: Option<String>,
}

/// A place that an alert touches.
#[derive(Facet, Clone, Default)]
#[facet(name = "command.alert-area", on = events, label = "alert-area")]
pub struct AlertArea {
    #[field(entity = events, label = "alert")]
    pub alert: EntityId,
    #[field(entity = places, label = "alert-place")]
    pub place: EntityId,
    /// By a division code, a shape, or because the author named it.
    #[field(code, options = ["by-code", "by-shape", "by-name"], label = "alert-by")]
    pub by: String,
    /// What was written.
    #[field(max_len = 120, label = "alert-written")]
    pub written: Option<String>,
}

/// In whose name alerts are published. There is one.
#[derive(Facet, Clone, Default, PartialEq)]
#[facet(name = "command.alert-sender", on = events, label = "alert-sender")]
pub struct Sender {
    #[field(unique, max_len = 16, label = "alert-sender-slot")]
    pub slot: String,
    /// `ZZZZZZDDDUUUXX` of GB/T 35965.1.
    #[field(max_len = 14, label = "alert-sender-code")]
    pub code: String,
    /// What CAP calls the sender: unique in the world, mostly an address.
    #[field(max_len = 120, label = "alert-sender-address")]
    pub address: String,
    #[field(max_len = 120, label = "name-zh")]
    pub zh: String,
    #[field(max_len = 120, label = "name-en")]
    pub en: Option<String>,
    /// Minutes from UTC that dates are written in.
    #[field(min = -840, max = 840, label = "alert-sender-offset")]
    pub offset: i64,
}
