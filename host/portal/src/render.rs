//! From a plugin's nodes to markup. This is the only place that writes markup for plugins, and maud escapes every text.

mod cell;
mod control;
mod input;
mod links;
mod node;

pub(crate) use cell::{TIME, time};
pub(crate) use control::control;
pub(crate) use links::fresh_key;

use crate::shape::{Page, Text};
use crate::words::Voice;
use fluent_bundle::{FluentArgs, FluentValue};
use jiff::tz::TimeZone;
use maud::Markup;

/// What is needed to paint one page.
pub(crate) struct Painter<'a> {
    pub(crate) plugin: &'a str,
    pub(crate) voice: &'a Voice<'a>,
    pub(crate) zone: &'a TimeZone,
    pub(crate) csrf: String,
    /// Where a form leads back to.
    pub(crate) back: String,
    /// The purpose this page was opened for; links and forms carry it on.
    pub(crate) purpose: &'a str,
}

impl Painter<'_> {
    pub(crate) fn page(&self, page: &Page) -> Markup {
        node::all(self, &page.nodes)
    }

    pub(crate) fn text(&self, text: &Text) -> String {
        match text {
            Text::Plain(s) => s.clone(),
            Text::Msg(m) => {
                let args: FluentArgs<'_> = m.args.iter().map(|n| (n.name.clone(), self.argument(&n.value))).collect();
                self.voice.with(&m.key, &args)
            }
        }
    }

    fn argument(&self, value: &crate::shape::Value) -> FluentValue<'static> {
        use crate::shape::Value;
        match value {
            Value::None => FluentValue::from(""),
            Value::Flag(b) => FluentValue::from(self.voice.say(if *b { "core-yes" } else { "core-no" })),
            Value::Int(i) => FluentValue::from(*i),
            Value::Num(f) => FluentValue::from(*f),
            Value::Text(s) => FluentValue::from(s.clone()),
            Value::Time(t) => FluentValue::from(cell::time(*t, self.zone, cell::TIME)),
            Value::Entity(e) => FluentValue::from(e.to_string()),
            Value::Point(p) => FluentValue::from(format!("{:.5}, {:.5}", p.lon, p.lat)),
        }
    }
}
