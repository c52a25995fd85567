//! What is said once and as it is (alarms, and that a page is to be fetched again), and who has not heard it yet.
//!
//! Readers are gone through in a ring, some at a time, as long as there is news for any of them; each is sent together all that it has not
//! heard. So whoever reads waits for one time around at most, whatever came meanwhile: a round for each alarm would make the second wait for
//! the end of the first. With a large audience a time around takes [`EACH`] for each reader, so that it never has the machine to itself.
//!
//! Invariants: each reader hears every news that came while it was there, once and in order, and none from before; news is kept until
//! everybody who was there has heard it, and no longer than two times around.

use super::inbox::{Inbox, Letter};
use super::message;
use bytes::{Bytes, BytesMut};
use hashbrown::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Readers that are sent something together. Whatever else is to be done (an answer on a phone) waits for so many of them, and not for
/// ten thousand. Fewer than a worker's own queue holds.
pub(super) const TOGETHER: usize = 128;
/// How long sending something to one of a large audience takes at least, so that a third of two processors is left to everything else
/// (measured by `cargo xtask bench alarm`).
const EACH: Duration = Duration::from_micros(12);

struct One {
    number: u64,
    bytes: Bytes,
}

struct Reader {
    id: u64,
    /// The last it heard.
    heard: u64,
}

#[derive(Default)]
pub(super) struct News {
    kept: VecDeque<One>,
    last: u64,
    ring: VecDeque<Reader>,
    /// How many in the ring have not heard the last.
    behind: usize,
    around: Around,
}

/// One time around the ring.
#[derive(Default)]
struct Around {
    whole: usize,
    left: usize,
    begun: Option<Instant>,
    /// The last news there was when it began: at its end everybody has heard it.
    upto: u64,
}

impl News {
    /// What there is when somebody comes is no news to them.
    pub(super) fn join(&mut self, id: u64) {
        self.ring.push_back(Reader { id, heard: self.last });
    }

    /// Of those in the ring `left` are there. Whoever is gone goes when their turn comes; where nothing is told for long, here, before they
    /// are more than those who stay.
    pub(super) fn leave(&mut self, left: usize, is_there: impl Fn(u64) -> bool) {
        if self.ring.len() <= 2 * left + TOGETHER {
            return;
        }
        self.ring.retain(|reader| is_there(reader.id));
        self.behind = self.ring.iter().filter(|reader| reader.heard < self.last).count();
        // Who was gone through is not known any more: begun anew, and what is kept is kept one time around longer.
        self.around = Around::default();
    }

    pub(super) fn tell(&mut self, bytes: Bytes) {
        if !self.ring.is_empty() {
            self.last += 1;
            self.kept.push_back(One { number: self.last, bytes });
            self.behind = self.ring.len();
        }
    }

    pub(super) fn waits(&self) -> bool {
        self.behind > 0
    }

    /// Sends news to the next readers, and tells how long to wait before those after them; `None`: all have heard everything. `inbox` is
    /// that of a reader, who may be gone.
    pub(super) fn post<'i>(&mut self, now: Instant, inbox: impl Fn(u64) -> Option<&'i Arc<Inbox>>) -> Option<Duration> {
        if self.around.left == 0 {
            let heard_by_all = self.around.upto;
            self.kept.retain(|one| one.number > heard_by_all);
            let whole = self.ring.len();
            self.around = Around { whole, left: whole, begun: Some(now), upto: self.last };
        }
        let mut letters: HashMap<u64, Letter> = HashMap::new();
        for _ in 0..self.around.left.min(TOGETHER) {
            self.around.left -= 1;
            let Some(mut reader) = self.ring.pop_front() else { break };
            let waits = reader.heard < self.last;
            self.behind -= usize::from(waits);
            let Some(inbox) = inbox(reader.id) else { continue };
            if waits {
                let letter = letters.entry(reader.heard).or_insert_with_key(|heard| after(&self.kept, *heard));
                inbox.put(letter, || message::resync(None));
                reader.heard = self.last;
            }
            self.ring.push_back(reader);
        }
        if self.behind == 0 {
            self.kept.clear();
            return None;
        }
        let done = u32::try_from(self.around.whole - self.around.left).unwrap_or(u32::MAX);
        Some(self.around.begun.map_or(Duration::ZERO, |begun| (begun + EACH * done).saturating_duration_since(now)))
    }
}

