//! 智惠服务 Services: what residents report, and what becomes of it.
//!
//! A report is a **matter** that runs through [`flow`]. The plugin keeps the words of the report sealed (they may hold names
//! and numbers) and the answer open, because an answer is given to be read. Who reported is kept apart ([`reach`]). How often
//! somebody reports is nowhere counted. docs/reports.md has the flow of data.
//! A dispute runs through a flow of its own ([`mediation`]).

mod answers;
mod category;
mod change;
mod claim;
mod code;
mod file;
mod filing_view;
mod flow;
mod grids_view;
mod import;
mod mediation;
mod nearby;
mod new_report_view;
mod note;
mod on_behalf;
mod open;
mod overview_view;
mod place;
mod rating;
mod reach;
mod report;
mod reports_view;
mod routing;
mod standing;
mod steps;
mod tasks_view;
mod template;
mod track_view;

use category::{Category, categories, retire_category, set_category};
use change::{accept, answer, assign, close, refuse, reopen, start, withdraw};
use changzhi_sdk::prelude::*;
use file::file_report;
use filing_view::filing;
use grids_view::grids;
use import::import_report;
use mediation::*;
use new_report_view::new_report;
use note::{InternalNote, PublicNote, inform, note_internally};
use on_behalf::{for_somebody, report_for};
use open::{
    Update, add_words, addition, open_changes, open_request, open_requests, open_service, open_services, open_update,
};
use overview_view::overview;
use rating::{Rating, rate, satisfaction};
use reach::Contact;
pub use report::Report;
use report::report_view;
use reports_view::reports;
use routing::{alike, decide_category};
use standing::clock_view;
use steps::{
    StepGiven, acknowledge, arbitrate, ask_extension, ask_more, contact, decide, decline, divert, grant_extension,
    merge, pause, refuse_extension, resume, rework, supplement, unmerge, verify,
};
use tasks_view::tasks;
use template::{Template, retire_template, set_template, templates};
use track_view::{own_words, track};

plugin! {
    id: "services",
    version: env!("CARGO_PKG_VERSION"),
    label: "services",
    facets: [Report, StepGiven, Category, Update, Contact, PublicNote, InternalNote, Template, Rating, Dispute, Party, RoomKept,
        Word, Statement, Terms, SigningCode, Signature, Instalment, FollowUp, Seat, Recusal, CasePart],
    kinds: [
        Kind::events("matter").label("matter").flow("matter"),
        Kind::events("service-category").label("service-category"),
        Kind::events("matter-update").label("matter-update"),
        Kind::events("report-contact").label("report-contact"),
        Kind::events("public-note").label("public-note"),
        Kind::events("internal-note").label("internal-note"),
        Kind::events("reply-template").label("reply-template"),
        Kind::events("rating").label("rating"),
        Kind::events("dispute").label("dispute").flow("dispute"),
        Kind::events("dispute-party").label("party"),
        Kind::events("caucus").label("caucus"),
        Kind::events("mediation-word").label("mediation-word"),
        Kind::events("statement").label("statement"),
        Kind::events("terms").label("terms"),
        Kind::events("signing-code").label("signing-code"),
        Kind::events("signature").label("signature"),
        Kind::events("instalment").label("instalment"),
        Kind::events("follow-up").label("follow-up"),
        Kind::events("mediator-seat").label("mediator-seat"),
        Kind::events("recusal").label("recusal"),
        Kind::events("case-part").label("case-part"),
    ],
    flows: [flow::first_matter(), flow::second_matter(), flow::matter(), dispute_flow()],
    commands: [file_report, import_report, accept, refuse, assign, start, answer, close, reopen, withdraw,
        divert, ask_more, supplement, decide, merge, unmerge, decline, arbitrate, contact, pause, resume, ask_extension,
        grant_extension, refuse_extension, verify, rework, acknowledge,
        set_category, retire_category, open_request, open_update, decide_category, report_for, inform, note_internally,
        set_template, retire_template, add_words, rate,
        register_dispute, add_party, screen, guide, merge_dispute, unmerge_dispute, withdraw_dispute, reopen_dispute,
        acknowledge_dispute, invite, invite_again, join_dispute, answer_invitation, answer_for_party, leave_mediation, end_mediation,
        ask_more_time, grant_more_time, set_seat, pick_mediator, appoint_mediator, recuse, appoint_part, end_part, ask_interpreter_in,
        ask_interpreter_out, prepare, schedule, hold, adjourn,
        open_caucus, give_word, agree_minutes, say, state, take_statement, draft_terms, offer_terms, waive_reading, redraft,
        ask_signing_code, sign, signed_on_paper, ask_court, ask_court_for, court_answers, plan_instalment, prove_instalment,
        confirm_instalment, all_performed, report_breach, remediate, enforce, follow_up, close_dispute],
    views: [tasks, reports, report_view, clock_view, overview, grids, filing, categories, open_services, open_service,
        open_requests, alike, new_report, for_somebody, templates, satisfaction, track, own_words, addition, open_changes,
        disputes, my_disputes, new_dispute, dispute_view, room_view, drafting, agreement, packet],
    grants: [
        Grant::world("lists and counts matters, finds the grid a report lies in"),
        Grant::flow("shows what may be done next to a matter"),
        Grant::people("opens the words of a report and its contact for somebody who states a purpose"),
        Grant::write("host.claim", "keeps the PIN's hash of a report and the mark of its account, by which the gate knows whose it is"),
        Grant::read("host.track", "shows where a matter stands and when it is due"),
        Grant::read("host.place", "shows the names of places"),
        Grant::read("host.file", "shows of which type and size the photos of a report are"),
        Grant::read("kind:file", "shows the photos of a report"),
        Grant::read("kind:grid", "finds the grid a report lies in, counts by grid"),
        Grant::read("kind:division", "counts by district"),
    ],
    messages: [
        "zh-CN" => concat!(include_str!("../messages/zh-CN.ftl"), "\n", include_str!("../messages/mediation.zh-CN.ftl")),
        "en" => concat!(include_str!("../messages/en.ftl"), "\n", include_str!("../messages/mediation.en.ftl")),
    ],
}

#[cfg(test)]
mod tests {
    use changzhi_sdk::messages;

    const ZH: &str = include_str!("../messages/zh-CN.ftl");
    const EN: &str = include_str!("../messages/en.ftl");

    #[test]
    fn every_word_people_see_is_said_in_both_languages() {
        messages::check(&super::manifest()).unwrap();
    }

    #[test]
    fn every_kind_of_event_of_the_deployment_has_a_name() {
        let data = include_str!("../../../data/categories/events.toml");
        let codes: Vec<&str> =
            data.lines().filter_map(|l| l.strip_prefix("code = \"")).filter_map(|l| l.strip_suffix('"')).collect();
        assert!(!codes.is_empty());
        for code in codes {
            for ftl in [ZH, EN] {
                assert!(messages::says(ftl, &format!("category-{code}")), "category-{code} has no name");
            }
        }
    }
}
