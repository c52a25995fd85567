//! The ways out: a closed list.

use std::fmt;
use std::str::FromStr;

/// A way to somebody. Its name is journaled and shown: it never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    Sms,
    Mail,
    /// A browser's push service (RFC 8030).
    Push,
}

impl Channel {
    pub const ALL: [Channel; 3] = [Channel::Sms, Channel::Mail, Channel::Push];

    pub const fn name(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Mail => "mail",
            Channel::Push => "push",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Channel {
    type Err = ();

    fn from_str(name: &str) -> Result<Channel, ()> {
        Channel::ALL.into_iter().find(|c| c.name() == name).ok_or(())
    }
}