/// All news after one. One letter for all of them: with ten thousand readers each letter costs as much as what it says.
fn after(kept: &VecDeque<One>, heard: u64) -> Letter {
    let mut all = BytesMut::new();
    for one in kept.iter().filter(|one| one.number > heard) {
        all.extend_from_slice(&one.bytes);
    }
    Letter::plain(all.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Join,
        Leave(usize),
        Tell,
        Post,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            2 => Just(Step::Join),
            1 => any::<usize>().prop_map(Step::Leave),
            2 => Just(Step::Tell),
            4 => Just(Step::Post),
        ]
    }

    proptest! {
        #[test]
        fn everybody_hears_all_news_of_their_time_once_and_in_order(
            steps in proptest::collection::vec(step(), 1..200),
            crowd in 0_usize..400,
        ) {
            let (mut news, mut said, now) = (News::default(), 0_u64, Instant::now());
            // Who is there, with what they should hear first and where it comes to.
            let mut there: Vec<(u64, u64, Arc<Inbox>)> = Vec::new();
            let mut ids = 0..;
            let mut join = |news: &mut News, there: &mut Vec<(u64, u64, Arc<Inbox>)>, said: u64| {
                let id = ids.next().unwrap();
                news.join(id);
                there.push((id, said, Arc::new(Inbox::new(1_000, false))));
            };
            for _ in 0..crowd {
                join(&mut news, &mut there, said);
            }
            let post = |news: &mut News, there: &[(u64, u64, Arc<Inbox>)]| {
                news.post(now, |id| there.iter().find(|(one, ..)| *one == id).map(|(.., inbox)| inbox))
            };
            for step in steps {
                match step {
                    Step::Join => join(&mut news, &mut there, said),
                    Step::Leave(at) if !there.is_empty() => {
                        there.swap_remove(at % there.len());
                        news.leave(there.len(), |id| there.iter().any(|(one, ..)| *one == id));
                    }
                    Step::Leave(_) => {}
                    Step::Tell => {
                        said += 1;
                        news.tell(Bytes::from(format!("{said} ")));
                    }
                    Step::Post => drop(post(&mut news, &there)),
                }
            }
            while post(&mut news, &there).is_some() {}
            prop_assert!(!news.waits() && news.kept.is_empty());
            for (_, before, inbox) in &there {
                let wanted: String = (before + 1..=said).map(|n| format!("{n} ")).collect();
                prop_assert_eq!(inbox.all(), wanted);
            }
        }
    }

    #[test]
    fn readers_who_come_and_go_while_nothing_is_told_leave_nothing_behind() {
        let mut news = News::default();
        news.join(0);
        for id in 1..100 * TOGETHER as u64 {
            news.join(id);
            news.leave(1, |one| one == 0);
        }
        assert!(news.ring.len() <= 2 + TOGETHER && news.ring.iter().any(|reader| reader.id == 0));
    }

    #[test]
    fn a_large_audience_is_gone_through_in_parts_with_time_between_and_hears_together_what_came_meanwhile() {
        let (mut news, now) = (News::default(), Instant::now());
        let inboxes: Vec<_> = (0..4 * TOGETHER).map(|_| Arc::new(Inbox::new(8, false))).collect();
        for id in 0..inboxes.len() {
            news.join(id as u64);
        }
        let post = |news: &mut News| news.post(now, |id| inboxes.get(id as usize));
        news.tell(Bytes::from_static(b"1 "));
        assert_eq!(post(&mut news), Some(EACH * TOGETHER as u32));
        news.tell(Bytes::from_static(b"2 "));
        // The first have one more to hear when their turn comes again; the others hear both at once.
        for part in 2..=4 {
            assert_eq!(post(&mut news), Some(EACH * part * TOGETHER as u32));
        }
        assert_eq!(post(&mut news), None);
        assert_eq!((inboxes[0].letters(), inboxes[TOGETHER].letters()), (2, 1));
        assert!(inboxes.iter().all(|inbox| inbox.all() == "1 2 "));
    }
}
