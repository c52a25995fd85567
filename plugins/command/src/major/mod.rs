//! Major events: a plan that another approves, posts by shifts by people, a briefing, live checks, incidents, the end and the review.
//! docs/major-events.md has the flow of data.
//!
//! ```text
//! [`write`] a draft, its posts and shifts ──► [`assign`] accounts ──► [`checks`] what is missing, in words: a pure function
//!                                                                          │ [`steps`] submitted; approved by another person, or sent back
//!                                                                          ▼
//!               next version ◄── [`steps`] revise ── a version that holds ──► [`brief`] told to all, read by each
//!                                                                          │ [`live`] begun by who commands: one watch a post and shift
//!                                                                          ▼
//!     [`ring`] a check-in that did not come ◄── clocks of data/flows/major-watch.toml ── [`live`] checked in by whoever stands there
//!                                                                          │ [`incident`] an alarm like every other, tied to the event
//!                                                                          ▼
//!                                                              [`over`] stood down ──► [`review_view`] from the journal ──► lessons
//! ```
//!
//! Invariants: no version is approved by a hand that wrote at it; what is approved never changes; nobody is assigned to two places at once;
//! people open, stand down and review, never a clock; a watch is of a post and holds no person; nothing here names anybody but accounts.

mod assign;
mod board_view;
mod brief;
mod checks;
mod facet;
mod flow;
mod form;
mod hands;
mod incident;
mod list_view;
mod live;
mod matrix;
mod my_view;
mod over;
mod plan;
mod plan_view;
mod review_view;
mod ring;
mod steps;
mod write;

pub(crate) use assign::{assign_duties, end_duty};
pub(crate) use board_view::major_board;
pub(crate) use brief::{brief_major, confirm_briefing};
pub use facet::{Duty, Hazard, Incident, Major, Post, Shift, Watch};
pub(crate) use flow::{major_flow, major_watch_flow};
pub(crate) use incident::{link_incident, open_incident};
pub(crate) use list_view::majors;
pub(crate) use live::{begin_major, check_in_post, see_post};
pub(crate) use matrix::major_post;
pub(crate) use my_view::my_duty;
pub(crate) use over::{review_major, stand_down_major};
pub(crate) use plan_view::major_page;
pub(crate) use review_view::major_review;
pub(crate) use ring::rings;
pub(crate) use steps::{approve_major, cancel_major, return_major, revise_major, submit_major, withdraw_major};
pub(crate) use write::{add_major_hazard, add_major_post, add_major_shift, drop_major_row, write_major};

#[cfg(test)]
mod charter_tests {
    //! A post holds a place and a duty. The only persons in the module are accounts, and the list of where is closed.

    use changzhi_sdk::export::{Family, FieldDecl, FieldType, Sensitivity};

    /// Facet and field of every person, each of which is set from whoever acts or from a sign-in and from nothing else.
    const ACCOUNTS: [&str; 7] = [
        "command.major.author",
        "command.major.approver",
        "command.major.commander",
        "command.major.deputy",
        "command.major-duty.who",
        "command.major-incident.by",
        "command.major-watch.seen_by",
    ];

    fn persons(field: &FieldDecl) -> bool {
        matches!(&field.kind, FieldType::Entity(family) if family == "people" || family.is_empty())
    }

    #[test]
    fn no_facet_refers_to_a_person_but_to_accounts_and_none_keeps_a_position_or_anything_sealed() {
        let manifest = crate::manifest();
        let ours = manifest.facets.iter().filter(|f| f.name.starts_with("command.major"));
        let (mut found, mut facets) = (Vec::new(), 0);
        for facet in ours {
            facets += 1;
            assert!(matches!(facet.on, Family::Events), "{} is on people or places", facet.name);
            for field in &facet.fields {
                let name = format!("{}.{}", facet.name, field.name);
                assert!(!matches!(field.kind, FieldType::Point), "{name} is a position");
                let open = !matches!(field.sensitivity, Sensitivity::Personal | Sensitivity::Secret);
                assert!(open, "{name} is sealed: there is nobody here whose words would be");
                if persons(field) {
                    found.push(name);
                }
            }
        }
        found.sort_unstable();
        let mut known = ACCOUNTS.map(str::to_owned);
        known.sort_unstable();
        assert_eq!((facets, found), (7, known.to_vec()));
    }

    #[test]
    fn no_command_takes_a_person_by_anything_but_a_sign_in() {
        let manifest = crate::manifest();
        let ours = manifest.commands.iter().filter(|c| {
            ["major", "duty", "duties", "post", "briefing", "incident"].iter().any(|word| c.name.contains(word))
        });
        for command in ours {
            assert!(!command.fields.iter().any(persons), "{}", command.name);
            assert!(command.fields.iter().all(|f| !matches!(f.kind, FieldType::Point)), "{}", command.name);
        }
    }
}
