//! All streams and topics, and the one task that keeps them moving.

use super::address::{Place, Since};
use super::inbox::Letter;
use super::news::TOGETHER;
use super::stream::Stream;
use super::topic::{APART, Key, Numbers, Posts, Rendered, Topic};
use super::{LiveOptions, message, sections};
use crate::render::Painter;
use crate::shape::{Cell, NodeKind, Page};
use crate::state::App;
use changzhi_gate::{Look, identity_revision};
use changzhi_model::{Clock, Name, Seq, SystemClock};
use hashbrown::{HashMap, HashSet};
use parking_lot::Mutex;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, watch};

/// When to try again where all places are taken.
pub(super) const AGAIN: Duration = Duration::from_secs(5);
/// Letters that wait for their time, and clocks, are looked at this often while nothing else happens.
const TICK: Duration = Duration::from_millis(100);
/// Less than this cannot be slept.
const SHORT: Duration = Duration::from_millis(1);
/// However fast the city changes, topics are gone through this often at most.
const BREATH: Duration = Duration::from_millis(20);

/// Why there is no new stream.
#[derive(Debug)]
pub(super) enum Full {
    Streams,
    /// Of this sign-in.
    Own,
}

/// Shared by the handlers and the task.
pub(crate) struct Hub {
    pub(super) options: LiveOptions,
    streams: Mutex<HashMap<u64, Arc<Stream>>>,
    topics: Mutex<HashMap<Key, Arc<Topic>>>,
    /// Views that showed an account other things than nobody in particular: each account has its own rendering of them.
    own_things: Mutex<HashSet<(Name, Name)>>,
    numbers: Numbers,
    renders: Arc<Semaphore>,
    woken: Notify,
}

/// Takes a stream out of the hub when its connection is gone.
pub(super) struct Keep {
    hub: Weak<Hub>,
    stream: Arc<Stream>,
}

impl Drop for Keep {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.end(&self.stream);
        }
    }
}

impl Hub {
    pub(crate) fn new(options: LiveOptions) -> Hub {
        Hub {
            options,
            streams: Mutex::default(),
            topics: Mutex::default(),
            own_things: Mutex::default(),
            numbers: Numbers::new(),
            renders: Arc::new(Semaphore::new(options.renders)),
            woken: Notify::new(),
        }
    }

    /// Streams and topics, for `/metrics`.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.streams.lock().len(), self.topics.lock().len())
    }

    /// This start of the host: part of every event's id.
    pub(super) fn boot(&self) -> &str {
        &self.numbers.boot
    }

    pub(super) fn begin(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<Keep, Full> {
        let mut streams = self.streams.lock();
        if streams.len() >= self.options.streams {
            return Err(Full::Streams);
        }
        if streams.values().filter(|s| s.owner == stream.owner).count() >= self.options.streams_each {
            return Err(Full::Own);
        }
        streams.insert(stream.id, Arc::clone(stream));
        Ok(Keep { hub: Arc::downgrade(self), stream: Arc::clone(stream) })
    }

    /// May come twice: a stream that is ended from above may still be joining topics, and leaves those with its connection.
    fn end(&self, stream: &Stream) {
        self.streams.lock().remove(&stream.id);
        let mut topics = self.topics.lock();
        for topic in stream.topics.lock().drain(..) {
            if topic.leave(stream.id) {
                topics.remove(&topic.key);
            }
        }
    }

    /// False when there are too many topics.
    pub(super) async fn join(
        self: &Arc<Self>,
        app: &Arc<App>,
        stream: &Arc<Stream>,
        place: Place,
        since: &Since,
    ) -> bool {
        let view = (place.look.plugin.clone(), place.look.view.clone());
        let mut audience = place.audience;
        let account = place.look.actor.id;
        if audience.is_shared() {
            let key = Key { address: place.address.clone(), audience: audience.clone() };
            let topic = self.topics.lock().get(&key).cloned();
            let known = topic.is_some_and(|t| t.is_for(account));
            let own = self.own_things.lock().contains(&view);
            if own || !known && shows_own_things(app, &audience.common(&place.look), &place.look).await {
                self.own_things.lock().insert(view);
                audience = audience.alone(account);
            }
        }
        let key = Key { address: place.address, audience };
        let mut topics = self.topics.lock();
        let topic = match topics.get(&key) {
            Some(topic) => Arc::clone(topic),
            None if topics.len() >= self.options.topics => return false,
            None => {
                let look = key.audience.common(&place.look);
                let topic = Arc::new(Topic::new(key.clone(), look));
                topics.insert(key, Arc::clone(&topic));
                topic
            }
        };
        // Still under the lock: an empty topic is taken away under it.
        topic.join(account, stream.id, &stream.inbox, since, &self.numbers);
        stream.topics.lock().push(topic);
        drop(topics);
        self.woken.notify_one();
        true
    }

    /// Everybody is told to come back, and every stream ends.
    pub(crate) fn close(&self) {
        for stream in self.streams.lock().values() {
            stream.inbox.close_with(None);
        }
    }

    /// Ends every stream whose session is not what it was.
    pub(crate) fn check(&self, app: &App) {
        let all: Vec<Arc<Stream>> = self.streams.lock().values().cloned().collect();
        for stream in all {
            if stream.proof.session(app).is_none_or(|now| !stream.is_as_before(&now)) {
                stream.inbox.close_with(Some(message::auth(None)));
                self.end(&stream);
            }
        }
    }
}

