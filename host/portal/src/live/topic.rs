//! One page as one audience sees it: its live sections as last rendered, and who waits for them.

use super::address::Since;
use super::audience::Audience;
use super::inbox::{Inbox, Letter};
use super::sections::{self, Cut, Urgent};
use super::{LiveOptions, message};
use crate::api::form;
use crate::render::{Door, Here};
use crate::shape::Page;
use crate::town::Watched;
use bytes::{Bytes, BytesMut};
use changzhi_gate::Look;
use changzhi_model::{EntityId, Manifest, Seq};
use hashbrown::{HashMap, HashSet};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Accounts remembered as belonging to an audience; others are looked at again each time they come.
const ACCOUNTS: usize = 65_536;
/// What saying something costs for each who hears it (measured by `cargo xtask bench alarm`): a topic with many readers is not rendered
/// again before the last of them can have heard, or what is said would only wait.
const HEARD: Duration = Duration::from_micros(20);
/// After a rendering that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What a topic is known by.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Key {
    pub(super) address: String,
    pub(super) audience: Audience,
}

impl Key {
    /// The address as links on the page carry it on.
    pub(super) fn here(&self, look: &Look, manifests: &[Arc<Manifest>]) -> Here {
        let (path, query) = self.address.split_once('?').unwrap_or((&self.address, ""));
        let passing = |n: &str| matches!(n, "_done" | "_export" | "_table");
        let mut pairs = form(query.as_bytes()).unwrap_or_default();
        pairs.retain(|(n, _)| !passing(n));
        let decl = manifests.iter().find(|m| m.id == look.plugin).and_then(|m| m.view(&look.view));
        let params = decl.map(|v| v.params.iter().map(|p| p.name.clone()).collect()).unwrap_or_default();
        Here { path: path.to_owned(), pairs, params, door: Door::Account }
    }
}

/// Numbers that order everything that is said, over all topics; the host's start is part of each.
///
/// Held while something is said, so that nobody hears a higher number before a lower one.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) boot: String,
    last: Mutex<u64>,
}

impl Numbers {
    pub(super) fn new() -> Numbers {
        Numbers { boot: format!("{:08x}", rand::random::<u32>()), last: Mutex::new(0) }
    }

    /// The number in a `Last-Event-ID` of this start of the host.
    pub(super) fn of(&self, id: &str) -> Option<u64> {
        id.strip_prefix(self.boot.as_str())?.strip_prefix('-')?.parse().ok()
    }
}

/// A live section as it was last rendered.
struct Latest {
    slot: u64,
    rev: Seq,
    content: Option<String>,
    /// As it is to be said; `None` once it was, in `letter`.
    html: Option<String>,
    letter: Letter,
    said: Instant,
}

struct Member {
    inbox: Arc<Inbox>,
    /// What its page showed when it came.
    shown: Seq,
}

type Members = HashMap<u64, Member>;

#[derive(Default)]
struct State {
    members: Members,
    accounts: HashSet<EntityId>,
    sections: HashMap<String, Latest>,
    urgent: HashSet<String>,
    watched: Option<Arc<dyn Watched>>,
    /// Nothing on the page is live: it need not be rendered again.
    still: bool,
    levels: bool,
    ticks: bool,
    rendered: Option<Instant>,
    rendering: bool,
    failed: bool,
}

pub(super) struct Topic {
    pub(super) key: Key,
    pub(super) look: Look,
    state: Mutex<State>,
}

/// What a rendering brought.
pub(super) struct Rendered {
    pub(super) page: Page,
    pub(super) markup: String,
    pub(super) rev: Seq,
    pub(super) watched: Arc<dyn Watched>,
    /// Titles of the live sections, for alarms.
    pub(super) titles: Vec<String>,
}

impl Topic {
    pub(super) fn new(key: Key, look: Look) -> Topic {
        Topic { key, look, state: Mutex::new(State::default()) }
    }

    /// Puts a reader on the list, with every section it does not show yet.
    pub(super) fn join(&self, who: EntityId, id: u64, inbox: &Arc<Inbox>, since: &Since, numbers: &Numbers) {
        let mut state = self.state.lock();
        if state.accounts.len() < ACCOUNTS {
            state.accounts.insert(who);
        }
        for latest in state.sections.values() {
            let new = match since {
                Since::Page(rev) => latest.rev > *rev,
                // Of another start of the host: nothing is known.
                Since::Event(id) => numbers.of(id).is_none_or(|heard| latest.letter.number > heard),
            };
            // What was never said yet is said to all when its time comes.
            if new && latest.letter.number > 0 {
                inbox.put(&latest.letter, || message::resync(None));
            }
        }
        let shown = if let Since::Page(rev) = since { *rev } else { Seq::ZERO };
        state.members.insert(id, Member { inbox: Arc::clone(inbox), shown });
    }

    /// This account was found to see here what everybody sees.
    pub(super) fn is_for(&self, account: EntityId) -> bool {
        self.state.lock().accounts.contains(&account)
    }

    /// True when nobody is left.
    pub(super) fn leave(&self, id: u64) -> bool {
        let mut state = self.state.lock();
        state.members.remove(&id);
        state.members.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state.lock().members.is_empty()
    }

