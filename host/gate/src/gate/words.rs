//! The two words of an account for its alarms: the one that takes an alarm back, and the one that only looks as if it did.
//!
//! ```text
//! host/set-alarm-words ──► the gate puts a salted, keyed hash of each in the place of the word ──► `host.words`, sealed
//! a command with a secret field `alarm_word` ──► the gate compares, and hands on `safe`, `duress` or `unknown` in its place
//! ```
//!
//! Invariants: no word is in a journal, a digest or a log; both are compared whatever the first comparison says, and an account
//! without words takes as long: the time of the answer tells nothing. What was said is the plugin's to keep from whoever asks.
//!
//! Keyed hashes and no argon2: a word is short, what protects it is the city's secret; and an alarm waits for no hash.

use super::Gate;
use super::claim::{Mark, NOBODY, wrong};
use crate::{GateRefusal, Submission};
use changzhi_model::{EntityId, FieldDecl, Name, Sensitivity, Value};
use zeroize::Zeroize;

/// Name of the secret field of a command in which a word is given.
pub const ALARM_WORD: Name = Name::new_static("alarm_word");
/// The facet of an account that keeps both.
pub const WORDS: &str = "host.words";
/// Fields of [`WORDS`], what a word that fits is handed on as, and the sort of its hash.
const SORTS: [(&str, &[u8]); 2] = [("safe", b"changzhi word that takes back"), ("duress", b"changzhi word of duress")];
/// Shorter ones are guessed by whoever stands beside.
const LEAST: usize = 2;
const MOST: usize = 64;

/// As it is said: case, spaces around it and full-width letters are no differences.
fn spoken(word: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    word.trim().chars().take(MOST).map(narrow).flat_map(char::to_lowercase).collect()
}

impl Gate {
    /// Puts hashes in the place of the words an account sets for itself.
    pub(super) fn prepare_set_words(&self, submission: &mut Submission) -> Result<(), GateRefusal> {
        let given: Vec<String> = (0..SORTS.len())
            .map(|at| spoken(submission.body.get(at).and_then(Value::as_text).unwrap_or_default()))
            .collect();
        for (word, (field, _)) in given.iter().zip(SORTS) {
            if word.chars().count() < LEAST {
                return Err(wrong(field.into(), "host-word-short"));
            }
        }
        if given.first() == given.get(1) {
            return Err(wrong(Name::new_static("duress"), "host-words-alike"));
        }
        let pepper = self.pepper()?;
        for ((word, (_, sort)), kept) in given.iter().zip(SORTS).zip(&mut submission.body) {
            if let Value::Text(plain) = kept {
                plain.zeroize();
            }
            *kept = Value::Text(Mark { pepper, sort }.of(submission.request, word.as_bytes()));
        }
        Ok(())
    }

    /// Puts in the place of a word which of the account's own it is.
    pub(super) fn prepare_word(&self, fields: &[FieldDecl], submission: &mut Submission) -> Result<(), GateRefusal> {
        let is_word = |f: &FieldDecl| f.name == ALARM_WORD && f.sensitivity == Sensitivity::Secret;
        let account = submission.actor.id;
        for (at, _) in fields.iter().enumerate().filter(|(_, f)| is_word(f)) {
            let Some(given) = submission.body.get_mut(at) else { continue };
            let mut word = spoken(given.as_text().unwrap_or_default());
            if let Value::Text(plain) = given {
                plain.zeroize();
            }
            let said = self.said(account, &word)?;
            word.zeroize();
            *given = Value::text(said);
        }
        Ok(())
    }

    fn said(&self, account: EntityId, word: &str) -> Result<&'static str, GateRefusal> {
        let pepper = self.pepper()?;
        let mut said = "unknown";
        for (field, sort) in SORTS {
            let kept = match self.backend.secret(account, WORDS, field) {
                Ok(Some(Value::Text(kept))) if !account.is_none() => kept,
                Ok(_) => NOBODY.to_owned(),
                Err(why) => return Err(GateRefusal::Unavailable(why)),
            };
            if (Mark { pepper, sort }).fits(word.as_bytes(), &kept) {
                said = field;
            }
        }
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn a_word_is_the_same_however_it_is_typed() {
        for typed in ["Blue Bird", " blue bird ", "ＢＬＵＥ bird"] {
            assert_eq!(spoken(typed), "blue bird", "{typed}");
        }
        assert_eq!(spoken("蓝鸟"), "蓝鸟");
        assert_eq!(spoken(&"x".repeat(1_000)).len(), 64);
    }
}
