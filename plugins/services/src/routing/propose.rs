//! The proposal on the page of a report that waits at the desk.

use super::Taught;
use super::decide::decide_category;
use crate::category::Known;
use crate::report::Report;
use changzhi_routing::{Profile, Proposal, Reason};
use changzhi_sdk::prelude::*;

/// Category and lead unit, with reasons; nothing when the matter's category was decided already.
pub(crate) fn section(taught: &Taught, matter: EntityId, title: &str, now: &str) -> Result<Section, Refusal> {
    let profile = Profile::of(title, "");
    let proposal = Proposal::of(&taught.model, &taught.rules, &profile, taught.threshold);
    let mut section = Section::new("proposal").help("proposal-help");
    section = match proposal.top.first().and_then(|c| taught.category(c.class)).filter(|_| proposal.sure) {
        Some(known) => section.add(Notice::new(
            Tone::Info,
            Text::key("proposed").with("name", known.zh.as_str()).with("name-en", known.en.as_str()),
        )),
        None => section.add(Notice::new(Tone::Warning, "no-proposal")),
    };
    let mut table = Table::new()
        .key("proposals")
        .col("category", "category")
        .col("reasons", "reasons")
        .col("lead", "lead")
        .col("lead-reason", "lead-reason");
    for choice in &proposal.top {
        let Some(known) = taught.category(choice.class) else { continue };
        let (lead, why) = lead(known)?;
        let cells = [
            Cell::text(named(known)),
            Cell::tags(choice.reasons.iter().map(said)),
            lead.into(),
            why.map_or(Cell::none(), Cell::text),
        ];
        table = table.plain_row(&known.code, cells);
    }
    section = section.add(table);
    for choice in &proposal.top {
        if let Some(action) = taught.category(choice.class).map(|k| decide(k, matter, now)) {
            section = section.add(action);
        }
    }
    let mut other = Input::new("category", "code", "category").required();
    for known in &taught.categories {
        other = other.option(known.code.as_str(), named(known));
    }
    let form = Form::new("decide-category", "decide-other").with("matter", matter).input(other);
    Ok(section.add(fold([form.into()])))
}

/// A name in both languages, as data: it was written by people, not by us.
fn named(known: &Known) -> Text {
    Text::plain(format!("{} · {}", known.zh, known.en))
}

fn said(reason: &Reason) -> String {
    match reason {
        Reason::Rule(word) => format!("✓ {word}"),
        Reason::Words(words, weight) => format!("{words} +{weight:.1}"),
    }
}

fn decide(known: &Known, matter: EntityId, now: &str) -> Action {
    let label = if known.code == now { "confirm-category" } else { "correct-category" };
    let label = Text::key(label).with("name", known.zh.as_str()).with("name-en", known.en.as_str());
    let style = if known.code == now { Style::Primary } else { Style::Plain };
    Action::command(label, <decide_category as changzhi_sdk::export::Command>::NAME)
        .style(style)
        .with("matter", matter)
        .with("category", known.code.as_str())
}

/// Who leads: by the category's own word, else whoever had most of its closed matters; with the reason.
fn lead(known: &Known) -> Result<(Option<String>, Option<Text>), Refusal> {
    let closed = Tally::kind("matter")
        .by(Report::AGENCY)
        .filter(core_fields::CATEGORY.is(known.code.as_str()))
        .filter(core_fields::STATE.is("closed"))
        .run()?;
    let total = closed.total();
    let most = closed
        .rows()
        .filter(|r| !r.key(0).is_empty())
        .max_by(|a, b| a.count.cmp(&b.count).then(b.key(0).cmp(a.key(0))));
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    match (&known.lead, most) {
        (Some(lead), most) => {
            let of = most.filter(|m| m.key(0) == lead).map_or(0, |m| m.count);
            let why = if of > 0 {
                Text::key("lead-by-both").with("count", count(of)).with("total", count(total))
            } else {
                Text::key("lead-by-category")
            };
            Ok((Some(lead.clone()), Some(why)))
        }
        (None, Some(most)) => {
            let why = Text::key("lead-by-closed").with("count", count(most.count)).with("total", count(total));
            Ok((Some(most.key(0).to_owned()), Some(why)))
        }
        (None, None) => Ok((None, None)),
    }
}
