//! How the line to the broker stands: for `/admin/devices`, `/readyz` and `/metrics`.

use changzhi_model::Micros;
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Refusals that are kept to be shown; all are counted.
const KEPT: usize = 50;
/// Characters of a topic that are shown.
const TOPIC: usize = 120;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Link {
    /// Not connected yet since the start.
    Starting,
    Up,
    /// Why, in the words of the network or the broker.
    Down(String),
}

/// A message that was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    pub at: Micros,
    pub topic: String,
    /// A word of the closed list: `wrong-signature`.
    pub why: &'static str,
}

/// The line at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// Scheme, host and port.
    pub broker: String,
    pub prefix: String,
    pub link: Link,
    /// Since when the link is so.
    pub since: Micros,
    /// The last message of any device.
    pub last: Option<Micros>,
    /// How often it was connected since the start.
    pub connected: u64,
    /// Messages by kind (`press`, `alive`, `other`) and what became of them.
    pub tally: BTreeMap<(&'static str, &'static str), u64>,
    /// Newest first.
    pub refused: VecDeque<Refused>,
}

impl Look {
    pub fn is_up(&self) -> bool {
        self.link == Link::Up
    }
}

/// Shared by the adapter, which writes, and the pages, which read.
#[derive(Clone, Debug)]
pub struct Line(Arc<Mutex<Look>>);

impl Line {
    pub(crate) fn new(broker: String, prefix: String, now: Micros) -> Line {
        Line(Arc::new(Mutex::new(Look {
            broker,
            prefix,
            link: Link::Starting,
            since: now,
            last: None,
            connected: 0,
            tally: BTreeMap::new(),
            refused: VecDeque::new(),
        })))
    }

    pub fn look(&self) -> Look {
        self.0.lock().clone()
    }

    pub(crate) fn up(&self, now: Micros) {
        let mut look = self.0.lock();
        look.connected += 1;
        (look.link, look.since) = (Link::Up, now);
    }

    /// Down for another reason is still the same time down.
    pub(crate) fn down(&self, why: &str, now: Micros) {
        let mut look = self.0.lock();
        if !matches!(look.link, Link::Down(_)) {
            look.since = now;
        }
        look.link = Link::Down(why.chars().take(200).collect());
    }

    pub(crate) fn since(&self) -> Micros {
        self.0.lock().since
    }

    pub(crate) fn took(&self, kind: &'static str, word: &'static str, now: Micros) {
        let mut look = self.0.lock();
        look.last = Some(now);
        *look.tally.entry((kind, word)).or_default() += 1;
    }

    pub(crate) fn refused(&self, kind: &'static str, topic: &str, why: &'static str, now: Micros) {
        self.took(kind, why, now);
        let topic = topic.chars().filter(|c| !c.is_control()).take(TOPIC).collect();
        let mut look = self.0.lock();
        look.refused.push_front(Refused { at: now, topic, why });
        look.refused.truncate(KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_down_counts_from_the_first_failure_and_refusals_are_kept_in_bounds() {
        let line = Line::new("mqtt://b:1".into(), "p".into(), Micros(1));
        line.down("refused", Micros(2));
        line.down("timeout", Micros(9));
        assert_eq!((line.look().link, line.since()), (Link::Down("timeout".into()), Micros(2)));
        line.up(Micros(10));
        assert!(line.look().is_up() && line.since() == Micros(10) && line.look().connected == 1);
        for n in 0..200 {
            line.refused("press", &"路\n".repeat(300), "wrong-signature", Micros(n));
        }
        let look = line.look();
        assert_eq!((look.refused.len(), look.tally[&("press", "wrong-signature")]), (KEPT, 200));
        assert_eq!((look.refused[0].at, look.refused[0].topic.chars().count()), (Micros(199), TOPIC));
    }
}
