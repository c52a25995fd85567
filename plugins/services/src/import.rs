//! A report of another system. The reference is unique: the same row twice changes nothing, a changed row changes its matter.

use crate::report::Report;
use crate::{code, flow, place, standing};
use changzhi_sdk::prelude::*;

#[derive(Body, Clone)]
pub struct ImportReport {
    #[field(code, internal, max_len = 64)]
    pub source: String,
    #[field(internal)]
    pub reference: String,
    #[field(internal, max_len = 64)]
    pub digest: String,
    pub title: String,
    #[field(long_text, personal)]
    pub body: Option<String>,
    #[field(code, max_len = 48)]
    pub category: String,
    pub created: Micros,
    #[field(code, options = ["submitted", "accepted", "assigned", "handling", "answered", "closed", "not-accepted", "withdrawn", "reopened"])]
    pub state: Option<String>,
    #[field(code, max_len = 48)]
    pub channel: Option<String>,
    #[field(code, max_len = 128)]
    pub agency: Option<String>,
    #[field(internal)]
    pub address: Option<String>,
    #[field(long_text, internal)]
    pub reply: Option<String>,
    pub answered: Option<Micros>,
    #[field(personal)]
    pub contact: Option<String>,
    #[field(min = 0)]
    pub handoffs: Option<i64>,
    #[field(name = "voices-for", min = 0)]
    pub voices_for: Option<i64>,
    #[field(name = "voices-against", min = 0)]
    pub voices_against: Option<i64>,
    #[field(entity = places)]
    pub place: Option<EntityId>,
    pub position: Option<Point>,
}

#[command(label = "import-report", roles = ["operator", "admin"])]
pub fn import_report(ctx: &Context, body: ImportReport) -> Result<Changes, Refusal> {
    let known = find(Report::REFERENCE, body.reference.clone())?;
    let Some(matter) = known else {
        let within = place::within(ctx, body.place, body.position)?;
        return Ok(new(code::from_seed(ctx.seed), within, body));
    };
    let (digest, state, category, code) =
        get(matter, (Report::DIGEST, core_fields::STATE, core_fields::CATEGORY, Report::CODE))?;
    let code = code.unwrap_or_default();
    if digest.as_deref() == Some(body.digest.as_str()) {
        return Ok(answered(Changes::new(), "same", matter, code));
    }
    let within = place::within(ctx, body.place, body.position)?;
    let began = if get(matter, standing::STANDING)?.is_some() { Began::UnderTheSecond } else { Began::UnderTheFirst };
    let before =
        Before { matter, began, code, state: state.unwrap_or_default(), category: category.unwrap_or_default() };
    Ok(changed(before, within, body))
}

/// The matter as it stands.
struct Before {
    matter: EntityId,
    began: Began,
    code: String,
    state: String,
    category: String,
}

fn answered(mut changes: Changes, outcome: &str, matter: EntityId, code: String) -> Changes {
    changes.answer("outcome", outcome);
    changes.answer("matter", matter);
    changes.answer("code", code);
    changes
}

fn new(code: String, within: Option<EntityId>, body: ImportReport) -> Changes {
    let mut changes = Changes::new();
    let made = New::of("matter", body.created).category(body.category.clone()).within(within).position(body.position);
    let matter = changes.create(made);
    changes.put(matter, facet(code.clone(), &body));
    // Even what was only filed elsewhere is told: its clocks run there.
    advance(&mut changes, matter, "submitted", Some(body.state.as_deref().unwrap_or("submitted")), Began::Now);
    answered(changes, "new", matter, code)
}

fn changed(before: Before, within: Option<EntityId>, body: ImportReport) -> Changes {
    let mut changes = Changes::new();
    let matter = before.matter;
    changes.put(matter, facet(before.code.clone(), &body));
    // What the source no longer says is no longer said here.
    for (gone, field) in [(body.reply.is_none(), Report::REPLY)] {
        if gone {
            changes.clear(matter, field);
        }
    }
    if body.answered.is_none() {
        changes.clear(matter, Report::ANSWERED);
    }
    if before.category != body.category {
        changes.recategorise(matter, body.category.clone());
    }
    if within.is_some() || body.position.is_some() {
        changes.move_to(matter, within, body.position);
    }
    advance(&mut changes, matter, &before.state, body.state.as_deref(), before.began);
    answered(changes, "changed", matter, before.code)
}

