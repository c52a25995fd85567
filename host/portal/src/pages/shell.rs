//! The frame around every page: head, navigation, what the data is worth, foot.
//!
//! One markup for all profiles; the stylesheet decides what of it is seen. A wall shows a thin head with the clock of the data and
//! no navigation; a desk has the navigation at its left; a phone a bar of five at its foot, and the rest under "more". Nothing here
//! needs a script: language, colours and size of letters are chosen by a form.

use super::navigation::{bar, side};
use super::{Visit, assets, division, notices, paint};
use crate::appearance::{Appearance, Profile, Size, Theme};
use crate::options::Footer;
use crate::state::App;
use crate::words::{Locale, Voice};
use maud::{DOCTYPE, Markup, html};

/// The conventional name of the view that shows what rings.
const RINGING: &str = "ringing";

/// A whole page. Signed out: no navigation.
pub(crate) fn layout(
    app: &App,
    look: Appearance,
    voice: &Voice<'_>,
    visit: Option<&Visit>,
    title: &str,
    main: &Markup,
) -> Markup {
    let wall = look.profile == Profile::Wall;
    let rings = visit.and_then(|visit| rings(app, visit));
    let unread = visit.filter(|_| !wall).map_or(0, |visit| notices::unread(app, visit));
    html! {
        (DOCTYPE)
        html lang=(voice.locale.tag()) data-profile=(look.profile.word()) data-theme=(look.theme.word())
            data-size=(look.size.word()) data-keys=(look.keys.word()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (app.options.title) }
                (assets::head(voice, visit, rings.as_deref()))
            }
            body {
                a.skip href="#main" { (voice.say("core-skip")) }
                header.top {
                    a.brand href="/" { (app.options.title) }
                    @match (visit, wall) {
                        (Some(visit), false) => { (tools(visit, voice, unread)) },
                        (Some(_), true) => { (clock(app, voice)) (looks(look, voice)) },
                        (None, _) => { (looks(look, voice)) },
                    }
                }
                @match visit.filter(|_| !wall) {
                    Some(visit) => {
                        div.shell {
                            (side(app, visit))
                            div.room {
                                (division::crumbs(app, visit))
                                main id="main" tabindex="-1" { (main) }
                                (freshness(app, voice))
                            }
                        }
                        (bar(visit, unread))
                    },
                    None => { main id="main" tabindex="-1" { (main) } },
                }
                @if !wall { (foot(&app.options.footer, voice)) }
            }
        }
    }
}

/// The address of what rings at the visitor: a view called `ringing` that they may open. It is shown over every page of theirs.
fn rings(app: &App, visit: &Visit) -> Option<String> {
    let open = |m: &&std::sync::Arc<changzhi_model::Manifest>| {
        let view = m.view(RINGING).filter(|v| !v.purpose && !v.params.iter().any(|p| p.required));
        view.is_some_and(|v| app.gate.is_served(&visit.session, &m.id, &v.roles))
    };
    visit.made.manifests().iter().find(open).map(|m| format!("/p/{}/{RINGING}", m.id))
}

fn tools(visit: &Visit, voice: &Voice<'_>, unread: usize) -> Markup {
    html! {
        form.find role="search" method="get" action="/search" {
            input type="search" name="q" id="find" maxlength="64" aria-label=(voice.say("shell-search")) placeholder=(voice.say("shell-search-hint"));
            button { (voice.say("shell-search")) }
        }
        div.tools {
            (looks(visit.appearance, voice))
            a.tool href="/notices" {
                (voice.say("shell-notices"))
                @if unread > 0 { " " span.count { (unread) span.vh { " " (voice.say("shell-unread")) } } }
            }
            a.tool href="/me" { span.vh { (voice.say("shell-me")) " " } (visit.session.login) }
            form.inline method="post" action="/sign-out" {
                input type="hidden" name="_csrf" value=(visit.csrf());
                button.plain { (voice.say("core-sign-out")) }
            }
        }
    }
}

/// Language, elder mode and colours: each button says what it leads to.
pub(super) fn looks(look: Appearance, voice: &Voice<'_>) -> Markup {
    let other = Locale::ALL.into_iter().find(|l| *l != voice.locale).unwrap_or_default();
    let name = if other == Locale::En { "English" } else { "中文" };
    let (size, size_key) = match look.size {
        Size::Normal => (Size::Elder, "shell-elder-on"),
        Size::Elder => (Size::Normal, "shell-elder-off"),
    };
    let (theme, theme_key) = match look.theme {
        Theme::Dark => (Theme::Light, "shell-light"),
        Theme::Auto | Theme::Light => (Theme::Dark, "shell-dark"),
    };
    html! {
        form.looks method="post" action="/look" {
            button.plain.elder name="look" value=(size.word()) { (voice.say(size_key)) }
            button.plain name="language" value=(other.tag()) lang=(other.tag()) { (name) }
            button.plain.theme name="look" value=(theme.word()) { (voice.say(theme_key)) }
            @if look.profile == Profile::Wall {
                button.plain name="look" value=(Profile::Auto.word()) { (voice.say("shell-leave-wall")) }
            }
        }
    }
}

/// On a wall: the time the data is of, large, and how old that is.
fn clock(app: &App, voice: &Voice<'_>) -> Markup {
    let fresh = app.town.fresh();
    let age = app.gate.now().0.saturating_sub(fresh.at.0).max(0) / changzhi_model::Micros::SECOND;
    html! {
        p.clock {
            span { (voice.say("shell-data-of")) " " (paint::time(app, fresh.at)) }
            " " span.age { (paint::ago(voice, age)) }
        }
    }
}

/// Under each page: what revision the data has, and what of it is late.
fn freshness(app: &App, voice: &Voice<'_>) -> Markup {
    let fresh = app.town.fresh();
    let late = super::status::late(app).len();
    html! {
        aside.fresh aria-label=(voice.say("status-title")) {
            (voice.say("shell-data-of")) " " (paint::time(app, fresh.at)) " · " (voice.say("core-revision")) " " (fresh.revision.0)
            " · " a href="/status" { (voice.say("status-title")) }
            @if late > 0 { " · " span.late { (late) " " (voice.say("status-late-sources")) } }
        }
    }
}

fn foot(footer: &Footer, voice: &Voice<'_>) -> Markup {
    let line = |key: &str, value: &Option<String>| {
        html! { @if let Some(value) = value { span { (voice.say(key)) " " (value) } } }
    };
    let linked = |href: &str, value: &Option<String>| {
        html! { @if let Some(value) = value { a href=(href) rel="noreferrer" { (value) } } }
    };
    html! {
        footer.imprint {
            (line("foot-sponsor", &footer.sponsor))
            (line("foot-site-code", &footer.site_code))
            (linked("https://beian.miit.gov.cn/", &footer.icp))
            (linked("https://beian.mps.gov.cn/", &footer.police))
            (line("foot-contact", &footer.contact))
            a href="/help" { (voice.say("help-title")) }
        }
    }
}
