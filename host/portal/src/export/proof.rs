//! The proof of a sealed paper: its text, and the transaction of the journal that sealed it, in its place in the hash chain. Whoever has
//! the file checks it with `changzhi packet verify FILE`, without the host and without an account.
//!
//! The file is one line of JSON, written in this order and no other; `whole` is the SHA-256 of every byte before it.

use crate::shape::{NodeKind, Other, Page, Value};
use crate::town::{Proof, Town};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changzhi_model::{EntityId, Transaction};
use serde_json::json;
use sha2::{Digest, Sha256};

fn attribute<'o>(o: &'o Other, name: &str) -> Option<&'o Value> {
    o.attributes.iter().find(|a| a.name == name).map(|a| &a.value)
}

/// The record that sealed a paper, if it is one that is sealed.
fn sealed_by(o: &Other) -> Option<EntityId> {
    let is_sealed = matches!(attribute(o, "state"), Some(Value::Text(state)) if state == "sealed");
    match attribute(o, "record") {
        Some(Value::Entity(record)) if o.kind == "document" && is_sealed => Some(EntityId(*record)),
        _ => None,
    }
}

/// Says on each sealed paper of a page where in the journal it stands. What cannot be read is not said, and is in the log.
pub(crate) fn say(town: &dyn Town, page: &mut Page) {
    for node in &mut page.nodes {
        let NodeKind::Other(o) = &mut node.kind else { continue };
        let Some(record) = sealed_by(o) else { continue };
        match town.proof(record) {
            Ok(proof) => {
                let seq = i64::try_from(proof.seq.0).unwrap_or(i64::MAX);
                let mut put = |name: &str, value| o.attributes.push(crate::shape::Named { name: name.into(), value });
                put("journal-seq", Value::Int(seq));
                put("journal-chain", Value::Text(hex::encode(proof.chain)));
            }
            Err(error) => tracing::warn!(%record, error, "the proof of a sealed paper cannot be read"),
        }
    }
}

/// True when a page has a paper whose place in the journal is to be said.
pub(crate) fn is_on(page: &Page) -> bool {
    page.nodes.iter().any(|n| matches!(&n.kind, NodeKind::Other(o) if sealed_by(o).is_some()))
}

/// The file; `None`: there is no sealed paper with its text on the page.
///
/// # Errors
/// The journal cannot be read.
pub(super) fn write(town: &dyn Town, page: &Page) -> Result<Option<Vec<u8>>, String> {
    let found = page.nodes.iter().find_map(|node| match &node.kind {
        NodeKind::Other(o) => Some((sealed_by(o)?, attribute(o, "text")?)),
        _ => None,
    });
    let Some((record, Value::Text(text))) = found else { return Ok(None) };
    file(record, text, &town.proof(record)?).map(Some)
}

fn file(record: EntityId, text: &str, proof: &Proof) -> Result<Vec<u8>, String> {
    let tx = Transaction::decode(&proof.record).map_err(|e| e.to_string())?;
    let part = |value: serde_json::Value| value.to_string();
    let sealed = format!(
        "{{\"seq\":{},\"at\":{},\"before\":\"{}\",\"transaction\":\"{}\",\"chain\":\"{}\"}}",
        proof.seq.0,
        part(json!(tx.at.to_rfc3339())),
        hex::encode(proof.before),
        STANDARD.encode(&proof.record),
        hex::encode(proof.chain),
    );
    let head = format!("{{\"seq\":{},\"chain\":\"{}\"}}", proof.head.0.0, hex::encode(proof.head.1));
    let before = format!(
        "{{\"format\":\"changzhi-proof/1\",\"text\":{},\"sha256\":\"{}\",\"record\":{},\"sealed\":{sealed},\"head\":{head}",
        part(json!(text)),
        hex::encode(Sha256::digest(text)),
        record.0,
    );
    let whole = hex::encode(Sha256::digest(&before));
    Ok(format!("{before},\"whole\":\"{whole}\"}}\n").into_bytes())
}
