//! What the reader of a dispute may do next.

use super::case::Case;
use super::mediator::proposed;
use super::page_view::Reader;
use super::{
    add_party, answer_invitation, ask_more_time, court_answers, give_word, guide, merge_dispute, open_caucus,
    plan_instalment, schedule,
};
use changzhi_sdk::clocks;
use changzhi_sdk::prelude::*;

/// One button: a command about this dispute.
pub(super) fn button(command: &'static str, case: &Case) -> Action {
    Action::command(command, command).with("dispute", case.id)
}

/// What the reader may do next.
pub(super) fn deeds(ctx: &Context, case: &Case, reader: &Reader) -> Result<Section, Refusal> {
    let id = case.id;
    let mut section = Section::new("next-step").empty("nothing-to-do");
    let state_is = |all: &[&str]| all.contains(&case.state.as_str());
    if reader.desk {
        match case.state.as_str() {
            "registered" => {
                section = section
                    .add(button("screen", case))
                    .add(Form::of::<guide>().with("dispute", id))
                    .add(Form::of::<merge_dispute>().with("dispute", id));
            }
            "merged" => section = section.add(button("unmerge-dispute", case)),
            "confirming" => section = section.add(Form::of::<court_answers>().with("dispute", id)),
            "performed" => section = section.add(button("close-dispute", case)),
            "closed" | "guided" | "not-agreed" | "failed" | "enforcing" => {
                section = section.add(button("reopen-dispute", case).asks_reason());
            }
            _ => {}
        }
    }
    if reader.desk || (reader.staff && ctx.actor.has_role("mediator")) {
        if state_is(&["screened"]) {
            section = section.add(button("invite", case));
        }
        if state_is(&["consent"]) {
            section = section.add(button("invite-again", case));
        }
        if state_is(&["registered", "screened", "consent"]) {
            section = section.add(Form::of::<add_party>().with("dispute", id));
        }
    }
    if reader.decides {
        section = party_deeds(ctx, case, section)?;
    }
    if state_is(&["accepted"]) && (reader.desk || reader.decides) {
        section = section.add(choices(case, reader)?);
    }
    if reader.mediating {
        section = mediator_deeds(case, section);
    }
    Ok(section)
}

fn party_deeds(ctx: &Context, case: &Case, mut section: Section) -> Result<Section, Refusal> {
    let id = case.id;
    let own = case.deciding(ctx)?;
    match case.state.as_str() {
        "consent" if own.consent == "asked" => {
            section = section
                .add(Notice::new(Tone::Info, "consent-is-free"))
                .add(Form::of::<answer_invitation>().with("dispute", id));
        }
        "agreed" if !own.asks_court => section = section.add(button("ask-court", case).confirm("ask-court-means")),
        "breached" => section = section.add(button("enforce", case).style(Style::Danger).confirm("enforce-means")),
        _ => {}
    }
    let leaving =
        ["accepted", "mediator-set", "preparing", "scheduled", "in-session", "drafting", "reading", "signing"];
    if leaving.contains(&case.state.as_str()) {
        let asked = clocks(id)?.iter().any(|c| c.name == "mediation");
        if asked && next_is(case, "grant-extension")? {
            section = section.add(button("grant-more-time", case));
        }
        section = section
            .add(button("leave-mediation", case).style(Style::Danger).confirm("leaving-means"))
            .add(Action::open("open-packet", "packet").with("dispute", id));
    }
    if ["registered", "screened"].contains(&case.state.as_str()) && own.side == "a" {
        section = section.add(button("withdraw-dispute", case).style(Style::Danger).confirm("withdrawing-means"));
    }
    Ok(section)
}

fn next_is(case: &Case, event: &str) -> Result<bool, Refusal> {
    Ok(allowed(case.id)?.iter().any(|n| n.event == event))
}

fn mediator_deeds(case: &Case, mut section: Section) -> Section {
    let id = case.id;
    let plain = |event: &'static str| button(event, case);
    match case.state.as_str() {
        "mediator-set" => section = section.add(plain("prepare")),
        "preparing" => {
            section = section
                .add(Form::of::<schedule>().with("dispute", id))
                .add(Action::open("open-drafting", "drafting").with("dispute", id));
        }
        "scheduled" => section = section.add(plain("hold")).add(Form::of::<schedule>().with("dispute", id)),
        "in-session" => {
            section = section
                .add(Form::of::<give_word>().with("dispute", id))
                .add(Form::of::<open_caucus>().with("dispute", id))
                .add(Action::open("open-drafting", "drafting").with("dispute", id))
                .add(plain("adjourn").asks_reason());
        }
        "drafting" => {
            section = section
                .add(Action::open("open-drafting", "drafting").with("dispute", id))
                .add(Form::of::<plan_instalment>().with("dispute", id));
            if case.terms.is_some() {
                section = section.add(plain("offer-terms"));
            }
        }
        "reading" | "signing" => section = section.add(plain("redraft").asks_reason()),
        "agreed" | "confirmed" => {
            section = section.add(Form::of::<plan_instalment>().with("dispute", id)).add(plain("all-performed"));
        }
        "breached" => section = section.add(plain("remediate")),
        _ => {}
    }
    if ["preparing", "in-session"].contains(&case.state.as_str()) {
        section = section.add(Form::of::<ask_more_time>().with("dispute", id));
    }
    if ["mediator-set", "preparing", "scheduled"].contains(&case.state.as_str()) {
        section = section.add(plain("recuse").asks_reason());
    }
    if ["accepted", "mediator-set", "preparing", "scheduled", "in-session", "drafting"].contains(&case.state.as_str()) {
        section = section.add(plain("end-mediation").style(Style::Danger).asks_reason());
    }
    section
}

/// Three mediators with what is known of each; a party picks, the desk appoints.
fn choices(case: &Case, reader: &Reader) -> Result<Section, Refusal> {
    let command = if reader.decides { "pick-mediator" } else { "appoint-mediator" };
    let mut section = Section::new("mediators-proposed").help("mediators-proposed-help").empty("no-mediator-there");
    for seat in proposed(case)? {
        let detail = Detail::new()
            .line("role-mediator", seat.shown)
            .line("organisation", seat.organisation)
            .line("under-way", i64::try_from(seat.under_way).unwrap_or(i64::MAX));
        section = section.add(detail).add(button(command, case).with("seat", seat.id));
    }
    Ok(section)
}
