//! A source of settings against the table, and the settings against themselves.

use crate::error::Problem;
use crate::kind::{is_name, said};
use crate::settings::Settings;
use crate::table::{Found, find, nearest};
use figment::value::{Dict, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file or the environment, read.
pub(crate) struct Source {
    pub(crate) dict: Dict,
    /// What to call the place of a key.
    pub(crate) name: Box<dyn Fn(&str) -> String>,
}

impl Source {
    fn problem(&self, path: &[String], reason: String) -> Problem {
        let key = path.join(".");
        Problem { from: (self.name)(&key), key, reason }
    }

    pub(crate) fn check(&self, problems: &mut Vec<Problem>) {
        self.walk(&mut Vec::new(), &self.dict, problems);
    }

    fn walk(&self, path: &mut Vec<String>, dict: &Dict, problems: &mut Vec<Problem>) {
        for (part, value) in dict {
            path.push(part.clone());
            match (find(path), value) {
                (Found::Setting(setting), value) => {
                    if let Err(reason) = setting.kind.check(value) {
                        problems.push(self.problem(path, reason));
                    }
                }
                (Found::Group, Value::Dict(_, inner)) => {
                    // Only the second part of a key is chosen by the operator.
                    if path.len() == 2 && !is_name(part) {
                        let reason = format!("{part:?} is no name; use small letters, digits and hyphens");
                        problems.push(self.problem(path, reason));
                    }
                    self.walk(path, inner, problems);
                }
                (Found::Group, value) => {
                    let reason = format!("{} stands where settings below `{}.` belong", said(value), path.join("."));
                    problems.push(self.problem(path, reason));
                }
                (Found::Unknown, _) => {
                    let near = nearest(path).map_or(String::new(), |key| format!("; did you mean `{key}`?"));
                    problems.push(self.problem(path, format!("no such setting{near}")));
                }
            }
            path.pop();
        }
    }

    /// Every key it gives, dotted.
    pub(crate) fn keys(&self) -> impl Iterator<Item = String> {
        let mut keys = Vec::new();
        let mut open = vec![(String::new(), &self.dict)];
        while let Some((path, dict)) = open.pop() {
            for (part, value) in dict {
                let key = if path.is_empty() { part.clone() } else { format!("{path}.{part}") };
                match value {
                    Value::Dict(_, inner) => open.push((key, inner)),
                    _ => keys.push(key),
                }
            }
        }
        keys.into_iter()
    }

    fn holds(&self, key: &str) -> bool {
        let mut parts = key.split('.');
        let first = parts.next().and_then(|part| self.dict.get(part));
        parts.fold(first, |value, part| value.and_then(Value::as_dict)?.get(part)).is_some()
    }
}

/// What no single key shows: sets that lack something, and divisions in two sets.
pub(crate) fn check_whole(settings: &Settings, sources: &[Source], problems: &mut Vec<Problem>) {
    let mut tell = |key: String, reason: String| {
        let from = sources.iter().rev().find(|source| source.holds(&key)).map(|source| (source.name)(&key));
        problems.push(Problem { from: from.unwrap_or_default(), key, reason });
    };
    let turn = settings.room.turn.as_ref().map(PathBuf::from);
    for (has, key, lacks) in [
        (&settings.tls.certificate, "tls.certificate", ("tls.key", &settings.tls.key)),
        (&settings.tls.key, "tls.key", ("tls.certificate", &settings.tls.certificate)),
        (&settings.room.turn_secret, "room.turn_secret", ("room.turn", &turn)),
        (&turn, "room.turn", ("room.turn_secret", &settings.room.turn_secret)),
    ] {
        if has.is_some() && lacks.1.is_none() {
            tell(key.into(), format!("`{}` is missing; give both, or neither", lacks.0));
        }
    }
    let cap = [("sender", &settings.cap.sender), ("address", &settings.cap.address), ("name", &settings.cap.name)];
    if cap.iter().any(|(_, value)| value.is_some()) {
        for (key, _) in cap.iter().filter(|(_, value)| value.is_none()) {
            tell(
                "cap".into(),
                format!("`cap.{key}` is missing; give `cap.sender`, `cap.address` and `cap.name`, or none of them"),
            );
        }
    }
    if settings.room.relay_only && turn.is_none() {
        tell("room.relay_only".into(), "there is no relay; give `room.turn` and `room.turn_secret`".into());
    }
    if settings.tls.proxy && settings.tls.certificate.is_some() {
        tell("tls.proxy".into(), "the host has a certificate of its own; take one of the two out".into());
    }
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, set) in &settings.sets {
        if set.plugins.is_empty() {
            tell(format!("sets.{name}"), format!("has no plugins; give `sets.{name}.plugins`"));
        }
        if set.divisions.is_empty() {
            tell(format!("sets.{name}"), format!("has no divisions; give `sets.{name}.divisions`"));
        }
        for code in &set.divisions {
            if let Some(other) = taken.insert(code, name) {
                tell(format!("sets.{name}.divisions"), format!("{code} is in the set {other} already; take one out"));
            }
        }
    }
}
