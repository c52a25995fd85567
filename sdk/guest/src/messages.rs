//! The words of a plugin: every label it declares must be said in every language it speaks. For its tests.
//!
//! ```
//! # use changzhi_sdk::prelude::*;
//! # plugin! { id: "parks", version: "0.1.0", label: "parks", messages: ["zh-CN" => "parks = 公园\n", "en" => "parks = Parks\n"] }
//! # fn main() {
//! changzhi_sdk::messages::check(&manifest()).unwrap();
//! # }
//! ```

use crate::export::Manifest;
use std::collections::BTreeSet;

/// What the portal is read in: a plugin must speak both.
const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// True when the messages say something for the key.
pub fn says(ftl: &str, key: &str) -> bool {
    entries(ftl).any(|(k, text)| k == key && !text.is_empty())
}

/// Every label of the manifest is said in every language, and all languages say the same keys.
///
/// # Errors
/// The first language or key that is missing, in words.
pub fn check(manifest: &Manifest) -> Result<(), String> {
    let labels = labels(manifest);
    let mut first: Option<(&str, BTreeSet<&str>)> = None;
    for language in LANGUAGES {
        let messages = manifest.messages.iter().find(|m| m.locale == language);
        let ftl = messages.map(|m| m.ftl.as_str()).ok_or_else(|| format!("there are no messages in {language}"))?;
        if let Some(key) = labels.iter().find(|key| !says(ftl, key)) {
            return Err(format!("{language} does not say {key:?}"));
        }
        let keys: BTreeSet<&str> = entries(ftl).map(|(key, _)| key).collect();
        if let Some((other, known)) = &first {
            if let Some(key) = known.symmetric_difference(&keys).next() {
                return Err(format!("{key:?} is said in only one of {other} and {language}"));
            }
        } else {
            first = Some((language, keys));
        }
    }
    Ok(())
}

fn entries(ftl: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = ftl.lines().filter(|line| !line.starts_with([' ', '#', '.']));
    lines.filter_map(|line| line.split_once('=')).map(|(key, text)| (key.trim(), text.trim()))
}

fn labels(manifest: &Manifest) -> BTreeSet<String> {
    let mut keys = BTreeSet::from([manifest.label.clone()]);
    keys.extend(manifest.kinds.iter().map(|k| k.label.clone()));
    for facet in &manifest.facets {
        keys.insert(facet.label.clone());
        keys.extend(facet.fields.iter().map(|f| f.label.clone()));
    }
    for command in &manifest.commands {
        keys.insert(command.label.clone());
        keys.extend(command.fields.iter().flat_map(|f| std::iter::once(f.label.clone()).chain(f.options.clone())));
    }
    for view in &manifest.views {
        keys.insert(view.label.clone());
        keys.extend(view.params.iter().map(|f| f.label.clone()));
    }
    for job in &manifest.jobs {
        keys.insert(job.label.clone());
        keys.extend(job.params.iter().map(|f| f.label.clone()));
    }
    keys.extend(manifest.flows.iter().flat_map(|f| f.states.iter().map(|s| s.label.clone())));
    keys
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::export::Messages;

    fn plugin(zh: &str, en: &str) -> Manifest {
        let messages = [("zh-CN", zh), ("en", en)];
        let messages = messages.map(|(locale, ftl)| Messages { locale: locale.into(), ftl: ftl.into() });
        Manifest {
            id: "parks".into(),
            version: "0.1.0".into(),
            label: "parks".into(),
            kinds: vec![],
            facets: vec![],
            commands: vec![],
            views: vec![],
            flows: vec![],
            subscriptions: vec![],
            jobs: vec![],
            grants: vec![],
            messages: messages.into(),
        }
    }

    #[test]
    fn a_label_without_words_and_a_word_in_one_language_only_are_named() {
        check(&plugin("parks = 公园\n# x = y\n", "parks = Parks\n")).unwrap();
        assert_eq!(check(&plugin("parks = 公园\n", "parks =\n")), Err("en does not say \"parks\"".to_owned()));
        let uneven = check(&plugin("parks = 公园\nbench = 长椅\n", "parks = Parks\n"));
        assert_eq!(uneven, Err("\"bench\" is said in only one of zh-CN and en".to_owned()));
        let mut one = plugin("parks = 公园\n", "");
        one.messages.pop();
        assert_eq!(check(&one), Err("there are no messages in en".to_owned()));
    }
}
