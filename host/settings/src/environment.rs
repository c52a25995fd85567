//! Settings in the environment.

use crate::check::Source;
use crate::error::Problem;
use crate::table::{Found, find};
use figment::value::{Dict, Value};
use std::ffi::OsString;

/// Every variable that starts with this is a setting, but for those of the tests and of the command line.
pub const PREFIX: &str = "CHANGZHI_";
/// `CHANGZHI_SHARED` is where tests find real data, `CHANGZHI_SETTINGS` may name the file, `CHANGZHI_TOKEN` says who asks a running
/// host (`changzhi job`).
const OTHERS: [&str; 3] = ["shared", "settings", "token"];

pub(crate) fn read(vars: impl Iterator<Item = (OsString, OsString)>, problems: &mut Vec<Problem>) -> Source {
    let mut dict = Dict::new();
    for (name, value) in vars {
        let Some(key) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).map(str::to_ascii_lowercase) else {
            continue;
        };
        if OTHERS.contains(&key.as_str()) {
            continue;
        }
        let path: Vec<String> = key.split("__").map(String::from).collect();
        let tell =
            |reason: &str| Problem { from: variable(&path.join(".")), key: path.join("."), reason: reason.into() };
        let Some(text) = value.to_str() else {
            problems.push(tell("is not UTF-8; write it in UTF-8"));
            continue;
        };
        let value = match find(&path) {
            Found::Setting(setting) if setting.kind.is_text() => Value::from(text),
            // Cannot fail: what reads as nothing else is a text.
            _ => text.parse().unwrap_or_else(|_| Value::from(text)),
        };
        if !insert(&mut dict, &path, value) {
            problems.push(tell("another variable gives the settings above or below it; unset one"));
        }
    }
    Source { dict, name: Box::new(variable) }
}

fn variable(key: &str) -> String {
    format!("environment variable {PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

fn insert(dict: &mut Dict, path: &[String], value: Value) -> bool {
    match path {
        [] => false,
        [last] => dict.insert(last.clone(), value).is_none(),
        [first, rest @ ..] => match dict.entry(first.clone()).or_insert_with(|| Value::from(Dict::new())) {
            Value::Dict(_, inner) => insert(inner, rest, value),
            _ => false,
        },
    }
}
