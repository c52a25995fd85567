//! Words for people: one Fluent bundle for each plugin and locale, the host's own messages first.
//!
//! What is missing falls back to zh-CN and then to the key in ⟦⟧, so that a gap is seen and nothing is hidden.

use changzhi_model::{Manifest, Named, Text, Value};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use hashbrown::HashMap;
use std::sync::{Arc, LazyLock};
use unic_langid::{LanguageIdentifier, langid};

/// A language the portal speaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Locale {
    #[default]
    Zh,
    En,
}

impl Locale {
    pub const ALL: [Locale; 2] = [Locale::Zh, Locale::En];

    /// BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Locale::Zh => "zh-CN",
            Locale::En => "en",
        }
    }

    /// What of a list like `en-GB,en;q=0.9,zh;q=0.1` comes first by its weight.
    pub fn of_accept_language(list: &str) -> Option<Locale> {
        let weight = |part: &str| part.split_once("q=").and_then(|(_, q)| q.trim().parse::<f32>().ok()).unwrap_or(1.0);
        let known = |part: &str| match part.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("zh") => Some(Locale::Zh),
            Some("en") => Some(Locale::En),
            _ => None,
        };
        let mut best: Option<(f32, Locale)> = None;
        for part in list.split(',').take(16) {
            if let Some(locale) = known(part)
                && best.is_none_or(|(q, _)| weight(part) > q)
            {
                best = Some((weight(part), locale));
            }
        }
        best.map(|(_, locale)| locale)
    }

    fn id(self) -> LanguageIdentifier {
        match self {
            Locale::Zh => langid!("zh-CN"),
            Locale::En => langid!("en"),
        }
    }

    fn core(self) -> &'static str {
        match self {
            Locale::Zh => concat!(
                include_str!("../i18n/zh-CN/core.ftl"),
                include_str!("../i18n/zh-CN/views.ftl"),
                include_str!("../i18n/zh-CN/live.ftl"),
                include_str!("../i18n/zh-CN/shell.ftl"),
                include_str!("../i18n/zh-CN/files.ftl"),
                include_str!("../i18n/zh-CN/print.ftl"),
                include_str!("../i18n/zh-CN/room.ftl"),
                include_str!("../i18n/zh-CN/track.ftl"),
                include_str!("../i18n/zh-CN/outbox.ftl"),
                include_str!("../i18n/zh-CN/divisions.ftl"),
                include_str!("../i18n/zh-CN/devices.ftl"),
            ),
            Locale::En => concat!(
                include_str!("../i18n/en/core.ftl"),
                include_str!("../i18n/en/views.ftl"),
                include_str!("../i18n/en/live.ftl"),
                include_str!("../i18n/en/shell.ftl"),
                include_str!("../i18n/en/files.ftl"),
                include_str!("../i18n/en/print.ftl"),
                include_str!("../i18n/en/room.ftl"),
                include_str!("../i18n/en/track.ftl"),
                include_str!("../i18n/en/outbox.ftl"),
                include_str!("../i18n/en/divisions.ftl"),
                include_str!("../i18n/en/devices.ftl"),
            ),
        }
    }
}

type Bundle = FluentBundle<Arc<FluentResource>>;

static CORE: LazyLock<[Arc<FluentResource>; 2]> = LazyLock::new(|| Locale::ALL.map(|l| resource(l.core())));

/// What of a broken file can be read is read.
fn resource(ftl: &str) -> Arc<FluentResource> {
    Arc::new(match FluentResource::try_new(ftl.to_owned()) {
        Ok(whole) => whole,
        Err((part, errors)) => {
            tracing::warn!(?errors, "a message file is broken: check it with the plugin's author");
            part
        }
    })
}

/// All messages of a set of installed plugins.
pub struct Words {
    /// By locale, then plugin; the host's own under the empty name.
    bundles: HashMap<(Locale, String), Bundle>,
}

impl Words {
    pub fn of(manifests: &[Arc<Manifest>]) -> Words {
        let mut bundles = HashMap::new();
        for (locale, core) in Locale::ALL.into_iter().zip(CORE.iter()) {
            bundles.insert((locale, String::new()), bundle(locale, core, None));
            for m in manifests {
                let own = m.messages.iter().find(|f| f.locale == locale.tag()).map(|f| resource(&f.ftl));
                bundles.insert((locale, m.id.to_string()), bundle(locale, core, own));
            }
        }
        Words { bundles }
    }

    /// The words of one plugin (empty: the host) in one language.
    pub fn voice(&self, plugin: &str, locale: Locale) -> Voice<'_> {
        let plugin = if self.bundles.contains_key(&(locale, plugin.to_owned())) { plugin } else { "" };
        let bundle = |l: Locale| self.bundles.get(&(l, plugin.to_owned()));
        Voice { bundles: [bundle(locale), bundle(Locale::Zh)], locale }
    }
}

