//! The queue of alarms, most urgent and oldest first, with what may be done about each. The pop-up, its sound and the clock of
//! escalation are the host's; acknowledging is not closing. Alarms are of places and matters.

use super::{Attributes, Read, other};
use crate::render::node::{self, Scope};
use crate::render::tree::Twig;
use crate::render::{Painter, action, cell, icon, plain};
use crate::shape::{Call, Other, Point, Text};
use maud::{Markup, html};

struct Alarm<'n, 't> {
    twig: &'t Twig<'n>,
    text: &'n Text,
    level: u8,
    since: i64,
    state: &'n str,
    place: Option<&'n str>,
    at: Option<Point>,
    acknowledged: bool,
    quiet: bool,
    aside: bool,
    open: Option<Call>,
}

fn alarms<'n, 't>(a: Attributes<'n>, twig: &'t Twig<'n>) -> Read<Vec<Alarm<'n, 't>>> {
    let mut out = Vec::with_capacity(twig.under.len());
    for child in &twig.under {
        let o = other(child, "alarm").ok_or_else(|| a.wrong(child.key(), "is not an alarm"))?;
        let of = Attributes(o);
        out.push(Alarm {
            twig: child,
            text: &o.fallback,
            level: of.level("level")?.ok_or_else(|| of.wrong("level", "is missing"))?,
            since: of.time("since")?.ok_or_else(|| of.wrong("since", "is missing"))?,
            state: of.text("state")?.unwrap_or(""),
            place: of.text("place")?,
            at: of.point("at")?,
            acknowledged: of.flag("acknowledged")?,
            quiet: of.flag("quiet")?,
            aside: of.flag("aside")?,
            open: of.call("open")?,
        });
    }
    out.sort_by_key(|a| (a.acknowledged, a.level, a.since));
    Ok(out)
}

/// What the buttons of an alarm do, by attribute and message.
const DEEDS: [(&str, &str, &str); 3] = [
    ("acknowledge", "view-acknowledge", "primary"),
    ("dispatch", "view-dispatch", "plain"),
    ("close", "view-close", "plain"),
];

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, _: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let alarms = alarms(a, twig)?;
    let param = a.text("alarm-param")?.unwrap_or("alarm");
    let mut deeds = Vec::new();
    for (name, label, class) in DEEDS {
        if let Some(call) = a.call(name)? {
            deeds.push((name, call, p.say(label), class));
        }
    }
    let waiting = alarms.iter().filter(|a| !a.acknowledged).count();
    Ok(html! {
        div.alarms id=(twig.html_id()) {
            @if alarms.is_empty() { p.empty { (icon::none()) (p.say("view-no-alarms")) } }
            @else { p.muted { (p.say_number("view-alarms-waiting", waiting)) } }
            ol { @for alarm in &alarms {
                li.(icon::level_class(alarm.level)).waiting[!alarm.acknowledged].quiet[alarm.quiet].aside[alarm.aside] id=(alarm.twig.html_id()) {
                    div {
                        p.title {
                            (icon::level(p, alarm.level)) " "
                            (action::link(p, alarm.open.as_ref(), &html! { (p.text(alarm.text)) }))
                        }
                        p.muted {
                            (cell::moment(p, alarm.since))
                            " · " (p.say_about("view-since", &plain::duration(p, p.now.0.saturating_sub(alarm.since).max(0) / 1_000_000)))
                            @if let Some(place) = alarm.place { " · " (place) }
                            @if let Some(at) = &alarm.at { " · " (plain::degrees(at)) }
                            @if !alarm.state.is_empty() { " " span.status { (p.name(alarm.state)) } }
                        }
                        (node::lines(p, &alarm.twig.under))
                    }
                    div.actions {
                        @for (name, call, label, class) in &deeds { @if *name != "acknowledge" || !alarm.acknowledged {
                            form.inline method="post" action=(p.command_address(call)) {
                                (p.hidden(call))
                                input type="hidden" name=(param) value=(alarm.twig.key());
                                button class=(class) aria-label={(label) ": " (p.text(alarm.text))} { (label) }
                            }
                        } }
                        (node::actions_bare(p, &alarm.twig.under))
                    }
                }
            } }
        }
    })
}