/// Brings the matter to the state the source tells: by one event that says so, or, for a matter that began under the first version
/// of the flow, by the events that lead there. Where no way leads there the matter stays, and says so in its history.
fn advance(changes: &mut Changes, matter: EntityId, from: &str, to: Option<&str>, began: Began) {
    let Some(to) = to else { return };
    let events: Option<Vec<String>> = match began {
        Began::Now => Some(vec![format!("told-{to}")]),
        Began::UnderTheSecond if from == to => Some(Vec::new()),
        Began::UnderTheSecond => (!flow::table::ENDS.contains(&from)).then(|| vec![format!("told-{to}")]),
        Began::UnderTheFirst => flow::walk(from, to).map(|events| events.iter().map(|e| (*e).to_owned()).collect()),
    };
    match events {
        Some(events) => {
            for event in events {
                changes.advance(matter, &event, "import");
            }
        }
        None => {
            changes.note(matter, "import", Text::key("import-state-kept").with("state", to));
        }
    }
}

/// Which version of the flow a matter began under.
#[derive(Clone, Copy, PartialEq)]
enum Began {
    Now,
    UnderTheFirst,
    UnderTheSecond,
}

fn facet(code: String, body: &ImportReport) -> Report {
    let body = body.clone();
    Report {
        code,
        source: body.source,
        reference: Some(body.reference),
        digest: Some(body.digest),
        title: body.title,
        body: body.body,
        channel: body.channel.unwrap_or_else(|| "other".into()),
        address: body.address,
        agency: body.agency,
        answered: body.answered,
        reply: body.reply,
        contact: body.contact,
        photos: None,
        handoffs: body.handoffs,
        voices_for: body.voices_for,
        voices_against: body.voices_against,
        handler: None,
        category_version: None,
        category_decided: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use changzhi_sdk::bindings::changzhi::platform::changes::Change;

    fn body(state: &str) -> ImportReport {
        ImportReport {
            source: "test".into(),
            reference: "test:1".into(),
            digest: "d".into(),
            title: "井盖".into(),
            body: Some("词".into()),
            category: "drainage".into(),
            created: Micros(5),
            state: Some(state.into()),
            channel: None,
            agency: None,
            address: None,
            reply: None,
            answered: None,
            contact: None,
            handoffs: None,
            voices_for: None,
            voices_against: None,
            place: None,
            position: None,
        }
    }

    fn before(state: &str, category: &str, began: Began) -> Before {
        Before { matter: EntityId(9), began, code: "C".into(), state: state.into(), category: category.into() }
    }

    fn events(changes: &Changes) -> Vec<String> {
        changes
            .ops()
            .iter()
            .filter_map(|op| match op {
                Change::Advance(a) => Some(a.event.clone()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_new_row_becomes_a_matter_that_stands_where_the_source_says() {
        let changes = new("C".into(), None, body("answered"));
        assert_eq!(events(&changes), ["told-answered"], "how it came there is not known here");
        let Some(Change::Create(made)) = changes.ops().first() else { panic!("nothing is created first") };
        assert_eq!((made.kind.as_str(), made.category.as_str(), made.at), ("matter", "drainage", 5));
    }

    #[test]
    fn a_changed_row_moves_the_matter_on_and_keeps_its_code() {
        let before = before("handling", "noise", Began::UnderTheFirst);
        let changes = changed(before, None, body("closed"));
        assert_eq!(events(&changes), ["answer", "close"]);
        assert!(changes.ops().iter().any(|op| matches!(op, Change::Recategorise(r) if r.category == "drainage")));
        assert!(!changes.ops().iter().any(|op| matches!(op, Change::Create(_))));
    }

    #[test]
    fn a_state_that_cannot_be_reached_is_noted_and_not_forced() {
        let before = before("withdrawn", "drainage", Began::UnderTheSecond);
        let changes = changed(before, None, body("submitted"));
        assert!(events(&changes).is_empty());
        assert!(changes.ops().iter().any(|op| matches!(op, Change::Note(_))));
    }
}
