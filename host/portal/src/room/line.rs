//! What waits for one peer, and the stream it is sent by.
//!
//! Letters are numbered and kept for a while after they were sent: a stream that broke begins again behind the last one its browser
//! heard (`Last-Event-ID`). A newer stream of the same peer ends the older one. Whoever is further behind than what is kept is told to
//! join again, since a lost word would leave a connection half made.

use super::letter::{self, Over};
use bytes::Bytes;
use hyper::body::{Body, Frame};
use parking_lot::{Mutex, MutexGuard};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

#[derive(Default)]
struct Inner {
    letters: VecDeque<Bytes>,
    /// Number of the first of them.
    first: u64,
    bytes: usize,
    /// Number of the next to be sent.
    at: u64,
    /// Which stream is the one.
    reader: u64,
    beats: bool,
    over: Option<Bytes>,
    done: bool,
    waker: Option<Waker>,
}

pub(super) struct Line {
    inner: Mutex<Inner>,
    /// Bytes kept.
    most: usize,
}

impl Line {
    pub(super) fn new(most: usize) -> Line {
        Line { inner: Mutex::new(Inner { first: 1, at: 1, ..Inner::default() }), most }
    }

    pub(super) fn put(&self, letter: Bytes) {
        let mut inner = self.inner.lock();
        inner.bytes += letter.len();
        inner.letters.push_back(letter);
        while inner.bytes > self.most {
            let Some(gone) = inner.letters.pop_front() else { break };
            inner.bytes -= gone.len();
            inner.first += 1;
        }
        wake(inner);
    }

    /// Says that the host is there.
    pub(super) fn beat(&self) {
        let mut inner = self.inner.lock();
        inner.beats = true;
        wake(inner);
    }

    /// Says why, last of all, and ends; what waited is not sent.
    pub(super) fn end(&self, why: Over) {
        let mut inner = self.inner.lock();
        if inner.over.is_none() {
            inner.letters.clear();
            inner.over = Some(letter::over(why));
        }
        wake(inner);
    }

    /// A stream from behind this number on; any other of the line ends.
    pub(super) fn read(self: &Arc<Self>, heard: Option<u64>) -> Reader {
        let mut inner = self.inner.lock();
        inner.reader += 1;
        if let Some(heard) = heard {
            inner.at = heard.saturating_add(1).min(inner.next());
        }
        let id = inner.reader;
        wake(inner);
        Reader { line: Arc::clone(self), id }
    }
}

impl Inner {
    /// Number of the next letter put.
    fn next(&self) -> u64 {
        self.first + self.letters.len() as u64
    }
}

/// Outside the lock: the reader's task may run at once.
fn wake(mut inner: MutexGuard<'_, Inner>) {
    let waker = inner.waker.take();
    drop(inner);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The body of a stream.
pub(super) struct Reader {
    line: Arc<Line>,
    id: u64,
}

impl Body for Reader {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let send = |bytes: Bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        let mut inner = self.line.inner.lock();
        if inner.reader != self.id || inner.done {
            return Poll::Ready(None);
        }
        if let Some(over) = inner.over.clone() {
            inner.done = true;
            return send(over);
        }
        if inner.at < inner.first {
            inner.done = true;
            return send(letter::over(Over::Behind));
        }
        let waits = usize::try_from(inner.at - inner.first).ok().and_then(|at| inner.letters.get(at)).cloned();
        if let Some(letter) = waits {
            let id = format!("id: {}\n", inner.at);
            inner.at += 1;
            return send([id.as_bytes(), &letter].concat().into());
        }
        if std::mem::take(&mut inner.beats) {
            return send(letter::beat());
        }
        inner.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(reader: &mut Reader) -> Vec<String> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut out = Vec::new();
        while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut *reader).poll_frame(&mut cx) {
            let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
            out.push(text.trim_end().replace('\n', " "));
        }
        out
    }

    fn line(letters: &[&'static str]) -> Arc<Line> {
        let line = Arc::new(Line::new(16));
        letters.iter().for_each(|l| line.put(Bytes::from_static(l.as_bytes())));
        line
    }

    #[test]
    fn what_was_said_before_the_stream_began_is_sent_first_and_a_broken_one_goes_on_where_it_was() {
        let line = line(&["a", "b", "c"]);
        let mut first = line.read(None);
        assert_eq!(read(&mut first), ["id: 1 a", "id: 2 b", "id: 3 c"]);
        line.put("d".into());
        let mut again = line.read(Some(1));
        assert!(read(&mut first).is_empty(), "the older stream is over");
        assert_eq!(read(&mut again), ["id: 2 b", "id: 3 c", "id: 4 d"]);
        line.beat();
        line.beat();
        assert_eq!(read(&mut again), ["event: beat data: {}"]);
        // A number from the future is no way to miss what comes.
        let mut wild = line.read(Some(u64::MAX));
        line.put("e".into());
        assert_eq!(read(&mut wild), ["id: 5 e"]);
    }

    #[test]
    fn whoever_missed_what_is_not_kept_any_more_is_told_to_join_again() {
        let line = line(&["0123456789", "0123456789", "x"]);
        assert_eq!(read(&mut line.read(None)), [r#"event: over data: {"why":"behind"}"#]);
    }

    #[test]
    fn the_last_word_is_the_last() {
        let line = line(&["secret"]);
        line.end(Over::Member);
        line.put("more".into());
        line.end(Over::Stop);
        let mut reader = line.read(None);
        assert_eq!(read(&mut reader), [r#"event: over data: {"why":"member"}"#]);
        line.put("after".into());
        assert!(read(&mut reader).is_empty() && read(&mut line.read(Some(0))).is_empty());
    }
}
