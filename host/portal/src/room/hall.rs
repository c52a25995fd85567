//! All rooms with somebody in them, and the one task that keeps them true.

use super::RoomOptions;
use super::letter::{self, Over};
use super::line::Line;
use super::pace::Pace;
use super::peer::{Peer, PeerId};
use crate::state::App;
use bytes::Bytes;
use changzhi_model::EntityId;
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Sign-ins also end by time alone, and silence is noticed by looking.
const TICK: Duration = Duration::from_secs(1);
/// However fast the city changes, rooms are gone through this often at most.
const BREATH: Duration = Duration::from_millis(50);

/// Why nobody can join.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Full {
    Room,
    Host,
}

/// Who else is there, by the accounts they came with.
pub(super) type Others = Vec<(PeerId, EntityId)>;

/// Shared by the handlers and the task.
pub(crate) struct Hall {
    pub(super) options: RoomOptions,
    /// In the order they joined. A room nobody is in is not there.
    rooms: Mutex<HashMap<EntityId, Vec<Arc<Peer>>>>,
    messages: AtomicU64,
}

impl Hall {
    pub(crate) fn new(options: RoomOptions) -> Hall {
        Hall { options, rooms: Mutex::default(), messages: AtomicU64::new(0) }
    }

    /// Rooms, peers and messages so far, for `/metrics`.
    pub(crate) fn counts(&self) -> (usize, usize, u64) {
        let rooms = self.rooms.lock();
        (rooms.len(), rooms.values().map(Vec::len).sum(), self.messages.load(Ordering::Relaxed))
    }

    /// A fresh peer. Whoever was in the room by the same sign-in, or by one sign-in too many, is out of it: a page loaded anew takes
    /// its own place.
    pub(super) fn join(&self, room: EntityId, account: EntityId, cookie: String) -> Result<(Arc<Peer>, Others), Full> {
        let now = Instant::now();
        let mut rooms = self.rooms.lock();
        let there = rooms.get(&room).cloned().unwrap_or_default();
        let own = there.iter().filter(|p| p.account == account && p.cookie != cookie).count();
        let mut spare = (own + 1).saturating_sub(self.options.each);
        let (gone, stay): (Vec<_>, Vec<_>) = there.into_iter().partition(|p| {
            let again = p.cookie == cookie;
            let oldest = !again && p.account == account && spare > 0;
            spare -= usize::from(oldest);
            again || oldest
        });
        if stay.len() >= self.options.most {
            return Err(Full::Room);
        }
        let all: usize = rooms.values().map(Vec::len).sum();
        if all - gone.len() >= self.options.peers {
            return Err(Full::Host);
        }
        let peer = Arc::new(Peer {
            id: PeerId::new(),
            account,
            cookie,
            line: Arc::new(Line::new(self.options.backlog)),
            heard: Mutex::new(now),
            pace: Mutex::new(Pace::new(self.options.pace, now)),
        });
        for old in &gone {
            old.line.end(Over::Elsewhere);
            tell(&stay, &letter::left(&old.id));
        }
        // Under the lock: nobody hears of an offer before they hear who came.
        tell(&stay, &letter::came(&peer.id, account));
        let others = stay.iter().map(|p| (p.id.clone(), p.account)).collect();
        rooms.insert(room, [stay, vec![Arc::clone(&peer)]].concat());
        Ok((peer, others))
    }

    /// A peer of this room, whoever it is.
    pub(super) fn find(&self, room: EntityId, id: &PeerId) -> Option<Arc<Peer>> {
        self.rooms.lock().get(&room)?.iter().find(|p| p.id == *id).cloned()
    }

    /// The peer that this sign-in joined as.
    pub(super) fn own(&self, room: EntityId, id: &PeerId, account: EntityId, cookie: &str) -> Option<Arc<Peer>> {
        self.find(room, id).filter(|p| p.account == account && p.cookie == cookie)
    }

    /// One out; the others are told. May come twice.
    pub(super) fn out(&self, room: EntityId, peer: &Peer, why: Over) {
        let mut rooms = self.rooms.lock();
        let Some(there) = rooms.get_mut(&room) else { return };
        let before = there.len();
        there.retain(|p| p.id != peer.id);
        if there.len() < before {
            peer.line.end(why);
            tell(there, &letter::left(&peer.id));
        }
        if there.is_empty() {
            rooms.remove(&room);
        }
    }

    pub(super) fn count_message(&self) {
        self.messages.fetch_add(1, Ordering::Relaxed);
    }

