//! Who may be shown the same bytes.

use crate::appearance::Appearance;
use crate::words::Locale;
use changzhi_gate::Look;
use changzhi_model::{Actor, EntityId, Name};

/// Everything a rendering depends on besides its address and the world. Two lookers with the same rights, purpose and language
/// share it; `account` is there when the page shows an account its own things.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Audience {
    locale: Locale,
    /// As in its cookie: some nodes look otherwise on a wall.
    look: String,
    roles: Vec<Name>,
    divisions: Vec<EntityId>,
    purpose: Name,
    account: Option<EntityId>,
}

impl Audience {
    pub(super) fn of(look: &Look, locale: Locale, appearance: Appearance) -> Audience {
        let (mut roles, mut divisions) = (look.actor.roles.clone(), look.actor.divisions.clone());
        roles.sort_unstable();
        divisions.sort_unstable();
        // A purpose means personal data: each look is one account's own, and its entry in the access log names it.
        let account = (!look.purpose.is_empty()).then_some(look.actor.id);
        Audience { locale, look: appearance.to_cookie(), roles, divisions, purpose: look.purpose.clone(), account }
    }

    /// The same for one account alone.
    pub(super) fn alone(&self, account: EntityId) -> Audience {
        Audience { account: Some(account), ..self.clone() }
    }

    pub(super) fn is_shared(&self) -> bool {
        self.account.is_none()
    }

    pub(super) fn locale(&self) -> Locale {
        self.locale
    }

    pub(super) fn is_personal(&self) -> bool {
        !self.purpose.is_empty()
    }

    /// The look rendered for all of them: of a shared audience nobody's in particular.
    pub(super) fn common(&self, look: &Look) -> Look {
        let id = self.account.unwrap_or(EntityId::NONE);
        let actor = Actor { id, roles: self.roles.clone(), divisions: self.divisions.clone() };
        Look { actor, ..look.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(id: u64, roles: &[&str], divisions: &[u64], purpose: &str) -> Look {
        Look {
            plugin: "desk".into(),
            view: "list".into(),
            params: Vec::new(),
            actor: Actor {
                id: EntityId(id),
                roles: roles.iter().map(Name::new).collect(),
                divisions: divisions.iter().map(|d| EntityId(*d)).collect(),
            },
            purpose: purpose.into(),
            locale: "zh-CN".into(),
        }
    }

    fn audience(look: &Look) -> Audience {
        Audience::of(look, Locale::Zh, Appearance::default())
    }

    #[test]
    fn the_same_rights_share_and_nothing_less_does() {
        let one = audience(&look(1, &["a", "b"], &[3, 4], ""));
        assert_eq!(one, audience(&look(2, &["b", "a"], &[4, 3], "")));
        assert!(one.is_shared());
        for other in [look(1, &["a"], &[3, 4], ""), look(1, &["a", "b"], &[3], ""), look(1, &["a", "b"], &[], "")] {
            assert_ne!(one, audience(&other));
        }
        let english = Audience::of(&look(1, &["a", "b"], &[3, 4], ""), Locale::En, Appearance::default());
        assert_ne!(one, english);
    }

    #[test]
    fn personal_data_has_an_audience_of_one_and_a_shared_page_names_nobody() {
        let (one, two) = (look(1, &["a"], &[], "mediate"), look(2, &["a"], &[], "mediate"));
        assert_ne!(audience(&one), audience(&two));
        assert_eq!(audience(&one).common(&one).actor.id, EntityId(1));
        let shared = look(1, &["a"], &[], "");
        assert_eq!(audience(&shared).common(&shared).actor.id, EntityId::NONE);
        assert_eq!(audience(&shared).alone(EntityId(1)).common(&shared).actor.id, EntityId(1));
    }
}