fn bundle(locale: Locale, core: &Arc<FluentResource>, own: Option<Arc<FluentResource>>) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![locale.id()]);
    bundle.set_use_isolating(false);
    for resource in [Some(Arc::clone(core)), own].into_iter().flatten() {
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::warn!(?errors, "a plugin may not redefine the host's messages: the host's stay");
        }
    }
    bundle
}

/// One plugin's words in one language.
pub struct Voice<'a> {
    /// Asked one after the other.
    bundles: [Option<&'a Bundle>; 2],
    pub(crate) locale: Locale,
}

impl Voice<'_> {
    pub fn say(&self, key: &str) -> String {
        self.with(key, &FluentArgs::new())
    }

    /// `key` or `key.attribute`.
    pub(crate) fn with(&self, key: &str, args: &FluentArgs<'_>) -> String {
        self.find(key, args).unwrap_or_else(|| format!("⟦{key}⟧"))
    }

    pub(crate) fn find(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let (id, attribute) = key.split_once('.').map_or((key, None), |(id, a)| (id, Some(a)));
        for bundle in self.bundles.into_iter().flatten() {
            let Some(message) = bundle.get_message(id) else { continue };
            let pattern = match attribute {
                Some(a) => message.get_attribute(a).map(|a| a.value()),
                None => message.value(),
            };
            if let Some(pattern) = pattern {
                return Some(bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned());
            }
        }
        None
    }

    /// A name that may be a key: of a code, a state, a label. Shown as it is when there is no message.
    pub(crate) fn name(&self, key: &str) -> String {
        self.find(key, &FluentArgs::new()).unwrap_or_else(|| key.to_owned())
    }

    /// A text for somebody outside; `None` when a message is missing: a key in brackets is sent to nobody.
    pub fn heard(&self, text: &Text) -> Option<String> {
        match text {
            Text::Plain(s) => Some(s.clone()),
            Text::Msg(m) => self.find(&m.key, &self.args(&m.args)),
        }
    }

    /// What a code is called (`event-warned`); the code itself when nobody says.
    pub fn coded(&self, sort: &str, code: &str) -> String {
        self.find(&format!("{sort}-{code}"), &FluentArgs::new()).unwrap_or_else(|| code.to_owned())
    }

    /// A text of a refusal.
    pub(crate) fn text(&self, text: &Text) -> String {
        match text {
            Text::Plain(s) => s.clone(),
            Text::Msg(m) => self.with(&m.key, &self.args(&m.args)),
        }
    }

    /// Arguments that are keys themselves (`type-int`) are said, not shown.
    fn args(&self, named: &[Named]) -> FluentArgs<'static> {
        named
            .iter()
            .map(|n| {
                let value = match &n.value {
                    Value::Int(i) => FluentValue::from(*i),
                    Value::Num(f) => FluentValue::from(*f),
                    Value::Text(s) if s.starts_with("type-") => FluentValue::from(self.name(s)),
                    Value::Text(s) => FluentValue::from(s.clone()),
                    other => FluentValue::from(other.to_json().to_string()),
                };
                (n.name.to_string(), value)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use changzhi_model::Messages;

    #[test]
    fn both_files_have_the_same_messages() {
        let ids = |l: Locale| {
            let lines = l.core().lines().filter_map(|line| line.split_once(" =")).map(|(id, _)| id.trim().to_owned());
            lines.collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(ids(Locale::Zh), ids(Locale::En));
        for locale in Locale::ALL {
            assert!(FluentResource::try_new(locale.core().to_owned()).is_ok(), "{locale:?}");
        }
    }

    #[test]
    fn a_plugin_adds_words_but_cannot_change_the_hosts() {
        let mut m = changzhi_gate::Identity.manifest();
        m.id = "desk".into();
        let ftl = "core-sign-in = pwned\ndesk-title = 你好 { $name }\n".to_owned();
        m.messages = vec![Messages { locale: "zh-CN".into(), ftl }];
        let words = Words::of(&[Arc::new(m)]);
        let host = words.voice("", Locale::Zh).say("core-sign-in");
        assert_eq!(words.voice("desk", Locale::Zh).say("core-sign-in"), host);
        let args: FluentArgs<'_> = [("name", FluentValue::from("李"))].into_iter().collect();
        assert_eq!(words.voice("desk", Locale::Zh).with("desk-title", &args), "你好 李");
        assert_eq!(words.voice("desk", Locale::En).with("desk-title", &args), "你好 李", "falls back");
        assert_eq!(words.voice("desk", Locale::En).say("desk-none"), "⟦desk-none⟧");
    }

    #[test]
    fn the_language_is_taken_from_the_browser() {
        assert_eq!(Locale::of_accept_language("en-GB,en;q=0.9,zh;q=0.1"), Some(Locale::En));
        assert_eq!(Locale::of_accept_language("en;q=0.1,zh-CN;q=0.8"), Some(Locale::Zh));
        assert_eq!(Locale::of_accept_language("fr,水"), None);
    }
}
