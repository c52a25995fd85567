//! `changzhi packet`: papers that carry the journal's proof, checked by whoever holds one. No host, no account and no network is needed.
//!
//! ```text
//! text ──SHA-256──► the digest that stands, in the open, in the transaction that sealed it
//! chain before ‖ length ‖ transaction ──SHA-256──► chain after it: a place in the journal that nothing can be put into later
//! with --data: the journal itself has that transaction there, and that chain
//! ```
//!
//! There are no signing keys: who holds the file alone knows that it is whole and that text, transaction and chain belong together; that
//! the chain is the city's is known by the journal, by any copy of it, or by a later head that was written down elsewhere.

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changzhi_journal::{FsDisk, Journal as _, Options, SegmentLog, link};
use changzhi_model::{EntityId, Fact, Seq, Stored, Transaction, Value};
use changzhi_settings::Settings;
use clap::Subcommand;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

const FORMAT: &str = "changzhi-proof/1";

#[derive(Subcommand)]
pub enum Packet {
    /// Check a proof file: that not one byte of its text or of its place in the journal was changed
    Verify {
        /// The file, as the portal gave it out
        file: PathBuf,
        /// Data folder of a host that is not running, or a copy of it: the journal is asked as well
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    format: String,
    text: String,
    sha256: String,
    record: u64,
    sealed: Place,
    head: Head,
    /// SHA-256 of all that stands before it.
    whole: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    seq: u64,
    at: String,
    before: String,
    transaction: String,
    chain: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    seq: u64,
    chain: String,
}

impl Packet {
    pub fn run(self, _settings: &Settings) -> anyhow::Result<ExitCode> {
        let Packet::Verify { file, data } = self;
        let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
        let proof = checked(&bytes).with_context(|| format!("{}: not what was sealed", file.display()))?;
        println!("text        {} bytes, SHA-256 {}", proof.text.len(), proof.sha256);
        println!("sealed      {} in transaction {}, chain {}", proof.sealed.at, proof.sealed.seq, proof.sealed.chain);
        match data {
            Some(data) => {
                in_journal(&proof, data)?;
                println!("journal     has this transaction in this place, and the head that was told");
            }
            None => println!("journal     not asked: give --data, or compare the chain with a copy of the journal"),
        }
        println!("signature   none: this host has no signing keys; the chain is the proof");
        println!("whole");
        Ok(ExitCode::SUCCESS)
    }
}

/// Everything that can be known from the file alone.
fn checked(bytes: &[u8]) -> anyhow::Result<Proof> {
    let text = std::str::from_utf8(bytes).context("it is not UTF-8")?;
    let proof: Proof = serde_json::from_str(text).context("it is no proof file")?;
    ensure!(proof.format == FORMAT, "its format is {:?}; this program reads {FORMAT}", proof.format);
    // As it was written, to the byte: another spelling of the same JSON is another file.
    let mark = format!(",\"whole\":\"{}\"}}\n", proof.whole);
    let before = text.strip_suffix(mark.as_str()).context("its end is not as it was written")?;
    ensure!(hex::encode(Sha256::digest(before)) == proof.whole, "a byte of it was changed");
    ensure!(hex::encode(Sha256::digest(&proof.text)) == proof.sha256, "the text is another than was signed");
    let record = STANDARD.decode(&proof.sealed.transaction).context("the transaction does not read")?;
    let tx = Transaction::decode(&record).map_err(|e| anyhow::anyhow!("the transaction does not read: {e}"))?;
    ensure!(tx.at.to_rfc3339() == proof.sealed.at, "the transaction was at another time");
    ensure!(holds(&tx, EntityId(proof.record), &proof.sha256), "the transaction seals another text");
    let chain = link(&hash(&proof.sealed.before)?, &record);
    ensure!(hex::encode(chain) == proof.sealed.chain, "the transaction does not belong to this place of the journal");
    ensure!(proof.head.seq >= proof.sealed.seq, "the head lies before what it is the head of");
    hash(&proof.head.chain)?;
    Ok(proof)
}

/// Whether a transaction puts this digest into a field of the record, in the open.
fn holds(tx: &Transaction, record: EntityId, digest: &str) -> bool {
    tx.facts.iter().any(|fact| match fact {
        Fact::Put { entity, fields, .. } => {
            *entity == record
                && fields.iter().any(|(name, value)| {
                    name == "digest" && matches!(value, Stored::Open(Value::Text(text)) if text == digest)
                })
        }
        _ => false,
    })
}

fn in_journal(proof: &Proof, data: PathBuf) -> anyhow::Result<()> {
    let dir = data.join("journal");
    ensure!(dir.is_dir(), "{}: no journal is there; name the data folder with --data", dir.display());
    let (log, _) = SegmentLog::open(Arc::new(FsDisk::new(&dir)?), Options::default())?;
    let kept = log.get(Seq(proof.sealed.seq))?.context("the journal has no such transaction")?;
    ensure!(STANDARD.encode(kept) == proof.sealed.transaction, "the journal has another transaction there");
    for (seq, chain) in [(proof.sealed.seq, &proof.sealed.chain), (proof.head.seq, &proof.head.chain)] {
        let own = log.chain_at(Seq(seq))?.with_context(|| format!("the journal ends before {seq}"))?;
        ensure!(hex::encode(own) == *chain, "the journal's chain at {seq} is another");
    }
    log.close()?;
    Ok(())
}

fn hash(text: &str) -> anyhow::Result<[u8; 32]> {
    let bytes = hex::decode(text).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
    bytes.with_context(|| format!("{text:?} is no hash"))
}
