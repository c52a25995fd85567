//! Where every intent stands: a fold of the journal, free of settings and clocks.

use crate::{Channel, KEPT, Outcome, Why};
use changzhi_model::{EntityId, Fact, Micros, Name, Named, Seq, Transaction};
use hashbrown::HashMap;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Messages about one record that are listed.
const OF_ONE: usize = 50;

/// An intent: its transaction and its number there. Written `SEQ-NUMBER`, it is the message's key for gateways and receipts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    pub intent: Seq,
    pub index: u32,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.intent, self.index)
    }
}

impl FromStr for Key {
    type Err = ();

    fn from_str(text: &str) -> Result<Key, ()> {
        let (intent, index) = text.split_once('-').ok_or(())?;
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !digits(intent) || !digits(index) {
            return Err(());
        }
        Ok(Key { intent: Seq(intent.parse().map_err(|_| ())?), index: index.parse().map_err(|_| ())? })
    }
}

/// Where one stands, as pages show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stands {
    /// Not tried, or tried and to be tried again: how often, by what last, and why it failed.
    Waiting {
        attempts: u32,
        last: Option<(Channel, Why)>,
    },
    /// Taken by the channel.
    Sent(Channel),
    /// The gateway says it arrived.
    Delivered(Channel),
    /// Became so many, one for each person.
    Told(u32),
    GivenUp(Why),
}

/// One intent, as pages show it: no receiver, no words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delivery {
    pub key: Key,
    /// When it was asked for, and when it last changed.
    pub at: Micros,
    pub changed: Micros,
    pub about: Option<EntityId>,
    pub stands: Stands,
}

/// One that was given up.
pub type GivenUp = (Delivery, Why);

/// Counted since the journal began, by channel (none: before one was chosen) and what happened.
pub type Tally = BTreeMap<(Option<Channel>, &'static str), u64>;

/// An intent that is not done with.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) at: Micros,
    pub(crate) plugin: Name,
    pub(crate) kind: Name,
    pub(crate) about: Option<EntityId>,
    pub(crate) args: Arc<[Named]>,
    /// Attempts journaled, by whatever channel.
    pub(crate) attempts: u32,
    /// Of those, failures of the channel tried last.
    pub(crate) tries: u32,
    /// Channels that cannot carry it.
    pub(crate) failed: Vec<Channel>,
    pub(crate) last: Option<(Channel, Why)>,
    /// When it was asked for, or last tried.
    pub(crate) since: Micros,
}

struct Ended {
    open: Open,
    stands: Stands,
}

/// See the module.
#[derive(Default)]
pub struct Fold {
    upto: Seq,
    open: BTreeMap<Key, Open>,
    ended: HashMap<Key, Ended>,
    /// Of `ended`, the oldest first.
    order: VecDeque<Key>,
    about: HashMap<EntityId, VecDeque<Key>>,
    tally: Tally,
}

impl Fold {
    /// Takes the next transaction in; one that is not newer than the last is passed over.
    pub fn apply(&mut self, seq: Seq, tx: &Transaction) {
        if seq <= self.upto {
            return;
        }
        self.upto = seq;
        for (index, fact) in (0_u32..).zip(&tx.facts) {
            match fact {
                Fact::Intended { kind, entity, args } => {
                    let open = Open {
                        at: tx.at,
                        plugin: tx.plugin.clone(),
                        kind: kind.clone(),
                        about: *entity,
                        args: args.as_slice().into(),
                        attempts: 0,
                        tries: 0,
                        failed: Vec::new(),
                        last: None,
                        since: tx.at,
                    };
                    let key = Key { intent: seq, index };
                    self.list(*entity, key);
                    self.open.insert(key, open);
                }
                Fact::Settled { intent, index, attempt, outcome } => {
                    // What cannot be read was written by a newer host: it is not tried again.
                    let outcome = Outcome::read(outcome).unwrap_or(Outcome::GivenUp(Why::Unreadable));
                    self.settle(Key { intent: *intent, index: *index }, *attempt, outcome, tx.at);
                }
                _ => {}
            }
        }
    }

    fn list(&mut self, about: Option<EntityId>, key: Key) {
        let Some(entity) = about else { return };
        let list = self.about.entry(entity).or_default();
        if list.len() >= OF_ONE {
            list.pop_front();
        }
        list.push_back(key);
    }

    fn count(&mut self, channel: Option<Channel>, what: &'static str) {
        *self.tally.entry((channel, what)).or_default() += 1;
    }

