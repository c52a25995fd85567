//! Somebody files a report of their own, or at the desk for somebody else. The reporter is told its code and its PIN.

use crate::report::Report;
use crate::{answers, category, claim, code, place, reach};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct FileReport {
    #[field(max_len = 200)]
    pub title: String,
    #[field(long_text, personal, max_len = 8000)]
    pub body: Option<String>,
    #[field(code, max_len = 48)]
    pub category: String,
    #[field(entity = places)]
    pub place: Option<EntityId>,
    pub position: Option<Point>,
    #[field(internal)]
    pub address: Option<String>,
    #[field(code, options = ["web", "app", "phone", "counter", "grid-worker"])]
    pub channel: Option<String>,
    #[field(personal, max_len = 100)]
    pub contact: Option<String>,
    #[field(personal, max = 6)]
    pub photos: Option<Files>,
    /// One a line: `CODE=ANSWER`, or `CATEGORY.CODE=ANSWER`.
    #[field(long_text, personal, max_len = 8000)]
    pub answers: Option<String>,
    /// Filled in by the gate, as `own`.
    #[field(secret, max_len = 64)]
    pub pin: Option<String>,
    #[field(secret, max_len = 64)]
    pub own: Option<String>,
}

/// What is kept of a filing, whoever files it for whom.
pub(crate) struct Filing {
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) category: String,
    pub(crate) place: Option<EntityId>,
    pub(crate) position: Option<Point>,
    pub(crate) address: Option<String>,
    pub(crate) channel: String,
    pub(crate) name: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) photos: Option<Files>,
    pub(crate) answers: Option<String>,
    pub(crate) pin: Option<String>,
    /// The mark of the account whose own report it is.
    pub(crate) own: Option<String>,
}

#[command(label = "file-report")]
pub fn file_report(ctx: &Context, body: FileReport) -> Result<Changes, Refusal> {
    let channel = body.channel.unwrap_or_else(|| "web".into());
    // What came by telephone or over the counter is the caller's, not the clerk's.
    let own = !matches!(channel.as_str(), "phone" | "counter");
    filed(
        ctx,
        Filing {
            title: body.title,
            body: body.body,
            category: body.category,
            place: body.place,
            position: body.position,
            address: body.address,
            channel,
            name: None,
            contact: body.contact,
            photos: body.photos,
            answers: body.answers,
            pin: body.pin,
            own: body.own.filter(|_| own),
        },
    )
}

pub(crate) fn filed(ctx: &Context, filing: Filing) -> Result<Changes, Refusal> {
    let (known, version, given) = sorted(&filing)?;
    let within = place::within(ctx, filing.place, filing.position)?;
    let mut changes = Changes::new();
    let new = New::of("matter", ctx.now).category(filing.category).within(within).position(filing.position);
    let matter = changes.create(new);
    let code = code::from_seed(ctx.seed);
    changes.put(
        matter,
        Report {
            code: code.clone(),
            source: "portal".into(),
            title: filing.title,
            body: answers::told(known.as_ref(), filing.body, &given),
            channel: filing.channel,
            address: filing.address,
            photos: filing.photos,
            category_version: version,
            ..Report::default()
        },
    );
    claim::mark(&mut changes, matter, filing.pin, filing.own);
    reach::keep(ctx, &mut changes, matter, filing.name, filing.contact);
    changes.answer("matter", matter);
    changes.answer("code", code);
    Ok(changes)
}

type Sorted = (Option<category::Known>, Option<i64>, Vec<(String, String)>);

/// The category with the number of its version, and the answers to its questions, all of it held against what it asks.
fn sorted(filing: &Filing) -> Result<Sorted, Refusal> {
    let mut problems = Vec::new();
    if filing.title.trim().is_empty() {
        problems.push(Problem::of("title", "title-needed"));
    }
    let version = category::version(&filing.category)?;
    let given = answers::own(&filing.category, filing.answers.as_deref().unwrap_or(""));
    // Of the built-in set nothing must be answered: it is looked at only where something is.
    let known = match version.is_some() || !given.is_empty() {
        true => category::of_code(&filing.category)?,
        false => None,
    };
    if let Some(known) = &known {
        problems.extend(answers::wrong(known, &given, |code| format!("answers[{}.{code}]", known.code)));
    }
    Refusal::problems(problems)?;
    Ok((known, version, given))
}
