//! 实战指挥 Command: alarms of places, and who took them by name; who is sent ([`dispatch`](mod@dispatch)); what was learned of them
//! ([`after`]); public alerts ([`alert`]); plans of places ([`plan`]);
//! major events ([`major`]).

mod after;
mod alarm;
mod alert;
mod camera;
mod dispatch;
mod major;
mod plan;

use after::*;
use alarm::*;
use alert::*;
use camera::*;
use changzhi_sdk::prelude::*;
use dispatch::*;
use major::*;
use plan::*;

plugin! {
    id: "command",
    version: env!("CARGO_PKG_VERSION"),
    label: "command",
    facets: [alarm::Alarm, Alert, AlertArea, Sender, CommandSeat, Enrolment, RunCard, Button, Drill, Lesson, Responder, Task, DispatchCard, Handover, Joined, BreakGlass, Major, Hazard,
        Post, Shift, Duty, Watch, Incident, FloorPlan],
    kinds: [
        Kind::events("alarm").label("alarm").flow("alarm"),
        Kind::events("command-seat").label("seat"),
        Kind::events("enrolment").label("enrolment"),
        Kind::events("run-card").label("run-card"),
        Kind::events("button").label("button"),
        Kind::events("drill").label("drill"),
        Kind::events("lesson").label("lesson").flow("lesson"),
        Kind::events("responder").label("responder"),
        Kind::events("task").label("task").flow("task"),
        Kind::events("dispatch-card").label("dispatch-card"),
        Kind::events("handover").label("handover").flow("handover"),
        Kind::events("break-glass").label("break-glass").flow("break-glass"),
        Kind::events("major").label("major").flow("major"),
        Kind::events("major-hazard").label("major-hazard"),
        Kind::events("major-post").label("major-post"),
        Kind::events("major-shift").label("major-shift"),
        Kind::events("major-duty").label("major-duty"),
        Kind::events("major-watch").label("major-watch").flow("major-watch"),
        Kind::events("major-incident").label("major-incident"),
        Kind::events("floor-plan").label("floor-plan"),
        Kind::events("alert").label("alert").flow("alert"),
        Kind::events("alert-area").label("alert-area"),
        Kind::events("alert-sender").label("alert-sender"),
    ],
    flows: [first_alarm(), alarm::alarm(), lesson_flow(), alert_flow(), task_flow(), handover_flow(), opening_flow(), major_flow(),
        major_watch_flow()],
    commands: [ring, take_back, acknowledge, judge, clear, alarm::dispatch, attend, control, escalate, transfer, confirm_safe, stand_down,
        review, close_alarm, sit, enrol, leave_place, set_card, check_roster, enrol_button, revoke_button, press_button, button_alive, line_down, start_drill,
        add_lesson, finish_lesson, drop_lesson,
        set_alert_sender, write_alert, submit_alert, withdraw_alert, discard_alert, return_alert, publish_alert, update_alert,
        cancel_alert, expire_alert, receive_alert,
        register_responder, end_responder, sign_on, sign_off, set_dispatch_card, send_responders, accept_task, decline_task, set_out, arrive,
        check_in, finish_task, hand_back, recall_task, see_task, tell_position, hand_over, keep_receipt, withdraw_handover, join_alarms,
        part_alarms, open_cameras, shut_cameras, review_opening,
        write_major, add_major_post, add_major_shift, add_major_hazard, drop_major_row, assign_duties, end_duty, submit_major,
        withdraw_major, return_major, approve_major, cancel_major, revise_major, brief_major, confirm_briefing, begin_major,
        check_in_post, see_post, open_incident, link_incident, stand_down_major, review_major,
        set_plan, end_plan],
    react: tell,
    views: [tasks, board, alarm_view, ringing, sos, pressed, enrolments, buttons_view, drill_view, after_action, lessons, lesson_page, alerts, alert_page, alert_desk, new_alert, open_alerts, open_alert,
        proposal, my_task, task_view, dispatch_wall, where_now, responders, dispatch_cards, cameras, openings, opening_page,
        majors, major_page, major_post, my_duty, major_board, major_review, plans, floor_plan],
    grants: [
        Grant::world("lists open alarms, plans of major events and who is assigned there"),
        Grant::flow("shows what may be done next to an alarm"),
        Grant::read("host.place", "shows the names of places"),
        Grant::read("host.extent", "draws where an alert holds, finds what its shapes touch"),
        Grant::read("host.succession", "reads a code of an alert as it was meant when the alert was sent"),
        Grant::read("host.boundary", "finds what an alert touched by the boundaries of its day"),
        Grant::read("kind:succession", "reads a code of an alert as it was meant when the alert was sent"),
        Grant::read("kind:boundary", "finds what an alert touched by the boundaries of its day"),
        Grant::read("kind:division", "goes from a place up to the divisions whose seats it rings"),
        Grant::read("kind:grid", "goes from a place up to the divisions whose seats it rings"),
        Grant::read("kind:compound", "goes from a place up to the divisions whose seats it rings"),
        Grant::read("kind:building", "goes from a place up to the divisions whose seats it rings"),
        Grant::read("kind:facility", "goes from a place up to the divisions whose seats it rings"),
        Grant::read("kind:camera", "shows the cameras near an alarm to whoever opened them for it"),
        Grant::read("host.track", "shows by when the next step of an alarm or a major event is due, and which post was not checked in"),
        Grant::read("host.account", "names whoever took an alarm by what they sign in with, finds staff that are enrolled or assigned to a post, and sees that an account was closed"),
        Grant::people("opens where somebody on a task is, for somebody who states a purpose"),
        Grant::write("host.claim", "keeps the hash of a button's secret, by which the gate knows the button"),
        Grant::read("kind:file", "shows the picture of a floor to whoever may open its plan"),
        Grant::read("host.file", "takes in pictures as plans of floors, and nothing else"),
        Grant::read("kind:duty", "rings whoever is on duty and nobody else"),
        Grant::read("office.duty", "rings whoever is on duty and nobody else"),
    ],
    messages: [
        "zh-CN" => concat!(include_str!("../messages/zh-CN.ftl"), "\n", include_str!("../messages/alarm.zh-CN.ftl"), "\n", include_str!("../messages/after.zh-CN.ftl"), "\n", include_str!("../messages/alert.zh-CN.ftl"), "\n", include_str!("../messages/dispatch.zh-CN.ftl"), "\n", include_str!("../messages/major.zh-CN.ftl"), "\n", include_str!("../messages/camera.zh-CN.ftl"), "\n", include_str!("../messages/plan.zh-CN.ftl")),
        "en" => concat!(include_str!("../messages/en.ftl"), "\n", include_str!("../messages/alarm.en.ftl"), "\n", include_str!("../messages/after.en.ftl"), "\n", include_str!("../messages/alert.en.ftl"), "\n", include_str!("../messages/dispatch.en.ftl"), "\n", include_str!("../messages/major.en.ftl"), "\n", include_str!("../messages/camera.en.ftl"), "\n", include_str!("../messages/plan.en.ftl")),
    ],
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_word_people_see_is_said_in_both_languages() {
        changzhi_sdk::messages::check(&super::manifest()).unwrap();
    }
}
