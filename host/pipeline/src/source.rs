//! The journal as the store reads it when it catches up or is rebuilt.

use changzhi_journal::Journal;
use changzhi_model::Seq;
use changzhi_store::Source;
use std::ops::ControlFlow;
use std::sync::Arc;

pub(crate) struct JournalSource(pub(crate) Arc<dyn Journal>);

impl Source for JournalSource {
    fn head(&self) -> (Seq, [u8; 32]) {
        let head = self.0.head();
        (head.seq, head.chain)
    }

    fn read(&self, from: Seq, each: &mut dyn FnMut(Seq, &[u8]) -> ControlFlow<()>) -> Result<(), String> {
        self.0.read(from, each).map_err(|e| e.to_string())
    }
}