/// What rights were when streams were last checked.
#[derive(PartialEq, Eq, Clone, Copy)]
struct Rights {
    revision: Seq,
    ended: u64,
}

fn rights(app: &App) -> Rights {
    let mut revision = Seq::ZERO;
    app.town.read(&mut |r| revision = identity_revision(r));
    Rights { revision, ended: app.gate.ended() }
}

/// Runs until the server stops.
pub(crate) async fn run(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let hub = Arc::clone(&app.hub);
    let mut durable = app.town.durable();
    let checked = Arc::new(Mutex::new(rights(&app)));
    let mut beaten = Instant::now();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            _ = hub.woken.notified() => {}
            changed = durable.changed() => {
                // The city is gone: the server stops soon.
                if changed.is_err() {
                    tokio::time::sleep(TICK).await;
                }
            }
            () = tokio::time::sleep(TICK) => {}
        }
        check_if_changed(&app, &checked);
        let now = Instant::now();
        if now.duration_since(beaten) >= hub.options.beat {
            beaten = now;
            // Sign-ins also end by time alone.
            hub.check(&app);
            let rev = *durable.borrow_and_update();
            tokio::spawn(beat(Arc::clone(&app), rev));
        }
        let all: Vec<Arc<Topic>> = hub.topics.lock().values().cloned().collect();
        for topic in all {
            let ticked = topic.tick(now, &hub.options);
            post(&app, &topic, ticked.posts);
            if ticked.renders {
                let Ok(place) = Arc::clone(&hub.renders).acquire_owned().await else { break };
                let (app, checked) = (Arc::clone(&app), Arc::clone(&checked));
                tokio::spawn(async move {
                    let _place = place;
                    render(&app, &topic, &checked).await;
                });
            }
        }
        tokio::time::sleep(BREATH).await;
    }
    hub.close();
}

/// Before anything is said of a state in which somebody has lost a right, that somebody is off the list.
fn check_if_changed(app: &App, checked: &Mutex<Rights>) {
    let mut checked = checked.lock();
    let now = rights(app);
    if *checked != now {
        app.hub.check(app);
        *checked = now;
    }
}

