//! What waits to be sent to one reader, and the body its answer is.
//!
//! A letter with a slot takes the place of the one that waits in the same slot: a slow reader gets the newest form of each
//! section, never a backlog. Letters with a number leave in the order of their numbers, so that whoever heard one has heard all
//! before it: that is what `Last-Event-ID` stands on.

use bytes::Bytes;
use hyper::body::{Body, Frame};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Something to be said.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// See the module; `None` takes nobody's place.
    pub(super) slot: Option<u64>,
    /// Where it stands among all that was said; 0: it does not matter.
    pub(super) number: u64,
    pub(super) bytes: Bytes,
    /// The same for readers that unpack; `None`: these too are sent `bytes`.
    pub(super) packed: Option<Bytes>,
}

impl Letter {
    pub(super) fn plain(bytes: Bytes) -> Letter {
        Letter { slot: None, number: 0, bytes, packed: None }
    }
}

#[derive(Default)]
struct Inner {
    letters: VecDeque<Letter>,
    waker: Option<Waker>,
    closed: bool,
}

pub(super) struct Inbox {
    inner: Mutex<Inner>,
    most: usize,
    /// Its reader unpacks.
    packs: bool,
}

impl Inbox {
    pub(super) fn new(most: usize, packs: bool) -> Inbox {
        Inbox { inner: Mutex::new(Inner::default()), most, packs }
    }

    /// Too many waiting: all are dropped, and `instead` is said.
    pub(super) fn put(&self, letter: &Letter, instead: impl FnOnce() -> Bytes) {
        let mut inner = self.inner.lock();
        if inner.closed {
            return;
        }
        if let Some(slot) = letter.slot {
            // Not in its place: the newer one has a higher number.
            inner.letters.retain(|l| l.slot != Some(slot));
        }
        if inner.letters.len() >= self.most {
            inner.letters.clear();
            inner.letters.push_back(Letter::plain(instead()));
        }
        inner.letters.push_back(letter.clone());
        wake(inner);
    }

    /// Puts what waits in order. Needed once, when a stream begins: what was said before it joined meets what is said now.
    pub(super) fn settle(&self) {
        self.inner.lock().letters.make_contiguous().sort_by_key(|l| l.number);
    }

    /// Says this last and ends; what waited is not sent.
    pub(super) fn close_with(&self, last: Option<Bytes>) {
        let mut inner = self.inner.lock();
        if !inner.closed {
            inner.letters.clear();
            inner.letters.extend(last.map(Letter::plain));
            inner.closed = true;
        }
        wake(inner);
    }
}

/// Outside the lock: the reader's task may run at once.
fn wake(mut inner: parking_lot::MutexGuard<'_, Inner>) {
    let waker = inner.waker.take();
    drop(inner);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The body of a stream. Dropped with its connection, it lets its keeper know.
pub(super) struct Reader<K> {
    pub(super) inbox: Arc<Inbox>,
    /// Dropped when the reader is gone.
    pub(super) _keep: K,
}

impl<K: Unpin> Body for Reader<K> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut inner = self.inbox.inner.lock();
        match inner.letters.pop_front() {
            Some(letter) => {
                let packed = letter.packed.filter(|_| self.inbox.packs);
                Poll::Ready(Some(Ok(Frame::data(packed.unwrap_or(letter.bytes)))))
            }
            None if inner.closed => Poll::Ready(None),
            None => {
                inner.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
impl Inbox {
    /// How many letters wait.
    pub(super) fn letters(&self) -> usize {
        self.inner.lock().letters.len()
    }

    /// All that waits, as one text.
    pub(super) fn all(&self) -> String {
        self.inner.lock().letters.iter().map(|l| String::from_utf8_lossy(&l.bytes).into_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inbox: &Arc<Inbox>) -> Vec<String> {
        let mut reader = Reader { inbox: Arc::clone(inbox), _keep: () };
        let mut cx = Context::from_waker(Waker::noop());
        let mut out = Vec::new();
        while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut reader).poll_frame(&mut cx) {
            out.push(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap());
        }
        out
    }

    fn letter(slot: Option<u64>, number: u64, text: &str) -> Letter {
        Letter { slot, number, bytes: Bytes::from(text.to_owned()), packed: None }
    }

    #[test]
    fn a_slow_reader_gets_the_newest_form_of_each_section_and_every_alarm() {
        let inbox = Arc::new(Inbox::new(8, false));
        for n in 1..100 {
            inbox.put(&letter(Some(n % 2), n, &format!("{n} ")), || panic!("it never fills"));
        }
        inbox.put(&letter(None, 0, "alarm"), || panic!("it never fills"));
        assert_eq!(read(&inbox), ["98 ", "99 ", "alarm"]);
        assert!(read(&inbox).is_empty());
    }

    #[test]
    fn one_that_does_not_read_at_all_is_told_to_fetch_again() {
        let inbox = Arc::new(Inbox::new(4, false));
        for n in 0..6 {
            inbox.put(&letter(None, 0, &n.to_string()), || Bytes::from_static(b"resync"));
        }
        assert_eq!(read(&inbox), ["resync", "4", "5"]);
    }

    #[test]
    fn what_was_said_before_comes_before_what_is_said_while_a_stream_begins() {
        let inbox = Arc::new(Inbox::new(8, false));
        for (slot, number) in [(1, 40), (2, 12), (3, 41), (4, 7)] {
            inbox.put(&letter(Some(slot), number, &format!("{number} ")), Bytes::new);
        }
        inbox.put(&letter(None, 0, "hello "), Bytes::new);
        inbox.settle();
        assert_eq!(read(&inbox), ["hello ", "7 ", "12 ", "40 ", "41 "]);
    }

    #[test]
    fn only_a_reader_that_unpacks_is_sent_what_is_packed() {
        for (packs, wanted) in [(true, "packed"), (false, "plain")] {
            let inbox = Arc::new(Inbox::new(4, packs));
            inbox.put(&Letter { packed: Some(Bytes::from_static(b"packed")), ..letter(None, 0, "plain") }, Bytes::new);
            inbox.put(&letter(None, 0, "short"), Bytes::new);
            assert_eq!(read(&inbox), [wanted, "short"]);
        }
    }

    #[test]
    fn nothing_is_sent_after_the_last_word() {
        let inbox = Arc::new(Inbox::new(4, false));
        let put = |text: &str| inbox.put(&letter(None, 0, text), Bytes::new);
        put("secret");
        inbox.close_with(Some(Bytes::from_static(b"auth")));
        put("more");
        inbox.close_with(Some(Bytes::from_static(b"again")));
        assert_eq!(read(&inbox), ["auth"]);
    }
}