    /// Says what waited long enough, and tells whether to render now; if so, the topic counts as being rendered.
    pub(super) fn tick(&self, now: Instant, numbers: &Numbers, options: &LiveOptions) -> bool {
        let mut state = self.state.lock();
        let State { members, sections, .. } = &mut *state;
        let moment = Moment { numbers, pace: options.pace, first: false, now };
        for (id, latest) in sections {
            latest.say(&self.key.address, id, members, &moment);
        }
        if state.rendering || (state.still && !state.failed) {
            return false;
        }
        let Some(rendered) = state.rendered else {
            state.rendering = true;
            return true;
        };
        let passed = now.duration_since(rendered);
        let pace = match () {
            // Whoever looks at alarms does not wait for the next try that long.
            () if state.failed && state.levels => options.pace,
            () if state.failed => AFTER_FAILURE,
            () if self.key.audience.is_personal() => options.personal_pace,
            () if state.levels => {
                options.alarm_pace.max(HEARD * u32::try_from(state.members.len()).unwrap_or(u32::MAX))
            }
            () => options.pace,
        };
        if passed < pace {
            return false;
        }
        let clock = state.ticks && passed >= options.clock;
        let fresh = !state.failed && !clock && state.watched.as_ref().is_some_and(|w| w.is_fresh());
        state.rendering = !fresh;
        !fresh
    }

    /// Takes in a rendering: what changed is said, at once or when its time comes.
    pub(super) fn take(&self, rendered: Rendered, numbers: &Numbers, options: &LiveOptions) {
        let now = Instant::now();
        let said = sections::said(&rendered.page);
        let cuts = sections::cut(&rendered.markup);
        let mut state = self.state.lock();
        let first = state.watched.is_none();
        self.alarms(&mut state, &said.urgent, &cuts, &rendered.titles, first);
        let gone = state.sections.keys().any(|id| cuts.iter().all(|c| c.id != *id));
        let come = !first && cuts.iter().any(|c| !state.sections.contains_key(&c.id));
        state.sections.retain(|id, _| cuts.iter().any(|c| c.id == *id));
        state.still = cuts.is_empty();
        let State { members, sections, .. } = &mut *state;
        let moment = Moment { numbers, pace: options.pace, first, now };
        for cut in cuts {
            let latest = sections.entry(cut.id.clone()).or_insert_with(|| Latest::new(now - options.pace));
            latest.take(&cut, rendered.rev);
            latest.say(&self.key.address, &cut.id, members, &moment);
        }
        if gone || come {
            // A section the page does not have cannot be put in its place: the page is fetched again.
            let letter = Letter::plain(message::resync(Some(&self.key.address)));
            for member in members.values() {
                member.inbox.put(&letter, || message::resync(None));
            }
        }
        state.levels = said.levels;
        state.ticks = said.ticks;
        state.watched = Some(rendered.watched);
        state.failed = false;
        state.done(now);
    }

    /// The rendering came to nothing: what was said stays, and it is tried again.
    pub(super) fn failed(&self) {
        let mut state = self.state.lock();
        state.failed = true;
        state.done(Instant::now());
    }

    /// Rows of level 1 or 2 that were not there before; what is there when somebody comes is no news.
    fn alarms(&self, state: &mut State, urgent: &[Urgent], cuts: &[Cut], titles: &[String], first: bool) {
        let known = std::mem::take(&mut state.urgent);
        let name = |u: &Urgent| format!("{} {}", u.section, u.key);
        let mut all = BytesMut::new();
        for new in urgent.iter().filter(|u| !first && !known.contains(&name(u))) {
            // Where a part of the page was not painted, places do not tell which section it is.
            let section = if cuts.len() == titles.len() { cuts.get(new.section).map_or("", |c| &c.id) } else { "" };
            let title = titles.get(new.section).map_or("", String::as_str);
            all.extend_from_slice(&message::alarm(&self.key.address, section, &new.key, new.level, title));
        }
        state.urgent = urgent.iter().map(name).collect();
        if all.is_empty() {
            return;
        }
        // One letter for all of them: with ten thousand readers each letter costs as much as what it says.
        let letter = Letter::plain(all.freeze());
        for member in state.members.values() {
            member.inbox.put(&letter, || message::resync(None));
        }
    }
}

/// What saying something depends on.
struct Moment<'a> {
    numbers: &'a Numbers,
    pace: Duration,
    /// What a topic begins with is news only to pages that are older.
    first: bool,
    now: Instant,
}

impl Latest {
    /// Nothing yet; the first form may be said at once.
    fn new(said: Instant) -> Latest {
        let slot = rand::random();
        let letter = Letter { slot: Some(slot), number: 0, bytes: Bytes::new() };
        Latest { slot, rev: Seq::ZERO, content: None, html: None, letter, said }
    }

    fn take(&mut self, cut: &Cut, rev: Seq) {
        if self.content.as_ref() != Some(&cut.content) {
            self.rev = rev;
            self.content = Some(cut.content.clone());
            self.html = Some(cut.html.clone());
        }
    }

    /// Says what waits to be said, if anything does and its time has come.
    fn say(&mut self, topic: &str, id: &str, members: &Members, moment: &Moment<'_>) {
        if moment.now.duration_since(self.said) < moment.pace {
            return;
        }
        let Some(html) = self.html.take() else { return };
        let mut last = moment.numbers.last.lock();
        *last += 1;
        let bytes = message::html(&moment.numbers.boot, *last, topic, id, self.rev, &html);
        self.letter = Letter { slot: Some(self.slot), number: *last, bytes };
        let older = |m: &&Member| !moment.first || self.rev > m.shown;
        for member in members.values().filter(older) {
            member.inbox.put(&self.letter, || message::resync(None));
        }
        self.said = moment.now;
    }
}

impl State {
    fn done(&mut self, now: Instant) {
        self.rendered = Some(now);
        self.rendering = false;
    }
}