/// Sends what waits, alarms before sections: to some readers at once, to the others of a large audience some at a time. Alarms follow as fast
/// as everybody else who has something to do gets their turn, sections with a pause after each part.
fn post(app: &Arc<App>, topic: &Arc<Topic>, posts: Posts) {
    if let Some(mut pause) = posts.news.then(|| topic.post_news()).flatten() {
        let topic = Arc::clone(topic);
        tokio::spawn(async move {
            loop {
                if pause < SHORT {
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep(pause).await;
                }
                let Some(next) = topic.post_news() else { return };
                pause = next;
            }
        });
    }
    if posts.sections && topic.post_section(&app.hub.numbers) {
        let (app, topic) = (Arc::clone(app), Arc::clone(topic));
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(APART).await;
                if !topic.post_section(&app.hub.numbers) {
                    return;
                }
            }
        });
    }
}

/// A sign of life to everybody.
async fn beat(app: Arc<App>, rev: Seq) {
    let letter = Letter { slot: Some(0), ..Letter::plain(message::beat(rev)) };
    let all: Vec<Arc<Stream>> = app.hub.streams.lock().values().cloned().collect();
    for some in all.chunks(TOGETHER) {
        for stream in some {
            stream.inbox.put(&letter, || message::resync(None));
        }
        tokio::time::sleep(APART).await;
    }
}

async fn render(app: &Arc<App>, topic: &Arc<Topic>, checked: &Mutex<Rights>) {
    if topic.is_empty() {
        return topic.failed();
    }
    match app.town.watch(topic.look.clone()).await {
        Ok((page, rev, watched)) => {
            let (markup, titles) = painted(app, &topic.key, &topic.look, &page, rev);
            check_if_changed(app, checked);
            let posts = topic.take(Rendered { page, markup, rev, watched, titles }, &app.hub.options);
            post(app, topic, posts);
        }
        Err(problem) => {
            // A page that is refused or fails now is as stale as it looks: the next try may go well.
            tracing::debug!(topic = topic.key.address, ?problem, "a live page cannot be rendered now");
            topic.failed();
        }
    }
}

/// The page's markup without form secrets, and the titles of its live sections.
fn painted(app: &App, key: &Key, look: &Look, page: &Page, rev: Seq) -> (String, Vec<String>) {
    let made = app.made();
    let voice = made.words.voice(&look.plugin, key.audience.locale());
    let painter = Painter {
        plugin: &look.plugin,
        voice: &voice,
        zone: &app.options.zone,
        csrf: String::new(),
        here: key.here(look, made.manifests()),
        purpose: &look.purpose,
        rev,
        now: SystemClock.now(),
        base_map: app.options.base_map.as_ref(),
        said: Mutex::default(),
        wrong: AtomicU32::new(0),
    };
    let said = sections::said(page);
    let titles = said.live.iter().filter_map(|at| match &page.nodes.get(*at)?.kind {
        NodeKind::Section(s) => Some(painter.text(&s.title)),
        _ => None,
    });
    let titles = titles.collect();
    (painter.page(page).0, titles)
}

/// Does this view show this account other things than nobody in particular? The world may move between the two looks: then they
/// are taken again, and in doubt the answer is yes.
async fn shows_own_things(app: &Arc<App>, common: &Look, own: &Look) -> bool {
    for _ in 0..3 {
        let (Ok(of_all), Ok(of_one)) = (app.town.watch(common.clone()).await, app.town.watch(own.clone()).await) else {
            return true;
        };
        if timeless(of_all.0) == timeless(of_one.0) {
            return false;
        }
        if of_all.1 == of_one.1 {
            return true;
        }
    }
    true
}

/// Ages go on between two looks.
fn timeless(mut page: Page) -> Page {
    for node in &mut page.nodes {
        if let NodeKind::Row(row) = &mut node.kind {
            row.cells.iter_mut().filter(|c| matches!(c, Cell::Duration(_))).for_each(|c| *c = Cell::Duration(0));
        }
    }
    page
}

/// For logs.
impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (streams, topics) = self.counts();
        write!(f, "Hub({streams} streams, {topics} topics)")
    }
}
