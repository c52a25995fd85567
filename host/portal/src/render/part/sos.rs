//! The one-key alarm. Without a script each kind is a button that sends at once; the telephone numbers are links, always there:
//! whoever gets no answer rings. With a script the button is held, and the numbers fill the screen after five seconds.

use super::{Attributes, Read, other};
use crate::render::node::Scope;
use crate::render::tree::Twig;
use crate::render::{Painter, icon};
use crate::shape::{Other, Text};
use maud::{Markup, html};

struct Contact<'n> {
    label: &'n Text,
    number: String,
}

/// Digits of a telephone number; `None` for what no telephone takes.
fn number(given: &str) -> Option<String> {
    let kept: String = given.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = kept.strip_prefix('+').unwrap_or(&kept);
    ((3..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(kept)
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, _: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let call = a.call("command")?.ok_or_else(|| a.wrong("command", "is missing"))?;
    let param = a.text("kind-param")?.unwrap_or("kind");
    let site = a.text("site")?;
    let (drill, hold) = (a.flag("drill")?, a.int("hold-ms")?.unwrap_or(1_000).clamp(0, 5_000));
    let mut contacts = Vec::new();
    for child in &twig.under {
        let Some(c) = other(child, "contact") else { continue };
        let of = Attributes(c);
        let number = of.text("phone")?.and_then(number).ok_or_else(|| of.wrong("phone", "is no telephone number"))?;
        contacts.push(Contact { label: &c.fallback, number });
    }
    let kinds: Vec<_> = twig.under.iter().filter_map(|t| other(t, "kind").map(|o| (t, o))).collect();
    if kinds.is_empty() {
        return Err(a.wrong("kind", "there is none"));
    }
    Ok(html! {
        gov-sos.sos id=(twig.html_id()) data-hold=(hold) {
            @if drill { p.notice.info { (icon::info()) span { (p.say("view-sos-drill")) } } }
            @if let Some(site) = site { p.site { (p.say("view-sos-site")) " " strong { (site) } } }
            div.kinds { @for (kind, of) in &kinds {
                form method="post" action=(p.command_address(&call)) {
                    (p.hidden(&call))
                    input type="hidden" name=(param) value=(kind.key());
                    @if drill { input type="hidden" name="drill" value="true"; }
                    button.sos-button { (icon::warning()) span { (p.text(&of.fallback)) } }
                }
            } }
            @if !contacts.is_empty() {
                p.muted { (p.say("view-sos-ring")) }
                ul.contacts { @for c in &contacts { li { a.button href={"tel:" (c.number)} { (icon::phone()) span { (p.text(c.label)) " " (c.number) } } } } }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn only_what_a_telephone_takes_becomes_a_link() {
        assert_eq!(number("0791-8888 1234").as_deref(), Some("079188881234"));
        assert_eq!(number("+86 110").as_deref(), Some("+86110"));
        for evil in ["javascript:alert(1)", "11", "1100;ext=\"", "*#06#", ""] {
            assert_eq!(number(evil), None, "{evil}");
        }
    }
}
