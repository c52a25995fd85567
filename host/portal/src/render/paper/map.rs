//! Maps as the list of what is on them.

use super::Sheet;
use crate::render::layered;
use crate::render::tree::Twig;
use crate::shape::Layer;
use changzhi_print::Block;

impl Sheet<'_, '_> {
    pub(super) fn map(&mut self, twig: &Twig<'_>) {
        let (leaves, bad) = layered::leaves(self.p, twig);
        bad.iter().for_each(|(o, wrong)| self.malformed(o, wrong));
        if leaves.is_empty() {
            return self.small(self.p.say("view-empty"));
        }
        self.small(self.p.say("print-map"));
        self.blocks.push(Block::Tree { leaves });
    }

    pub(super) fn layer(&mut self, l: &Layer) {
        let leaves = layered::of_layer(self.p, l);
        self.blocks.push(Block::Tree { leaves });
    }
}
