//! Pages that were shown lately, so that somebody whose page has grown old can be told what changed.
//!
//! Price: memory for the trees of pages with commands on them, bounded in number and bytes; the oldest goes first. After a restart
//! nothing is remembered, and the comparison shows only what is now.

use crate::shape::Page;
use changzhi_model::{EntityId, Seq};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

const PAGES_MAX: usize = 512;
const BYTES_MAX: u64 = 32 << 20;

struct Entry {
    account: EntityId,
    address: String,
    revision: Seq,
    page: Arc<Page>,
    bytes: u64,
}

#[derive(Default)]
struct Kept {
    pages: VecDeque<Entry>,
    bytes: u64,
}

/// What was shown to whom, by address and revision.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Kept>);

impl Seen {
    pub(crate) fn remember(&self, account: EntityId, address: &str, revision: Seq, page: Arc<Page>) {
        let bytes = page.nodes.iter().map(changzhi_plugins::view_bytes).sum();
        let mut kept = self.0.lock();
        if kept.pages.iter().any(|e| e.account == account && e.revision == revision && e.address == address) {
            return;
        }
        kept.bytes += bytes;
        kept.pages.push_back(Entry { account, address: address.to_owned(), revision, page, bytes });
        while kept.pages.len() > PAGES_MAX || kept.bytes > BYTES_MAX {
            match kept.pages.pop_front() {
                Some(oldest) => kept.bytes -= oldest.bytes,
                None => break,
            }
        }
    }

    /// Only ever what this account itself was shown.
    pub(crate) fn recall(&self, account: EntityId, address: &str, revision: Seq) -> Option<Arc<Page>> {
        let kept = self.0.lock();
        let found = kept.pages.iter().find(|e| e.account == account && e.revision == revision && e.address == address);
        found.map(|e| Arc::clone(&e.page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Node, NodeKind, Text};

    fn page(bytes: usize) -> Arc<Page> {
        let kind = NodeKind::Paragraph(Text::Plain("x".repeat(bytes)));
        let nodes = vec![Node { key: String::new(), children: 0, kind }];
        Arc::new(Page { title: Text::Plain(String::new()), nodes })
    }

    #[test]
    fn an_account_recalls_its_own_pages_only_and_the_oldest_go_first() {
        let seen = Seen::default();
        seen.remember(EntityId(1), "/p/a/b", Seq(7), page(10));
        assert!(seen.recall(EntityId(1), "/p/a/b", Seq(7)).is_some());
        assert!(seen.recall(EntityId(2), "/p/a/b", Seq(7)).is_none());
        assert!(seen.recall(EntityId(1), "/p/a/b", Seq(8)).is_none());
        for i in 0..PAGES_MAX as u64 {
            seen.remember(EntityId(1), "/p/a/b", Seq(100 + i), page(10));
        }
        assert!(seen.recall(EntityId(1), "/p/a/b", Seq(7)).is_none());
        seen.remember(EntityId(1), "/big", Seq(1), page(BYTES_MAX as usize - 100));
        assert!(seen.0.lock().bytes <= BYTES_MAX && seen.recall(EntityId(1), "/big", Seq(1)).is_some());
    }
}
