//! What became of one attempt, and the few words it is journaled in.
//!
//! `Fact::Settled` holds a text; it is written and read here and nowhere else:
//!
//! | journaled | means | final |
//! |---|---|---|
//! | Ok `sent CHANNEL` | the channel took it | unless a receipt comes |
//! | Ok `delivered CHANNEL` | the gateway says it arrived | yes |
//! | Ok `told N` | it became N intents, one for each person | yes |
//! | Err `retry CHANNEL WHY` | tried again later by the same channel | no |
//! | Err `failed CHANNEL WHY` | this channel never; the receiver's next one is tried | no |
//! | Err `given-up WHY` | nothing more is tried | yes |

use crate::Channel;
use std::fmt;

/// Why something was not sent. A closed list with at most a number: a reason can hold no address and no word of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// The receiver has no way that this host is connected to.
    NoChannel,
    /// Nobody holds the role there, or the account is closed.
    Nobody,
    /// What is written there is no address of this channel.
    NoAddress,
    /// The address or a word was erased (CHARTER 8).
    Erased,
    /// A word opens for members alone, and the receiver is none.
    NotAMember,
    /// Its time had passed before it could be sent.
    Over,
    /// The intent is of a kind or shape this host does not know.
    Unreadable,
    /// The message has no such words.
    NoWords,
    /// No answer in time.
    Timeout,
    /// No connection.
    Unreachable,
    /// No trust in the other side's certificate.
    Untrusted,
    /// An HTTP status.
    Status(u16),
    /// A reply of a mail server.
    Reply(u16),
    /// The answer is no success by the setting `sms.success`.
    Answer,
    /// The answer is larger than any honest one.
    TooLarge,
    /// The push service is not one of those in the settings.
    NotAllowed,
    /// The receipt says it did not arrive.
    Undelivered,
    /// The journal could not be read or written for it.
    Journal,
    /// A bug of the adapter.
    Bug,
}

impl Why {
    const PLAIN: [(Why, &'static str); 17] = [
        (Why::NoChannel, "no-channel"),
        (Why::Nobody, "nobody"),
        (Why::NoAddress, "no-address"),
        (Why::Erased, "erased"),
        (Why::NotAMember, "not-a-member"),
        (Why::Over, "over"),
        (Why::Unreadable, "unreadable"),
        (Why::NoWords, "no-words"),
        (Why::Timeout, "timeout"),
        (Why::Unreachable, "unreachable"),
        (Why::Untrusted, "untrusted"),
        (Why::Answer, "answer"),
        (Why::TooLarge, "too-large"),
        (Why::NotAllowed, "not-allowed"),
        (Why::Undelivered, "undelivered"),
        (Why::Journal, "journal"),
        (Why::Bug, "bug"),
    ];

    /// Its name without the number: for words on pages.
    pub fn name(self) -> &'static str {
        match self {
            Why::Status(_) => "status",
            Why::Reply(_) => "reply",
            plain => Why::PLAIN.iter().find(|(why, _)| *why == plain).map_or("bug", |(_, name)| name),
        }
    }

    pub fn number(self) -> Option<u16> {
        match self {
            Why::Status(n) | Why::Reply(n) => Some(n),
            _ => None,
        }
    }

    fn read(word: &str) -> Option<Why> {
        let number = |head: &str| word.strip_prefix(head).and_then(|n| n.parse().ok());
        if let Some(n) = number("status-") {
            return Some(Why::Status(n));
        }
        if let Some(n) = number("reply-") {
            return Some(Why::Reply(n));
        }
        Why::PLAIN.iter().find(|(_, name)| *name == word).map(|(why, _)| *why)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(n) => write!(f, "{}-{n}", self.name()),
            None => f.write_str(self.name()),
        }
    }
}

/// What an adapter, or the opening before it, says when nothing was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// It may go well another time.
    Later(Why),
    /// Not by this channel, however often.
    Never(Why),
}

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Sent(Channel),
    Delivered(Channel),
    Told(u32),
    Retry(Channel, Why),
    Failed(Channel, Why),
    GivenUp(Why),
}

impl Outcome {
    pub fn write(self) -> Result<String, String> {
        match self {
            Outcome::Sent(channel) => Ok(format!("sent {channel}")),
            Outcome::Delivered(channel) => Ok(format!("delivered {channel}")),
            Outcome::Told(n) => Ok(format!("told {n}")),
            Outcome::Retry(channel, why) => Err(format!("retry {channel} {why}")),
            Outcome::Failed(channel, why) => Err(format!("failed {channel} {why}")),
            Outcome::GivenUp(why) => Err(format!("given-up {why}")),
        }
    }

    /// `None`: written by a newer host. Such an attempt counts as given up: nothing is done twice for want of a word.
    pub fn read(journaled: &Result<String, String>) -> Option<Outcome> {
        let text = journaled.as_ref().unwrap_or_else(|e| e);
        let mut words = text.split(' ');
        let (head, one, two) = (words.next()?, words.next()?, words.next());
        let channel = || one.parse().ok();
        let why = || Why::read(two?);
        Some(match (journaled.is_ok(), head) {
            (true, "sent") => Outcome::Sent(channel()?),
            (true, "delivered") => Outcome::Delivered(channel()?),
            (true, "told") => Outcome::Told(one.parse().ok()?),
            (false, "retry") => Outcome::Retry(channel()?, why()?),
            (false, "failed") => Outcome::Failed(channel()?, why()?),
            (false, "given-up") => Outcome::GivenUp(Why::read(one)?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_reads_as_it_was_written() {
        let plain = Why::PLAIN.iter().map(|(why, _)| *why);
        for why in plain.chain([Why::Status(503), Why::Reply(451)]) {
            let all = Channel::ALL.into_iter().flat_map(|c| {
                [Outcome::Sent(c), Outcome::Delivered(c), Outcome::Retry(c, why), Outcome::Failed(c, why)]
            });
            for outcome in all.chain([Outcome::Told(3), Outcome::GivenUp(why)]) {
                assert_eq!(Outcome::read(&outcome.write()), Some(outcome));
            }
        }
        for other in [Ok("carved stone".to_owned()), Err("sent sms".to_owned()), Ok(String::new())] {
            assert_eq!(Outcome::read(&other), None);
        }
    }
}
