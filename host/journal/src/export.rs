//! The log as JSON lines, for people and for other programs.
//!
//! One line a record: `{"seq":1,"record":…}` from the caller's decoder, or `{"seq":1,"raw":"hex"}`. The last line is
//! `{"head":{"seq":…,"chain":"hex"}}`: whoever has all raw lines can compute the chain again.

use crate::{Journal, JournalError};
use changzhi_model::Seq;
use std::io::Write;
use std::ops::ControlFlow;

/// Makes a record readable; the error says why it cannot.
pub type Decode<'a> = &'a dyn Fn(Seq, &[u8]) -> Result<serde_json::Value, String>;

/// What a record becomes.
pub enum Export<'a> {
    /// Its bytes in hexadecimal.
    Raw,
    Decoded(Decode<'a>),
}

/// Writes the durable records `from..=to` to `out`; gives how many.
///
/// # Errors
/// What reading gives, and `Export` when the decoder or `out` fails.
pub fn export(
    journal: &dyn Journal,
    from: Seq,
    to: Option<Seq>,
    form: &Export<'_>,
    out: &mut dyn Write,
) -> Result<u64, JournalError> {
    let last = to.unwrap_or_else(|| journal.durable()).min(journal.durable());
    let mut count = 0;
    let mut failed = None;
    journal.read(from, &mut |seq, record| {
        if seq > last {
            return ControlFlow::Break(());
        }
        let line = match form {
            Export::Raw => Ok(serde_json::json!({ "seq": seq, "raw": hex::encode(record) })),
            Export::Decoded(decode) => decode(seq, record).map(|r| serde_json::json!({ "seq": seq, "record": r })),
        };
        let written = line.and_then(|l| writeln!(out, "{l}").map_err(|e| e.to_string()));
        if let Err(why) = written {
            failed = Some(JournalError::Export { seq: seq.0, why });
            return ControlFlow::Break(());
        }
        count += 1;
        ControlFlow::Continue(())
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    let chain = journal.chain_at(last)?.unwrap_or_default();
    let line = serde_json::json!({ "head": { "seq": last, "chain": hex::encode(chain) } });
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|e| JournalError::Export { seq: last.0, why: e.to_string() })?;
    Ok(count)
}
