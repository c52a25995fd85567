//! Forms to be filled in by hand: what is asked, what is known already, and room to write.

use super::{Sheet, value};
use crate::render::part::Attributes;
use crate::render::tree::Twig;
use crate::shape::{Cell, Form, Input, NodeKind, Other, Value};
use changzhi_print::Block;

impl Sheet<'_, '_> {
    pub(super) fn form(&mut self, twig: &Twig<'_>, f: &Form, level: u8) {
        // A form without anything to fill in is a button.
        if twig.under.iter().any(|t| !matches!(t.node.kind, NodeKind::Action(_))) {
            self.heading(level, self.p.text(&f.label));
            self.each(&twig.under, (level + 1).min(6));
        }
    }

    /// `form-step` and `when`: their words, and what stands under them.
    pub(super) fn form_part(&mut self, twig: &Twig<'_>, o: &Other, level: u8) {
        let words = self.p.text(&o.fallback);
        if o.kind == "form-step" {
            self.heading(level, words)
        } else {
            self.small(words)
        }
        self.each(&twig.under, (level + 1).min(6));
    }

    pub(super) fn input(&mut self, i: &Input) {
        let p = self.p;
        let lines = match i.kind.as_str() {
            "hidden" | "secret" => return,
            "long-text" | "code" => 5,
            // Room for a hand.
            "stroke" => 2,
            "flag" => 0,
            _ if !i.options.is_empty() => 0,
            _ => 1,
        };
        let yes_no = || ["core-yes", "core-no"].map(|k| p.say(k)).to_vec();
        let choices = match i.kind.as_str() {
            "flag" => yes_no(),
            _ => i.options.iter().map(|c| p.text(&c.label)).collect(),
        };
        let known = match &i.value {
            Value::Text(s) if i.kind != "stroke" => {
                i.options.iter().find(|c| c.value == *s).map_or_else(|| s.clone(), |c| p.text(&c.label))
            }
            Value::None => String::new(),
            _ if i.kind == "stroke" => String::new(),
            Value::Time(t) if i.kind == "date" => value(p, &Cell::Date(*t)),
            other => p.argument_text(other),
        };
        let hints = [i.hint.as_ref().map(|h| p.text(h)), (!i.required).then(|| p.say("core-optional"))];
        let hint = hints.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let lines = if known.is_empty() { lines } else { 0 };
        self.blocks.push(Block::Field { label: p.text(&i.label), hint, value: known, choices, lines });
    }

    /// The lines a chart's figures should not cross.
    pub(super) fn limits(&mut self, twig: &Twig<'_>, unit: &str) {
        for child in &twig.under {
            let Some(o) = crate::render::part::other(child, "limit") else { continue };
            match Attributes(o).num("y") {
                Ok(Some(y)) => {
                    let words = format!("{} {} {unit}", self.p.text(&o.fallback), crate::render::plain::decimal(y));
                    self.small(words.trim_end().to_owned());
                }
                Ok(None) => self.malformed(o, &Attributes(o).wrong("y", "is missing")),
                Err(wrong) => self.malformed(o, &wrong),
            }
        }
    }
}
