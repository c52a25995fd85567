//! Intents at commit: is it an effect the host knows, and may this plugin ask for it.
//!
//! A wish is read as the outbox will read it ([`Wish`]), so that what is committed can be done. A plugin has a message sent in its
//! own words only, and has a sealed field opened for it only if it could open the field itself: it declared the facet or was granted
//! it, and was granted `people`. What breaks this is a bug of the plugin, told with the way to mend it.

use crate::check::{CheckError, Checker, breach};
use crate::native::HOST;
use changzhi_model::{EntityId, Fact, Intent, Receiver, SealedAt, Value, Wish};

const MAX_ARGS: usize = 32;
/// Bytes of a text among the arguments of a message: a number, a name of a place; never a story.
const MAX_TEXT: usize = 256;

impl Checker<'_> {
    pub(crate) fn intent(&mut self, i: Intent) -> Result<(), CheckError> {
        if i.args.len() > MAX_ARGS {
            return breach(format!("intent {:?} has {} arguments; at most {MAX_ARGS}", i.kind, i.args.len()));
        }
        let entity = i.entity.map(|e| self.real(e)).transpose()?;
        let mut args = i.args;
        for arg in &mut args {
            match &mut arg.value {
                Value::Entity(id) => *id = self.real(*id)?,
                Value::Text(text) if text.len() > MAX_TEXT => {
                    return breach(format!("intent {:?}: {:?} is longer than {MAX_TEXT} bytes", i.kind, arg.name));
                }
                _ => {}
            }
        }
        match Wish::read(&i.kind, &args) {
            Ok(wish) => self.wish(&wish)?,
            Err(wrong) => return breach(wrong.to_string()),
        }
        self.facts.push(Fact::Intended { kind: i.kind, entity, args });
        Ok(())
    }

    fn wish(&self, wish: &Wish) -> Result<(), CheckError> {
        let manifest = &self.plugin.manifest;
        // The host's own messages lie with its pages, and it may speak for a plugin.
        if manifest.id == HOST {
            return Ok(());
        }
        if wish.said.words.is_some() {
            return breach(format!("plugin {} speaks in its own words: take \"words\" out", manifest.id));
        }
        let key = &wish.said.message;
        if let Some(locale) = manifest.messages.iter().find(|m| !has(&m.ftl, key)).map(|m| &m.locale) {
            return breach(format!(
                "message {key:?} is not in the {locale} messages of plugin {}: add it",
                manifest.id
            ));
        }
        if let Receiver::One { account: Some(account), .. } = &wish.receiver {
            self.is_account(*account)?;
        }
        wish.sealed().try_for_each(|at| self.may_open(at))
    }

    fn is_account(&self, entity: EntityId) -> Result<(), CheckError> {
        match self.shape(entity)?.kind.as_str() {
            "account" => Ok(()),
            kind => breach(format!("intent: \"to\" is a {kind}; give an account, or a record as \"contact\"")),
        }
    }

    fn may_open(&self, at: &SealedAt) -> Result<(), CheckError> {
        let (facet, field) = (&at.facet, &at.field);
        let Some(decl) = self.registry.facets.get(facet).and_then(|f| f.field(field)) else {
            return breach(format!("intent: {facet}.{field} is not declared by any installed plugin"));
        };
        if !decl.sensitivity.is_sealed() {
            return breach(format!("intent: {facet}.{field} is not sealed: give its value with \"with.{field}\""));
        }
        let plugin = self.plugin;
        let own = plugin.manifest.facet(facet).is_some();
        if !(own || plugin.grants.may_read(facet)) || !plugin.grants.may_import("people") {
            return breach(format!(
                "plugin {} may not have {facet}.{field} opened: add the grants \"people\" and, for another plugin's facet, {{ name = \"{facet}\", access = \"r\" }} with their reasons",
                plugin.manifest.id
            ));
        }
        Ok(())
    }
}

/// Whether a message file has a message. Plugins whose manifest has no files (test components) are not asked.
fn has(ftl: &str, key: &str) -> bool {
    ftl.lines().any(|line| line.split_once('=').is_some_and(|(id, _)| id.trim_end() == key))
}
