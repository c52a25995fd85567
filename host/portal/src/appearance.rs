//! How a page looks to one visitor: profile, theme and size of letters. A choice of the visitor's, kept in a cookie that holds
//! nothing else; the same tree is rendered in each.

use axum::http::{HeaderMap, Uri};

/// Where a page is looked at. `Auto`: the stylesheet decides by the width of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Profile {
    #[default]
    Auto,
    Wall,
    Desk,
    Phone,
}

/// Colours. `Auto`: what the device prefers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

/// Letters and targets. `Elder`: 20 px and targets of 60 px (工信部适老化).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Size {
    #[default]
    Normal,
    Elder,
}

/// Single letters as shortcuts. Whoever dictates, or types by accident, switches them off (WCAG 2.1.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Keys {
    #[default]
    On,
    Off,
}

macro_rules! words {
    ($($type:ident: $($case:ident = $word:literal),+;)+) => {$(
        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$case),+];

            /// As it stands in a cookie, a query and an attribute of `html`.
            pub const fn word(self) -> &'static str {
                match self { $($type::$case => $word),+ }
            }

            fn of(word: &str) -> Option<$type> {
                match word { $($word => Some($type::$case),)+ _ => None }
            }
        }
    )+};
}

words! {
    Profile: Auto = "auto", Wall = "wall", Desk = "desk", Phone = "phone";
    Theme: Auto = "system", Light = "light", Dark = "dark";
    Size: Normal = "normal", Elder = "elder";
    Keys: On = "keys", Off = "nokeys";
}

/// The name of the cookie: `desk.dark.elder.keys`, in any order, what is unknown passed over.
pub(crate) const COOKIE: &str = "changzhi-look";

/// What one visitor has chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Appearance {
    pub profile: Profile,
    pub theme: Theme,
    pub size: Size,
    pub keys: Keys,
}

impl Appearance {
    /// From the cookie; `_profile`, `_theme` and `_size` in the address win for this page.
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Appearance {
        let mut look = Appearance::default();
        for word in crate::auth::cookie(headers, COOKIE).unwrap_or("").split('.').take(5) {
            look.take(word);
        }
        for (name, value) in uri.query().unwrap_or("").split('&').filter_map(|p| p.split_once('=')) {
            if matches!(name, "_profile" | "_theme" | "_size") {
                look.take(value);
            }
        }
        look
    }

    fn take(&mut self, word: &str) {
        self.profile = Profile::of(word).unwrap_or(self.profile);
        self.theme = Theme::of(word).unwrap_or(self.theme);
        self.size = Size::of(word).unwrap_or(self.size);
        self.keys = Keys::of(word).unwrap_or(self.keys);
    }

    /// The same with one choice made; a word that is none changes nothing.
    pub fn with(mut self, word: &str) -> Appearance {
        self.take(word);
        self
    }

    /// The value of the cookie.
    pub fn to_cookie(self) -> String {
        format!("{}.{}.{}.{}", self.profile.word(), self.theme.word(), self.size.word(), self.keys.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_over_the_cookie_and_nonsense_is_passed_over() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "changzhi-look=desk.dark.<script>".parse().unwrap());
        let uri: Uri = "/p/x/y?_profile=wall&_size=elder&_theme=pink".parse().unwrap();
        let look = Appearance::of(&uri, &headers);
        assert_eq!(look.to_cookie(), "wall.dark.elder.keys");
        assert_eq!(Appearance::of(&"/".parse().unwrap(), &HeaderMap::new()), Appearance::default());
    }
}