    fn all(&self) -> Vec<(EntityId, Arc<Peer>)> {
        let rooms = self.rooms.lock();
        rooms.iter().flat_map(|(room, peers)| peers.iter().map(|p| (*room, Arc::clone(p)))).collect()
    }

    /// Whoever may not be in a room any more, or has been silent, is out of it.
    fn check(&self, app: &App, now: Instant) {
        for (room, peer) in self.all() {
            if !may(app, room, &peer) {
                self.out(room, &peer, Over::Member);
            } else if now.saturating_duration_since(*peer.heard.lock()) > self.options.silent {
                self.out(room, &peer, Over::Silent);
            }
        }
    }
}

fn tell(peers: &[Arc<Peer>], letter: &Bytes) {
    peers.iter().for_each(|p| p.line.put(letter.clone()));
}

/// The record names the account among its members; one that is kept for no members has no room.
pub(super) fn is_member(app: &App, room: EntityId, account: EntityId) -> bool {
    app.town.membership(room, account) == Some(true)
}

/// Signed in as it was, and a member of the record now.
pub(super) fn may(app: &App, room: EntityId, peer: &Peer) -> bool {
    let still = app.gate.still(&peer.cookie).is_some_and(|s| s.account == peer.account);
    still && is_member(app, room, peer.account)
}

/// Runs until the server stops.
pub(crate) async fn run(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let hall = Arc::clone(&app.hall);
    let mut durable = app.town.durable();
    let mut beaten = Instant::now();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            changed = durable.changed() => {
                // The city is gone: the server stops soon.
                if changed.is_err() {
                    tokio::time::sleep(TICK).await;
                }
            }
            () = tokio::time::sleep(TICK) => {}
        }
        let now = Instant::now();
        hall.check(&app, now);
        if now.duration_since(beaten) >= hall.options.beat {
            beaten = now;
            hall.all().iter().for_each(|(_, p)| p.line.beat());
        }
        tokio::time::sleep(BREATH).await;
    }
    // Nobody has left: what is connected goes on until the host is there again.
    hall.all().iter().for_each(|(_, p)| p.line.end(Over::Stop));
}

/// For logs: counts, and nobody's name.
impl std::fmt::Debug for Hall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (rooms, peers, _) = self.counts();
        write!(f, "Hall({rooms} rooms, {peers} peers)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: EntityId = EntityId(7);

    fn hall() -> Hall {
        Hall::new(RoomOptions { most: 3, peers: 4, ..RoomOptions::default() })
    }

    fn join(hall: &Hall, room: EntityId, account: u64, cookie: &str) -> Result<(Arc<Peer>, usize), Full> {
        hall.join(room, EntityId(account), cookie.to_owned()).map(|(peer, others)| (peer, others.len()))
    }

    #[test]
    fn a_room_and_the_host_hold_so_many_and_an_account_takes_its_own_oldest_place() {
        let hall = hall();
        let (first, _) = join(&hall, ROOM, 1, "desk").unwrap();
        assert_eq!(join(&hall, ROOM, 1, "phone").unwrap().1, 1);
        assert_eq!(join(&hall, ROOM, 1, "third").unwrap().1, 1, "the desk gave way");
        assert!(hall.find(ROOM, &first.id).is_none());
        assert_eq!(join(&hall, ROOM, 1, "third").unwrap().1, 1, "the same sign-in is one place");
        assert_eq!(join(&hall, ROOM, 2, "two").unwrap().1, 2);
        assert_eq!(join(&hall, ROOM, 3, "three").err(), Some(Full::Room));
        assert!(join(&hall, EntityId(8), 3, "three").is_ok());
        assert_eq!(join(&hall, EntityId(9), 4, "four").err(), Some(Full::Host));
        assert_eq!(hall.counts(), (2, 4, 0));
    }

    #[test]
    fn a_peer_is_found_in_its_own_room_by_its_own_sign_in_only_and_an_empty_room_is_gone() {
        let hall = hall();
        let (peer, _) = join(&hall, ROOM, 1, "desk").unwrap();
        assert!(hall.own(ROOM, &peer.id, EntityId(1), "desk").is_some());
        assert!(hall.own(ROOM, &peer.id, EntityId(1), "phone").is_none());
        assert!(hall.own(ROOM, &peer.id, EntityId(2), "desk").is_none());
        assert!(hall.own(EntityId(8), &peer.id, EntityId(1), "desk").is_none());
        hall.out(ROOM, &peer, Over::Left);
        hall.out(ROOM, &peer, Over::Left);
        assert_eq!(hall.counts(), (0, 0, 0));
    }
}
