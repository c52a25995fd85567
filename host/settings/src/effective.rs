//! The settings as they hold, one line each, with where each came from.

use crate::settings::Settings;
use crate::table::{Found, find};

/// One setting in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effective {
    /// Dotted, with the operator's own names in it.
    pub key: String,
    /// In TOML.
    pub value: String,
    /// The file or variable it came from; `None`: its default.
    pub from: Option<String>,
    /// What it means, in Chinese and English.
    pub zh: &'static str,
    pub en: &'static str,
}

impl Settings {
    /// Everything that has a value, by key. No setting is a secret, so nothing is left out.
    pub fn effective(&self) -> Vec<Effective> {
        let mut out = Vec::new();
        if let Ok(all) = toml::Table::try_from(self) {
            self.walk(&mut Vec::new(), &all, &mut out);
        }
        out.sort_by(|a, b| a.key.cmp(&b.key));
        out
    }

    fn walk(&self, path: &mut Vec<String>, table: &toml::Table, out: &mut Vec<Effective>) {
        for (part, value) in table {
            path.push(part.clone());
            match (find(path), value) {
                (Found::Setting(setting), value) => {
                    let key = path.join(".");
                    let from = self.origins.0.get(&key).cloned();
                    out.push(Effective { key, value: value.to_string(), from, zh: setting.zh, en: setting.en });
                }
                (_, toml::Value::Table(inner)) => self.walk(path, inner, out),
                _ => {}
            }
            path.pop();
        }
    }
}