    /// An attempt that is not the next one is a repeat and changes nothing.
    fn settle(&mut self, key: Key, attempt: u32, outcome: Outcome, at: Micros) {
        if let Some(open) = self.open.get_mut(&key) {
            if attempt != open.attempts.saturating_add(1) {
                return;
            }
            (open.attempts, open.since) = (attempt, at);
            match outcome {
                Outcome::Retry(channel, why) => {
                    open.last = Some((channel, why));
                    open.tries += 1;
                    self.count(Some(channel), "retry");
                }
                Outcome::Failed(channel, why) => {
                    (open.last, open.tries) = (Some((channel, why)), 0);
                    open.failed.push(channel);
                    self.count(Some(channel), "failed");
                }
                Outcome::Sent(channel) => self.end(key, Stands::Sent(channel), Some(channel), "sent"),
                Outcome::Delivered(channel) => self.end(key, Stands::Delivered(channel), Some(channel), "delivered"),
                Outcome::Told(n) => self.end(key, Stands::Told(n), None, "told"),
                Outcome::GivenUp(why) => self.end(key, Stands::GivenUp(why), None, "given-up"),
            }
            return;
        }
        self.receipt(key, attempt, outcome, at);
    }

    fn end(&mut self, key: Key, stands: Stands, channel: Option<Channel>, what: &'static str) {
        self.count(channel, what);
        let Some(open) = self.open.remove(&key) else { return };
        self.ended.insert(key, Ended { open, stands });
        self.order.push_back(key);
        while self.order.len() > KEPT {
            if let Some(old) = self.order.pop_front() {
                self.forget(old);
            }
        }
    }

    fn forget(&mut self, key: Key) {
        let about = self.ended.remove(&key).and_then(|e| e.open.about);
        let Some(entity) = about else { return };
        if let Some(list) = self.about.get_mut(&entity) {
            list.retain(|k| *k != key);
            if list.is_empty() {
                self.about.remove(&entity);
            }
        }
    }

    /// What was sent arrived, or did not: then the receiver's next channel is tried.
    fn receipt(&mut self, key: Key, attempt: u32, outcome: Outcome, at: Micros) {
        let Some(ended) = self.ended.get_mut(&key) else { return };
        let Stands::Sent(channel) = ended.stands else { return };
        if attempt != ended.open.attempts.saturating_add(1) {
            return;
        }
        (ended.open.attempts, ended.open.since) = (attempt, at);
        match outcome {
            Outcome::Delivered(_) => {
                ended.stands = Stands::Delivered(channel);
                self.count(Some(channel), "delivered");
            }
            Outcome::Failed(_, why) => {
                self.order.retain(|k| *k != key);
                if let Some(Ended { mut open, .. }) = self.ended.remove(&key) {
                    (open.last, open.tries) = (Some((channel, why)), 0);
                    open.failed.push(channel);
                    self.open.insert(key, open);
                    self.count(Some(channel), "failed");
                }
            }
            _ => {}
        }
    }

    /// The last transaction taken in.
    pub fn upto(&self) -> Seq {
        self.upto
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = (&Key, &Open)> {
        self.open.iter()
    }

    pub(crate) fn one_open(&self, key: Key) -> Option<&Open> {
        self.open.get(&key)
    }

    /// Attempts of one that was sent and waits for no more than a receipt, and its channel.
    pub(crate) fn sent(&self, key: Key) -> Option<(u32, Channel)> {
        let ended = self.ended.get(&key)?;
        match ended.stands {
            Stands::Sent(channel) => Some((ended.open.attempts, channel)),
            _ => None,
        }
    }

    /// Where one stands; `None`: no intent, or one that ended long ago.
    pub fn one(&self, key: Key) -> Option<Delivery> {
        let told = |open: &Open, stands| Delivery { key, at: open.at, changed: open.since, about: open.about, stands };
        match (self.open.get(&key), self.ended.get(&key)) {
            (Some(open), _) => Some(told(open, Stands::Waiting { attempts: open.attempts, last: open.last })),
            (None, Some(ended)) => Some(told(&ended.open, ended.stands)),
            (None, None) => None,
        }
    }

    /// How many are not done with.
    pub fn waiting(&self) -> usize {
        self.open.len()
    }

    /// When the oldest of them was asked for.
    pub fn oldest(&self) -> Option<Micros> {
        self.open.values().map(|o| o.at).min()
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Those that are not done with, the oldest first.
    pub fn late(&self, most: usize) -> Vec<Delivery> {
        self.open.keys().filter_map(|k| self.one(*k)).take(most).collect()
    }

    /// Those given up last, newest first.
    pub fn given_up(&self, most: usize) -> Vec<GivenUp> {
        let all = self.order.iter().rev().filter_map(|k| self.one(*k));
        let all = all.filter_map(|d| match d.stands {
            Stands::GivenUp(why) => Some((d, why)),
            _ => None,
        });
        all.take(most).collect()
    }

    /// Messages about a record, newest first.
    pub fn about(&self, entity: EntityId) -> Vec<Delivery> {
        let keys = self.about.get(&entity);
        keys.into_iter().flat_map(|all| all.iter().rev()).filter_map(|k| self.one(*k)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_it_was_written_and_nothing_else_is_one() {
        let key = Key { intent: Seq(12), index: 3 };
        assert_eq!(key.to_string().parse(), Ok(key));
        for wrong in ["", "12", "12-", "-3", "+12-3", "12-3-4", "x-1"] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
    }
}
