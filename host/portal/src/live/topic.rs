//! One page as one audience sees it: its live sections as last rendered, and who waits for them.

use super::address::Since;
use super::audience::Audience;
use super::inbox::{Inbox, Letter};
use super::message::Markup;
use super::news::{News, TOGETHER};
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
/// From one part of a large audience to the next, where it may take a while: a section, which is large, and a sign of life. Ten thousand
/// readers have it within a second, and an alarm finds the processors free meanwhile.
pub(super) const APART: Duration = Duration::from_millis(10);
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
    /// As it is to be said, and packed.
    html: String,
    packed: Option<String>,
    /// It is not what is being said.
    new: bool,
    /// It is being said: readers who are still to be sent it, which may be nobody.
    saying: Option<Vec<u64>>,
    /// What was said last.
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
    news: News,
    /// What somebody is sending.
    posting: Posts,
    accounts: HashSet<EntityId>,
    sections: HashMap<String, Latest>,
    urgent: HashSet<String>,
    watched: Option<Arc<dyn Watched>>,
    /// Nothing on the page is live: it need not be rendered again.
    still: bool,
    levels: bool,
    ticks: bool,
    /// When the last rendering began, or failed.
    rendered: Option<Instant>,
    rendering: Option<Instant>,
    failed: bool,
}

pub(super) struct Topic {
    pub(super) key: Key,
    pub(super) look: Look,
    state: Mutex<State>,
}

/// What a look at a topic found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ticked {
    /// It is to be rendered now, and counts as being rendered.
    pub(super) renders: bool,
    pub(super) posts: Posts,
}

/// There is something to be sent and nobody at it: call [`Topic::post_news`] or [`Topic::post_section`] until it is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Posts {
    pub(super) news: bool,
    pub(super) sections: bool,
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
        state.news.join(id);
    }

    /// This account was found to see here what everybody sees.
    pub(super) fn is_for(&self, account: EntityId) -> bool {
        self.state.lock().accounts.contains(&account)
    }

    /// True when nobody is left.
    pub(super) fn leave(&self, id: u64) -> bool {
        let mut state = self.state.lock();
        let State { members, news, .. } = &mut *state;
        members.remove(&id);
        news.leave(members.len(), |id| members.contains_key(&id));
        members.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state.lock().members.is_empty()
    }

    /// Says what waited long enough, and tells whether to render now.
    pub(super) fn tick(&self, now: Instant, options: &LiveOptions) -> Ticked {
        let mut state = self.state.lock();
        let State { members, sections, .. } = &mut *state;
        let moment = Moment { pace: options.pace, first: false, now };
        for latest in sections.values_mut() {
            latest.begin(members, &moment);
        }
        Ticked { renders: self.renders(&mut state, now, options), posts: state.begins_posting() }
    }

    /// Sends news to the next readers, and tells how long to wait before those after them; `None`: all have heard everything.
    pub(super) fn post_news(&self) -> Option<Duration> {
        let mut state = self.state.lock();
        let State { members, news, posting, .. } = &mut *state;
        let pause = news.post(Instant::now(), |id| members.get(&id).map(|m| &m.inbox));
        posting.news = pause.is_some();
        pause
    }

    /// Sends sections to some of those who wait for them; false: there is nothing more.
    pub(super) fn post_section(&self, numbers: &Numbers) -> bool {
        let mut state = self.state.lock();
        let State { members, sections, posting, .. } = &mut *state;
        // All of them in the same breath: for a reader's connection that is one piece of work.
        for (id, latest) in sections.iter_mut().filter(|(_, latest)| latest.saying.is_some()) {
            latest.say(&self.key.address, id, members, numbers);
        }
        posting.sections = sections.values().any(|latest| latest.saying.is_some());
        posting.sections
    }

    fn renders(&self, state: &mut State, now: Instant, options: &LiveOptions) -> bool {
        if state.rendering.is_some() || (state.still && !state.failed) {
            return false;
        }
        let Some(rendered) = state.rendered else {
            state.rendering = Some(now);
            return true;
        };
        let passed = now.duration_since(rendered);
        let pace = match () {
            // Whoever looks at alarms does not wait for the next try that long.
            () if state.failed && state.levels => options.pace,
            () if state.failed => AFTER_FAILURE,
            () if self.key.audience.is_personal() => options.personal_pace,
            () if state.levels => options.alarm_pace,
            () => options.pace,
        };
        if passed < pace {
            return false;
        }
        let clock = state.ticks && passed >= options.clock;
        let fresh = !state.failed && !clock && state.watched.as_ref().is_some_and(|w| w.is_fresh());
        state.rendering = (!fresh).then_some(now);
        !fresh
    }

    /// Takes in a rendering: what changed is to be said, now or when its time comes. Returns what is to be sent.
    pub(super) fn take(&self, rendered: Rendered, options: &LiveOptions) -> Posts {
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
        let moment = Moment { pace: options.pace, first, now };
        for cut in cuts {
            let latest = sections.entry(cut.id.clone()).or_insert_with(|| Latest::new(now - options.pace));
            latest.take(&cut, rendered.rev);
            latest.begin(members, &moment);
        }
        if gone || come {
            // A section the page does not have cannot be put in its place: the page is fetched again.
            state.news.tell(message::resync(Some(&self.key.address)));
        }
        state.levels = said.levels;
        state.ticks = said.ticks;
        state.watched = Some(rendered.watched);
        state.failed = false;
        state.rendered = state.rendering.take().or(Some(now));
        state.begins_posting()
    }

    /// The rendering came to nothing: what was said stays, and it is tried again.
    pub(super) fn failed(&self) {
        let mut state = self.state.lock();
        state.failed = true;
        (state.rendered, state.rendering) = (Some(Instant::now()), None);
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
        state.news.tell(all.freeze());
    }
}

