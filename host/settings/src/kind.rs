//! What a setting may hold, and whether a value does.

use figment::value::{Num, Value};

/// The type of a setting. `check` says the reason and the way to mend it in one sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Folder,
    File,
    Address,
    Level,
    Choice(&'static [&'static str]),
    Flag,
    /// Whole number, both ends allowed.
    Whole(u64, u64),
    /// One line for people.
    Line,
    /// Names of plugins.
    Plugins,
    /// Codes of divisions.
    Codes,
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
const LONGEST_TEXT: usize = 1024;
const LONGEST_LIST: usize = 1000;

impl Kind {
    /// In the environment such a value is the text as it stands, without TOML quotes.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Kind::Folder | Kind::File | Kind::Address | Kind::Level | Kind::Choice(_) | Kind::Line)
    }

    pub fn zh(self) -> String {
        match self {
            Kind::Folder => "文件夹".into(),
            Kind::File => "文件".into(),
            Kind::Address => "地址:端口".into(),
            Kind::Level => "日志级别".into(),
            Kind::Choice(of) => of.join(" 或 "),
            Kind::Flag => "true 或 false".into(),
            Kind::Whole(min, max) => format!("整数 {min}–{max}"),
            Kind::Line => "一行文字".into(),
            Kind::Plugins => "插件名列表".into(),
            Kind::Codes => "区划代码列表".into(),
        }
    }

    pub fn en(self) -> String {
        match self {
            Kind::Folder => "folder".into(),
            Kind::File => "file".into(),
            Kind::Address => "address:port".into(),
            Kind::Level => format!("one of {}, also target=level, split by commas", LEVELS.join(", ")),
            Kind::Choice(of) => of.join(" or "),
            Kind::Flag => "true or false".into(),
            Kind::Whole(min, max) => format!("whole number {min} to {max}"),
            Kind::Line => "line of text".into(),
            Kind::Plugins => "list of plugin names".into(),
            Kind::Codes => "list of division codes, each in quotes".into(),
        }
    }

    pub(crate) fn check(self, value: &Value) -> Result<(), String> {
        let wrong = || Err(format!("{} is not what it takes: {}", said(value), self.en()));
        match (self, value) {
            (Kind::Flag, Value::Bool(..)) => Ok(()),
            (Kind::Whole(min, max), Value::Num(_, num)) => match whole(num) {
                Some(n) if (i128::from(min)..=i128::from(max)).contains(&n) => Ok(()),
                _ => wrong(),
            },
            (Kind::Plugins | Kind::Codes, Value::Array(_, items)) => self.check_list(items),
            (_, Value::String(_, text)) if self.is_text() => match self {
                _ if text.is_empty() => Err(format!("it is empty; write a {}", self.en())),
                _ if text.len() > LONGEST_TEXT => Err(format!("longer than {LONGEST_TEXT} bytes; shorten it")),
                Kind::Folder | Kind::File if text.contains('\0') => Err("holds a NUL byte; take it out".into()),
                Kind::Line if text.chars().any(char::is_control) => {
                    Err("holds a control character; write it as one line".into())
                }
                Kind::Address if text.parse::<std::net::SocketAddr>().is_err() => wrong(),
                Kind::Level if !is_filter(text) => wrong(),
                Kind::Choice(of) if !of.contains(&text.as_str()) => wrong(),
                _ => Ok(()),
            },
            _ => wrong(),
        }
    }

    fn check_list(self, items: &[Value]) -> Result<(), String> {
        if items.len() > LONGEST_LIST {
            return Err(format!("has {} entries, more than {LONGEST_LIST}; split it", items.len()));
        }
        let mut seen = std::collections::BTreeSet::new();
        for item in items {
            let Some(text) = item.as_str() else {
                return Err(format!("the entry {} is no text; write it in quotes", said(item)));
            };
            let fits = if self == Kind::Plugins { is_name(text) } else { is_code(text) };
            if !fits {
                return Err(format!("the entry {text:?} is not what it takes: {}", self.en()));
            }
            if !seen.insert(text) {
                return Err(format!("the entry {text:?} is there twice; take one out"));
            }
        }
        Ok(())
    }
}

fn whole(num: &Num) -> Option<i128> {
    num.to_i128().or_else(|| num.to_u128()?.try_into().ok())
}

/// A value as the operator wrote it, cut.
pub(crate) fn said(value: &Value) -> String {
    let text = match value {
        Value::String(_, text) => format!("{text:?}"),
        Value::Char(_, c) => format!("{c:?}"),
        Value::Bool(_, b) => b.to_string(),
        Value::Num(_, n) => match whole(n) {
            Some(n) => n.to_string(),
            None => n.to_f64().map(|n| format!("{n:?}")).unwrap_or_default(),
        },
        Value::Array(..) => "a list".into(),
        Value::Dict(..) => "a table".into(),
        Value::Empty(..) => "nothing".into(),
    };
    text.chars().take(80).collect()
}

/// Of a plugin or a set: `services`, `qing-shan-hu`.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits)
}

fn is_code(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn is_filter(text: &str) -> bool {
    text.split(',').all(|part| {
        let (target, level) = part.split_once('=').map_or(("all", part), |(target, level)| (target, level));
        let named = !target.is_empty() && target.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        named && LEVELS.contains(&level)
    })
}
