//! What the store needs of the journal.

use changzhi_model::Seq;
use std::ops::ControlFlow;

/// The journal, as the store reads it when it catches up or is rebuilt.
pub trait Source {
    /// The last durable record and the chain hash after it.
    fn head(&self) -> (Seq, [u8; 32]);
    /// Hands out durable records from `from` on, in order and verified, until `each` breaks. The error says what and where.
    fn read(&self, from: Seq, each: &mut dyn FnMut(Seq, &[u8]) -> ControlFlow<()>) -> Result<(), String>;
}
