//! A request from another system, with the answers to its category's questions.

use crate::category::{self, Datatype, Known};
use crate::report::Report;
use crate::{code, place};
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
}

#[command(label = "open-request")]
pub fn open_request(ctx: &Context, body: OpenRequest) -> Result<Changes, Refusal> {
    let Some(known) = category::of_code(&body.service)? else {
        return Err(Refusal::invalid("service", "no-such-category"));
    };
    let answers = body.answers.as_deref().unwrap_or("");
    Refusal::problems(unanswered(&known, answers))?;
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
    let words = [body.description.as_deref().unwrap_or(""), answers, body.media.as_deref().unwrap_or("")];
    let words = words.into_iter().filter(|w| !w.trim().is_empty()).collect::<Vec<_>>().join("\n");
    changes.put(
        matter,
        Report {
            code: code.clone(),
            source: "portal".into(),
            title: title(body.description.as_deref(), &known),
            body: Some(words).filter(|w| !w.is_empty()),
            channel: "open311".into(),
            address: body.address,
            contact: body.contact,
            category_version: Some(known.version),
            ..Report::default()
        },
    );
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

/// What is missing or wrong among the answers.
fn unanswered(known: &Known, answers: &str) -> Vec<Problem> {
    let given: Vec<(&str, &str)> = answers.lines().filter_map(|l| l.split_once('=')).collect();
    let mut problems = Vec::new();
    for question in &known.questions {
        let mine: Vec<&str> = given.iter().filter(|(code, _)| *code == question.code).map(|(_, a)| a.trim()).collect();
        let field = format!("attribute[{}]", question.code);
        if question.required && mine.iter().all(|a| a.is_empty()) {
            problems.push(Problem::of(&field, Text::key("answer-needed").with("code", question.code.as_str())));
        } else if mine.len() > 1 && question.datatype != Datatype::Several {
            problems.push(Problem::of(&field, "answer-once"));
        } else if mine.iter().any(|a| !a.is_empty() && question.wrong(a)) {
            problems.push(Problem::of(&field, "answer-wrong"));
        }
    }
    for (code, _) in given {
        if !known.questions.iter().any(|q| q.code == code) {
            problems.push(Problem::of(&format!("attribute[{code}]"), "no-such-question"));
        }
    }
    problems
}
