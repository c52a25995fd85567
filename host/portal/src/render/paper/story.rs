//! Parts that tell how something went or is ordered: timelines, progress, trees.

use super::{Sheet, lines, state_at, value};
use crate::render::part::{Attributes, other};
use crate::render::tree::Twig;
use crate::render::{Painter, TIME, icon, time};
use crate::shape::{Branch, Moment, NodeKind, Step};
use changzhi_print::{Block, Leaf, Mark, Moment as PaperMoment, Step as PaperStep};

impl Sheet<'_, '_> {
    pub(super) fn timeline(&mut self, twig: &Twig<'_>, level: u8) {
        if twig.under.is_empty() {
            return self.small(self.p.say("view-empty"));
        }
        for child in &twig.under {
            match &child.node.kind {
                NodeKind::Moment(m) => self.moment(child, m),
                _ => self.each(std::slice::from_ref(child), level),
            }
        }
    }

    pub(super) fn moment(&mut self, twig: &Twig<'_>, m: &Moment) {
        let p = self.p;
        let level = m.level.map(|l| p.name(&format!("level-{}", l.clamp(1, 4)))).unwrap_or_default();
        let mut text = p.text(&m.text);
        with_files(p, &twig.under, &mut text);
        self.push_moment(PaperMoment { when: time(m.at, p.zone, TIME), who: p.text(&m.actor), text, note: level });
    }

    /// Moments that follow each other stand in one list.
    pub(super) fn push_moment(&mut self, moment: PaperMoment) {
        match self.blocks.last_mut() {
            Some(Block::Moments { moments }) => moments.push(moment),
            _ => self.blocks.push(Block::Moments { moments: vec![moment] }),
        }
    }

    pub(super) fn progress(&mut self, twig: &Twig<'_>) {
        for child in &twig.under {
            if let NodeKind::Step(s) = &child.node.kind {
                self.step(child, s);
            }
        }
    }

    pub(super) fn step(&mut self, twig: &Twig<'_>, s: &Step) {
        let note = state_at(self.p, &s.state, s.at);
        let step =
            PaperStep { mark: mark(&s.state), label: self.p.text(&s.label), note, lines: lines(self.p, &twig.under) };
        self.push_step(step);
    }

    pub(super) fn push_step(&mut self, step: PaperStep) {
        match self.blocks.last_mut() {
            Some(Block::Steps { steps }) => steps.push(step),
            _ => self.blocks.push(Block::Steps { steps: vec![step] }),
        }
    }

    pub(super) fn tree(&mut self, under: &[Twig<'_>], depth: u8, level: u8) {
        if under.is_empty() && depth == 0 {
            return self.small(self.p.say("view-empty"));
        }
        for child in under {
            match &child.node.kind {
                NodeKind::Branch(b) => self.branch(child, b, depth, level),
                NodeKind::Labelled(l) => {
                    let of = super::line(self.p, l);
                    self.leaf(Leaf { depth, label: of.label, value: of.value });
                }
                _ => self.each(std::slice::from_ref(child), level),
            }
        }
    }

    pub(super) fn branch(&mut self, twig: &Twig<'_>, b: &Branch, depth: u8, level: u8) {
        let shown = if b.value == crate::shape::Cell::None { String::new() } else { value(self.p, &b.value) };
        self.leaf(Leaf { depth, label: self.p.text(&b.label), value: shown });
        self.tree(&twig.under, depth.saturating_add(1), level);
    }

    pub(super) fn leaf(&mut self, leaf: Leaf) {
        match self.blocks.last_mut() {
            Some(Block::Tree { leaves }) => leaves.push(leaf),
            _ => self.blocks.push(Block::Tree { leaves: vec![leaf] }),
        }
    }
}

pub(super) fn mark(state: &str) -> Mark {
    match icon::State::of(state) {
        Some(icon::State::Done) => Mark::Done,
        Some(icon::State::Current) => Mark::Current,
        Some(icon::State::Open) => Mark::Open,
        Some(icon::State::Failed) => Mark::Failed,
        None => Mark::Other,
    }
}

/// The names of files under a text: the files themselves are opened on the screen, each a look of its own.
pub(super) fn with_files(p: &Painter<'_>, under: &[Twig<'_>], text: &mut String) {
    for file in under.iter().filter_map(|t| other(t, "file")) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&file_line(p, Attributes(file)));
    }
}

/// What kind of file, its name, by whom and when.
pub(super) fn file_line(p: &Painter<'_>, a: Attributes<'_>) -> String {
    let kind = a.one_of("kind", &["file", "image", "audio", "video"]).unwrap_or("file");
    let by = a.text("by").ok().flatten().map(str::to_owned);
    let at = a.time("at").ok().flatten().map(|at| time(at, p.zone, TIME));
    let more: Vec<String> = [by, at].into_iter().flatten().collect();
    let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(" · ")) };
    format!("{}: {}{more}", p.say(&format!("view-file-{kind}")), p.text(&a.0.fallback))
}