/// What saying something depends on.
struct Moment {
    pace: Duration,
    /// What a topic begins with is news only to pages that are older.
    first: bool,
    now: Instant,
}

impl Latest {
    /// Nothing yet; the first form may be said at once.
    fn new(said: Instant) -> Latest {
        let slot = rand::random();
        let letter = Letter { slot: Some(slot), ..Letter::plain(Bytes::new()) };
        let (html, saying) = (String::new(), None);
        Latest { slot, rev: Seq::ZERO, content: None, html, packed: None, new: false, saying, letter, said }
    }

    fn take(&mut self, cut: &Cut, rev: Seq) {
        if self.content.as_ref() != Some(&cut.content) {
            self.rev = rev;
            self.content = Some(cut.content.clone());
            self.html.clone_from(&cut.html);
            self.packed = None;
            self.new = true;
        }
    }

    /// Something is to be said and its time has come: puts down who is to be sent it.
    fn begin(&mut self, members: &Members, moment: &Moment) {
        if !self.new || self.saying.is_some() || moment.now.duration_since(self.said) < moment.pace {
            return;
        }
        let older = |m: &Member| !moment.first || self.rev > m.shown;
        self.saying = Some(members.iter().filter(|(_, m)| older(m)).map(|(id, _)| *id).collect());
        (self.said, self.new) = (moment.now, false);
    }

    /// Sends it to some of those who wait for it. The others get it as it is by then, under a number of its own; when it is another by
    /// then, all are sent that once more.
    fn say(&mut self, topic: &str, id: &str, members: &Members, numbers: &Numbers) {
        let mut last = numbers.last.lock();
        *last += 1;
        if self.packed.is_none() {
            self.packed = message::packed(&self.html);
        }
        let said = |markup| message::html(&numbers.boot, *last, topic, id, self.rev, markup);
        let packed = self.packed.as_deref().map(|packed| said(Markup::Packed(packed)));
        self.letter = Letter { slot: Some(self.slot), number: *last, bytes: said(Markup::Plain(&self.html)), packed };
        let waiting = self.saying.get_or_insert_default();
        for id in waiting.drain(waiting.len().saturating_sub(TOGETHER)..) {
            if let Some(member) = members.get(&id) {
                member.inbox.put(&self.letter, || message::resync(None));
            }
        }
        self.saying.take_if(|waiting| waiting.is_empty());
    }
}

