//! The two words of an account for its alarms; see [`crate::WORDS`].

use super::{Call, invalid, put};
use crate::WORDS;
use changzhi_model::{Changes, Refusal};

/// For oneself. Both at once: whoever changes one says the other anew.
pub(super) fn set(call: &Call<'_>) -> Result<Changes, Refusal> {
    let account = call.of_kind("account", call.ctx.actor.id, "account")?;
    for (at, field) in ["safe", "duress"].into_iter().enumerate() {
        let hash = call.text(at);
        // The gate hashes; a word that comes here in the open came around it.
        if hash.len() != 48 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(invalid(field, "host-hash-by-the-gate", Vec::new()));
        }
    }
    let fields = vec![("safe", call.at(0).clone()), ("duress", call.at(1).clone())];
    Ok(Changes { ops: vec![put(account, WORDS, fields)], answer: Vec::new() })
}
