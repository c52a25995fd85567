//! Texts for people: a key of the plugin's message files, or data shown as it is.

use crate::bindings::changzhi::platform::types::Msg;
use crate::value::named;
use crate::{Text, Value};

/// A message of the plugin's message files, by its key.
pub fn key(key: &str) -> Text {
    Text::key(key)
}

impl Text {
    /// A message of the plugin's message files, by its key.
    pub fn key(key: &str) -> Text {
        Text::Msg(Msg { key: key.to_owned(), args: Vec::new() })
    }

    /// Data shown as it is; never markup.
    pub fn plain(text: impl Into<String>) -> Text {
        Text::Plain(text.into())
    }

    /// Adds an argument to a message; a plain text stays as it is.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Text {
        if let Text::Msg(msg) = &mut self {
            msg.args.push(named(name, value));
        }
        self
    }
}

/// A text written in the source is a message key: people read it in their own language.
impl From<&'static str> for Text {
    fn from(key: &'static str) -> Text {
        Text::key(key)
    }
}

/// A text made at run time is data, shown as it is.
impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::Plain(text)
    }
}
