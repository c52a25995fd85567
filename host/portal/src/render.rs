//! From a plugin's nodes to markup. This is the only place that writes markup for plugins, and maud escapes every text.
//!
//! Flow: the flat pre-order list becomes a [`tree`] in one pass, in which what is beyond the limits of a page is marked;
//! [`node`] paints each branch of it; nodes that travel as `other` are read into typed parts first ([`part`]), and one that does
//! not read is shown as its fallback. Whatever is wrong with one part costs that part: a page always comes out.
//!
//! Nothing here writes `style`, `on…`, a script or an address that is not our own, so the policy of the page ([`crate::layer`])
//! needs no exception. Price: two walks over the nodes, one for the tree and one for the markup.

mod action;
mod cell;
mod chart;
mod compare;
mod control;
mod form;
mod frame;
mod icon;
mod input;
mod layered;
mod links;
mod node;
mod paper;
mod part;
mod plain;
mod prose;
mod story;
mod table;
mod tree;
mod upload;

pub(crate) use cell::{TIME, time};
pub(crate) use compare::{Difference, differences};
pub(crate) use control::control;
pub(crate) use layered::geojson;
pub(crate) use links::{address, fresh_key};
pub(crate) use paper::of as paper;
pub(crate) use part::{APPOINTMENT, ROOM};
pub(crate) use plain::Plain;
pub(crate) use table::{ROWS_MAX, find as find_table};

use crate::edge::BaseMap;
use crate::shape::{Page, Text};
use crate::words::Voice;
use changzhi_model::{Micros, Name, Seq};
use fluent_bundle::{FluentArgs, FluentValue};
use hashbrown::HashMap;
use jiff::tz::TimeZone;
use maud::Markup;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// Words kept for one page.
const WORDS_MAX: usize = 512;

/// The address a page is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Here {
    /// `/p/PLUGIN/VIEW`.
    pub(crate) path: String,
    /// What follows the question mark, receipts left out.
    pub(crate) pairs: Vec<(String, String)>,
    /// Parameters the view declares: a table sorts and filters by those only.
    pub(crate) params: Vec<Name>,
    pub(crate) door: Door,
}

/// By which way whoever looks came in: what the page opens and does goes by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Door {
    /// Signed in.
    #[default]
    Account,
    /// With the PIN of a matter: `/track`, about this one matter.
    Matter,
    /// With nothing, to file something: `/report`, this page and no other.
    Filing,
}

/// What is needed to paint one page.
pub(crate) struct Painter<'a> {
    pub(crate) plugin: &'a str,
    pub(crate) voice: &'a Voice<'a>,
    pub(crate) zone: &'a TimeZone,
    pub(crate) csrf: String,
    pub(crate) here: Here,
    /// The purpose this page was opened for; links and forms carry it on.
    pub(crate) purpose: &'a str,
    /// The revision the page shows: its commands say it, so that a newer state is noticed.
    pub(crate) rev: Seq,
    pub(crate) now: Micros,
    /// Under the layers of interactive maps.
    pub(crate) base_map: Option<&'a BaseMap>,
    /// What was said already: a table says the same few words in every row.
    pub(crate) said: Mutex<HashMap<String, String>>,
    /// Parts that did not read or went beyond a limit.
    pub(crate) wrong: AtomicU32,
}

impl Painter<'_> {
    pub(crate) fn page(&self, page: &Page) -> Markup {
        node::all(self, &page.nodes)
    }

    /// How many parts could not be shown as sent.
    pub(crate) fn wrongs(&self) -> u32 {
        self.wrong.load(Ordering::Relaxed)
    }

    fn count_wrong(&self) {
        self.wrong.fetch_add(1, Ordering::Relaxed);
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

    /// A message of the host's own.
    fn say(&self, key: &str) -> String {
        self.once(key, |key| self.voice.say(key))
    }

    /// A code, a state, a tag: its message, or as it is.
    fn name(&self, key: &str) -> String {
        self.once(key, |key| self.voice.name(key))
    }

    fn once(&self, key: &str, make: impl FnOnce(&str) -> String) -> String {
        self.said(key, make, str::to_owned)
    }

    /// What a key says, made once a page, handed to `then` without a copy. `then` must not ask for words itself.
    fn said<T>(&self, key: &str, make: impl FnOnce(&str) -> String, then: impl FnOnce(&str) -> T) -> T {
        let mut said = self.said.lock();
        if let Some(words) = said.get(key) {
            return then(words);
        }
        let words = make(key);
        let done = then(&words);
        if said.len() < WORDS_MAX {
            said.insert(key.to_owned(), words);
        }
        done
    }

    /// A message of the host's own with one number in it.
    fn say_number(&self, key: &str, n: impl TryInto<i64>) -> String {
        let n = n.try_into().unwrap_or(i64::MAX);
        self.voice.with(key, &[("n", FluentValue::from(n))].into_iter().collect())
    }

    /// A message of the host's own with one text in it. The message is formatted once a page, around a mark no text holds.
    fn say_about(&self, key: &str, what: &str) -> String {
        const MARK: &str = "\u{1}";
        let around = |key: &str| self.voice.with(key, &[("what", FluentValue::from(MARK))].into_iter().collect());
        self.said(key, around, |words| words.replacen(MARK, what, 1))
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