impl State {
    /// What whoever asks is to send.
    fn begins_posting(&mut self) -> Posts {
        let begins = |posting: &mut bool, waits: bool| waits && !std::mem::replace(posting, waits || *posting);
        Posts {
            news: begins(&mut self.posting.news, self.news.waits()),
            sections: begins(&mut self.posting.sections, self.sections.values().any(|latest| latest.saying.is_some())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::Appearance;
    use crate::shape::Text;
    use crate::words::Locale;
    use serde_json::Value;

    struct Fresh;

    impl Watched for Fresh {
        fn is_fresh(&self) -> bool {
            true
        }
    }

    fn topic() -> Topic {
        let look = Look {
            plugin: "desk".into(),
            view: "list".into(),
            params: Vec::new(),
            actor: Default::default(),
            purpose: Default::default(),
            locale: "en".into(),
        };
        let audience = Audience::of(&look, Locale::En, Appearance::default());
        Topic::new(Key { address: "/p/desk/list".into(), audience }, look)
    }

    fn rendered(rev: u64, text: &str) -> Rendered {
        let markup = format!("<section id=\"s-list\" data-live>{text}</section>");
        let page = Page { title: Text::Plain("p".into()), nodes: Vec::new() };
        Rendered { page, markup, rev: Seq(rev), watched: Arc::new(Fresh), titles: Vec::new() }
    }

    /// Numbers and markup of the sections that wait in an inbox; a newer one has taken an older one's place.
    fn said(inbox: &Inbox) -> Vec<(u64, String)> {
        let all = inbox.all();
        let data = all.lines().filter_map(|line| line.strip_prefix("data: "));
        let each = data.map(|line| serde_json::from_str::<Value>(line).unwrap());
        each.map(|d| (d["n"].as_u64().unwrap(), d["html"].as_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn a_section_reaches_a_large_audience_in_parts_and_all_have_the_newest_form_in_the_end() {
        let (topic, numbers) = (topic(), Numbers::new());
        let options = LiveOptions { pace: Duration::ZERO, ..LiveOptions::default() };
        let inboxes: Vec<_> = (0..3 * TOGETHER as u64).map(|_| Arc::new(Inbox::new(8, false))).collect();
        for (id, inbox) in (0..).zip(&inboxes) {
            topic.join(EntityId(id), id, inbox, &Since::Page(Seq(1)), &numbers);
        }
        assert!(topic.take(rendered(1, "as the page has it"), &options).sections);
        assert!(!topic.post_section(&numbers) && inboxes.iter().all(|i| i.letters() == 0), "it is no news to them");
        let older = Arc::new(Inbox::new(8, false));
        topic.join(EntityId(1_000), 1_000, &older, &Since::Page(Seq(0)), &numbers);
        assert_eq!(said(&older).len(), 1, "it is to whoever shows an older page");
        topic.leave(1_000);
        assert!(topic.take(rendered(2, "first"), &options).sections);
        assert!(topic.post_section(&numbers));
        assert_eq!(inboxes.iter().filter(|i| i.letters() == 1).count(), TOGETHER);
        // It changes meanwhile: whoever is still to be sent it gets the newer form, and after them all once more.
        assert_eq!(topic.take(rendered(3, "second"), &options), Posts::default(), "somebody is at it");
        while topic.post_section(&numbers) {}
        assert!(topic.tick(Instant::now(), &options).posts.sections);
        while topic.post_section(&numbers) {}
        assert_eq!(topic.tick(Instant::now(), &options).posts, Posts::default());
        let mut last = Vec::new();
        for inbox in &inboxes {
            let [(number, html)] = said(inbox).try_into().unwrap();
            assert!(html.contains("second"), "{html}");
            last.push(number);
        }
        // A part has a number of its own, above all that was said before it.
        last.sort_unstable();
        last.dedup();
        assert_eq!(last, [5, 6, 7]);
    }
}
