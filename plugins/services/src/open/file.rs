//! A request from another system, with the answers to its category's questions.

use crate::category::{self, Known};
use crate::report::Report;
use crate::{answers, claim, code, place, reach};
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const PLACE_CODE: Field<String> = Field::new("host.place", "code", "host.place.code");
/// Characters of a title made from a description.
const TITLE: usize = 60;

#[derive(Body)]
pub struct OpenRequest {
    #[field(max_len = 48)]
    pub service: String,
    #[field(long_text, personal, max_len = 16000)]
    pub description: Option<String>,
    pub position: Option<Point>,
    #[field(internal, max_len = 250)]
    pub address: Option<String>,
    /// Code of a place.
    #[field(name = "place-code", max_len = 64)]
    pub place_code: Option<String>,
    #[field(personal, max_len = 250)]
    pub contact: Option<String>,
    /// One a line: `code=answer`.
    #[field(long_text, personal, max_len = 16000)]
    pub answers: Option<String>,
    #[field(personal, max_len = 250)]
    pub media: Option<String>,
    #[field(personal, max = 6)]
    pub photos: Option<Files>,
    /// The PIN is to be told and kept: the sender passes it on to whoever reports.
    #[field(name = "tells-pin")]
    pub tells_pin: Option<bool>,
    /// Filled in by the gate, as `own`.
    #[field(secret, max_len = 64)]
    pub pin: Option<String>,
    #[field(secret, max_len = 64)]
    pub own: Option<String>,
}

#[command(label = "open-request")]
pub fn open_request(ctx: &Context, body: OpenRequest) -> Result<Changes, Refusal> {
    let Some(known) = category::of_code(&body.service)? else {
        return Err(Refusal::invalid("service", "no-such-category"));
    };
    let given = body.answers.as_deref().unwrap_or("");
    let lines: Vec<(String, String)> =
        given.lines().filter_map(|l| l.split_once('=')).map(|(c, a)| (c.to_owned(), a.to_owned())).collect();
    Refusal::problems(answers::wrong(&known, &lines, |code| format!("attribute[{code}]")))?;
    let named = match &body.place_code {
        None => None,
        Some(code) => {
            let found = find(PLACE_CODE, code.as_str())?;
            Some(found.ok_or_else(|| Refusal::invalid("place-code", "no-such-place"))?)
        }
    };
    let within = place::within(ctx, named, body.position)?;
    let mut changes = Changes::new();
    let new = New::of("matter", ctx.now).category(known.code.clone()).within(within).position(body.position);
    let matter = changes.create(new);
    let code = code::from_seed(ctx.seed);
    let told = answers::told(Some(&known), body.description.clone(), &lines);
    let words =
        [told, body.media].into_iter().flatten().filter(|w| !w.trim().is_empty()).collect::<Vec<_>>().join("\n");
    changes.put(
        matter,
        Report {
            code: code.clone(),
            source: "portal".into(),
            title: title(body.description.as_deref(), &known),
            body: Some(words).filter(|w| !w.is_empty()),
            channel: "open311".into(),
            address: body.address,
            photos: body.photos,
            category_version: Some(known.version),
            ..Report::default()
        },
    );
    // A PIN nobody was told would open the matter to nobody.
    claim::mark(&mut changes, matter, body.pin.filter(|_| body.tells_pin == Some(true)), body.own);
    reach::keep(ctx, &mut changes, matter, None, body.contact);
    changes.answer("matter", matter);
    changes.answer("code", code);
    changes.answer("notice", known.notice);
    Ok(changes)
}

/// The first line of the description, cut; without one what the category is called.
fn title(description: Option<&str>, known: &Known) -> String {
    let line = description.unwrap_or("").lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or(&known.zh);
    if line.chars().count() <= TITLE { line.to_owned() } else { line.chars().take(TITLE - 1).chain(['…']).collect() }
}
