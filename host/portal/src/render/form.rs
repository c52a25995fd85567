//! Forms of a plugin, with steps and with parts that matter only under a condition.
//!
//! `form-step` and `when` are `other` nodes inside a form, inputs under them. Without a script all of them are there, each saying
//! when it is needed; what is needed is decided by the command, on the server.

use super::node::{self, Scope};
use super::part::{Attributes, Malformed, malformed};
use super::tree::Twig;
use super::{Painter, icon};
use crate::shape::{Form, NodeKind, Other};
use maud::{Markup, html};

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, f: &Form, scope: Scope<'_>) -> Markup {
    let steps =
        twig.under.iter().filter(|t| matches!(&t.node.kind, NodeKind::Other(o) if o.kind == "form-step")).count();
    let optional = inputs(&twig.under).any(|required| !required);
    html! {
        form.stack id=(twig.html_id()) method="post" action=(p.command_address(&f.submit)) enctype=[super::upload::is_in(&twig.under).then_some("multipart/form-data")] novalidate data-offline[f.offline] data-steps[steps > 1] {
            (p.hidden(&f.submit))
            @if f.offline { p.muted { (icon::info()) (p.say("view-form-offline")) } }
            @if optional { p.muted { (p.say("view-form-optional")) } }
            (node::each(p, &twig.under, scope))
            button.primary { (p.text(&f.label)) }
        }
    }
}

/// Whether each visible input is required.
fn inputs<'t>(under: &'t [Twig<'_>]) -> Box<dyn Iterator<Item = bool> + 't> {
    Box::new(under.iter().flat_map(|t| {
        let own = match &t.node.kind {
            NodeKind::Input(i) if i.kind != "hidden" => Some(i.required),
            _ => None,
        };
        own.into_iter().chain(inputs(&t.under))
    }))
}

const WHEN: [&str; 5] = ["is", "is-not", "in", "filled", "empty"];

pub(super) fn part(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, scope: Scope<'_>) -> Result<Markup, Malformed> {
    let a = Attributes(o);
    if o.kind == "form-step" {
        return Ok(html! {
            fieldset.step id=(twig.html_id()) { legend { (p.text(&o.fallback)) } (node::each(p, &twig.under, scope)) }
        });
    }
    let field = a.text("field")?.ok_or_else(|| a.wrong("field", "is missing"))?;
    let op = a.one_of("op", &WHEN)?;
    let value = a.text("value")?.unwrap_or("");
    Ok(html! {
        fieldset.when id=(twig.html_id()) data-field=(field) data-op=(op) data-value=(value) {
            legend { (p.text(&o.fallback)) }
            (node::each(p, &twig.under, scope))
        }
    })
}

/// A form of inputs that looks again at the same page with other parameters.
pub(super) fn filters(p: &Painter<'_>, twig: &Twig<'_>, o: &Other) -> Markup {
    let mut fields = Vec::new();
    for child in &twig.under {
        let NodeKind::Input(i) = &child.node.kind else { continue };
        if !p.here.takes(&i.name) {
            return malformed(p, o, &Malformed::new("filters", &i.name, "is no parameter of this view"));
        }
        fields.push((child, i));
    }
    let own = |name: &str| fields.iter().any(|(_, i)| i.name == name) || matches!(name, "page" | "after" | "cursor");
    let chosen = fields.iter().any(|(_, i)| p.here.value(&i.name).is_some_and(|v| !v.is_empty()));
    let mut bare = p.here.clone();
    bare.pairs.retain(|(n, _)| !own(n));
    html! {
        form.filters id=(twig.html_id()) method="get" action=(p.here.path) role="search" aria-label=(p.text(&o.fallback)) {
            @for (name, value) in &bare.pairs { input type="hidden" name=(name) value=(value); }
            @for (child, i) in &fields { (super::input::filter(p, child, i, p.here.value(&i.name))) }
            div.actions {
                button { (p.say("view-filter")) }
                @if chosen { a.button.plain href=(bare.address()) { (p.say("view-filter-clear")) } }
            }
        }
    }
}
