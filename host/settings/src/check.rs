//! What is wrong with settings: where, which key, why.

use crate::keys::{KEYS, Key, Kind, SET_KEYS};
use figment::value::{Dict, Value};
use std::fmt;

/// One wrong setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file, or `environment`.
    pub place: String,
    pub key: String,
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.key, self.reason)
    }
}

/// Every wrong setting of one start.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("wrong settings:\n{}", .0.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
pub struct SettingsError(pub Vec<Problem>);

/// Checks one source's values against the keys.
pub(crate) fn check(place: &str, values: &Dict) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(place, "", values, &mut problems);
    problems
}

fn walk(place: &str, under: &str, values: &Dict, problems: &mut Vec<Problem>) {
    for (name, value) in values {
        let full = if under.is_empty() { name.clone() } else { format!("{under}.{name}") };
        let mut wrong = |reason: String| problems.push(Problem { place: place.into(), key: full.clone(), reason });
        if let Some(key) = KEYS.iter().find(|k| k.name == full) {
            if let Some(reason) = mismatch(key, value) {
                wrong(reason);
            }
        } else if let Some(set) = full.strip_prefix("sets.") {
            match (set.split_once('.'), value) {
                (None, Value::Dict(_, inner)) => walk(place, &full, inner, problems),
                (None, _) => wrong("a set is a table: write [sets.NAME]".into()),
                (Some((_, list)), value) if SET_KEYS.contains(&list) => {
                    let texts =
                        value.as_array().is_some_and(|a| a.iter().all(|v| v.as_str().is_some_and(|s| !s.is_empty())));
                    if !texts {
                        wrong("must be a list of texts, for example [\"360121\"]".into());
                    }
                }
                (Some((set, list)), _) => {
                    wrong(unknown(list, SET_KEYS.map(|k| format!("sets.{set}.{k}")).into_iter(), set))
                }
            }
        } else if full == "sets" || KEYS.iter().any(|k| k.name.strip_prefix(&full).is_some_and(|r| r.starts_with('.')))
        {
            match value {
                Value::Dict(_, inner) => walk(place, &full, inner, problems),
                _ => wrong(format!("is a table: write [{full}]")),
            }
        } else {
            wrong(unknown(&full, KEYS.iter().map(|k| k.name.to_owned()), ""));
        }
    }
}

fn mismatch(key: &Key, value: &Value) -> Option<String> {
    let fits = match key.kind {
        Kind::Text => value.as_str().is_some_and(|s| !s.is_empty()),
        Kind::Address => value.as_str().is_some_and(|s| s.parse::<std::net::SocketAddr>().is_ok()),
        Kind::Flag => value.to_bool().is_some(),
        Kind::Count { min, max } => value
            .to_u128()
            .or_else(|| value.to_i128().and_then(|n| u128::try_from(n).ok()))
            .is_some_and(|n| (u128::from(min)..=u128::from(max)).contains(&n)),
        Kind::OneOf(words) => value.as_str().is_some_and(|s| words.contains(&s)),
    };
    (!fits).then(|| format!("{} is wrong: must be {}, for example {}", shown(value), key.kind(), key.example))
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(_, s) => format!("{:?}", s.chars().take(40).collect::<String>()),
        Value::Bool(_, b) => b.to_string(),
        Value::Num(_, n) => n
            .to_u128()
            .map(|n| n.to_string())
            .or_else(|| n.to_i128().map(|n| n.to_string()))
            .unwrap_or_else(|| "a fraction".into()),
        Value::Dict(..) => "a table".into(),
        Value::Array(..) => "a list".into(),
        _ => "this".into(),
    }
}

fn unknown(key: &str, known: impl Iterator<Item = String>, under: &str) -> String {
    let full = if under.is_empty() { key.to_owned() } else { format!("sets.{under}.{key}") };
    let near = known.map(|k| (distance(&full, &k), k)).min();
    match near {
        Some((d, k)) if d <= 3 || d * 3 <= full.len() => format!("is not a setting; did you mean {k}?"),
        _ => "is not a setting; `changzhi settings` lists all".into(),
    }
}

/// Edits between two keys (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((cb, cost), above) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            next.push((cost + usize::from(ca != *cb)).min(left + 1).min(above + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
