//! Every label of a manifest must be said in every language of the plugin.

use changzhi_sdk::export::Manifest;

pub fn says(ftl: &str, key: &str) -> bool {
    ftl.lines().any(|line| line.split_once('=').is_some_and(|(k, text)| k.trim() == key && !text.trim().is_empty()))
}

pub fn check(manifest: &Manifest, zh: &str, en: &str) {
    let mut keys = vec![manifest.label.clone()];
    keys.extend(manifest.kinds.iter().map(|k| k.label.clone()));
    for facet in &manifest.facets {
        keys.push(facet.label.clone());
        keys.extend(facet.fields.iter().map(|f| f.label.clone()));
    }
    for command in &manifest.commands {
        keys.push(command.label.clone());
        keys.extend(command.fields.iter().flat_map(|f| std::iter::once(f.label.clone()).chain(f.options.clone())));
    }
    for view in &manifest.views {
        keys.push(view.label.clone());
        keys.extend(view.params.iter().map(|f| f.label.clone()));
    }
    keys.extend(manifest.jobs.iter().map(|j| j.label.clone()));
    keys.extend(manifest.flows.iter().flat_map(|f| f.states.iter().map(|s| s.label.clone())));
    for key in keys {
        assert!(says(zh, &key), "zh-CN does not say {key:?}");
        assert!(says(en, &key), "en does not say {key:?}");
    }
    let named = |ftl: &str| -> Vec<String> {
        let mut keys: Vec<_> =
            ftl.lines().filter_map(|l| l.split_once('=')).map(|(k, _)| k.trim().to_owned()).collect();
        keys.sort();
        keys
    };
    assert_eq!(named(zh), named(en), "both languages say the same things");
}
