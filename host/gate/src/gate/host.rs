//! The gate's part in the host's own commands: secrets are made and hashed here, so that no journal, digest or log holds one.

use super::Gate;
use super::check::Checked;
use super::sign_in::PASSWORD_MAX;
use crate::identity::TOKEN_NONE;
use crate::sessions::{fresh, key};
use crate::{GateRefusal, HOST, Outcome, PASSWORD_MIN, Session, Submission, password};
use changzhi_model::{Actor, EntityId, Msg, Name, Named, Problem, RequestId, Text, Value};
use std::sync::mpsc;
use zeroize::Zeroize;

/// An account to be there, with what it may do. See [`Gate::ensure_account`].
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    pub login: &'a str,
    pub name: &'a str,
    pub password: &'a str,
    /// Role and division; `None` is the whole city.
    pub roles: &'a [(&'a str, Option<EntityId>)],
    pub purposes: &'a [&'a str],
}

impl Gate {
    pub(super) fn prepare_host(&self, session: &Session, checked: &mut Checked) -> Result<(), GateRefusal> {
        let submission = &mut checked.submission;
        match submission.command.as_str() {
            "create-account" => {
                let login = text(&submission.body, 0).to_owned();
                self.hash_at(submission, 2, &login)
            }
            "set-password" => self.prepare_set_password(session, submission),
            "set-alarm-words" => self.prepare_set_words(submission),
            // Who holds a token only is not the account: a loan would outlive it.
            "delegate" if session.token.is_some() => Err(problem("delegate", "host-signed-in-only", Vec::new())),
            "issue-token" => {
                bound(session, submission)?;
                let given = submission.body.get_mut(4);
                let Some(hash @ Value::None) = given else {
                    return Err(problem("hash", "host-hash-by-the-gate", Vec::new()));
                };
                let secret = format!("cz_{}", fresh());
                *hash = Value::Text(hex::encode(key(&secret)));
                checked.private.push(Named::new("token", Value::Text(secret)));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Who changes the own password proves the old one: a session left open is not the account.
    fn prepare_set_password(&self, session: &Session, submission: &mut Submission) -> Result<(), GateRefusal> {
        let account = submission.body.first().and_then(Value::as_entity).unwrap_or_default();
        if account == session.account {
            let fits = match self.stored_password(account)? {
                Some(stored) => self.verified(text(&submission.body, 2), &stored)?,
                None => false,
            };
            if !fits {
                return Err(problem("current", "host-current-password", Vec::new()));
            }
        }
        if let Some(Value::Text(current)) = submission.body.get_mut(2) {
            current.zeroize();
        }
        if let Some(current) = submission.body.get_mut(2) {
            *current = Value::None;
        }
        self.hash_at(submission, 1, &account.to_string())
    }

    fn hash_at(&self, submission: &mut Submission, i: usize, salt: &str) -> Result<(), GateRefusal> {
        let Some(Value::Text(plain)) = submission.body.get_mut(i) else { return Ok(()) };
        if plain.chars().count() < PASSWORD_MIN || plain.len() > PASSWORD_MAX {
            let int = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
            let args = vec![Named::new("least", int(PASSWORD_MIN)), Named::new("most", int(PASSWORD_MAX))];
            return Err(problem("password", "host-password-length", args));
        }
        let hashed = self.hashing(|| password::hash(plain, salt, submission.request))?;
        plain.zeroize();
        *plain = hashed.map_err(GateRefusal::Unavailable)?;
        Ok(())
    }

    /// Makes an account unless its login is there, as the host itself: for the first administrator and the demo city.
    /// Blocks until it is durable; what is there already is left as it is.
    ///
    /// # Errors
    /// What was refused, in words.
    pub fn ensure_account(&self, new: &NewAccount<'_>) -> Result<EntityId, String> {
        let login = Value::text(new.login);
        let account = match self.read(|r| r.find("host.account", "login", &login)).flatten() {
            Some(account) => account,
            None => {
                let body = vec![login, Value::text(new.name), Value::text(new.password)];
                let answer = self.as_host("create-account", body)?;
                answer
                    .iter()
                    .find_map(|n| n.value.as_entity())
                    .ok_or_else(|| format!("account {}: no id in the answer", new.login))?
            }
        };
        let has = self.read(|r| Session::own(r, account)).flatten();
        for (role, division) in new.roles {
            let held = has.as_ref().is_some_and(|s| s.held.iter().any(|h| h.role == *role && h.division == *division));
            if !held {
                let division = division.map_or(Value::None, Value::Entity);
                self.as_host("grant-role", vec![Value::Entity(account), Value::text(*role), division])?;
            }
        }
        for purpose in new.purposes {
            if !has.as_ref().is_some_and(|s| s.purposes.iter().any(|p| p == purpose)) {
                self.as_host("allow-purpose", vec![Value::Entity(account), Value::text(*purpose)])?;
            }
        }
        Ok(account)
    }

    /// A token for an account, made by the host itself (demo sign-ins, benchmarks). Returns the secret.
    ///
    /// # Errors
    /// What was refused, in words.
    pub fn issue_token(
        &self,
        account: EntityId,
        label: &str,
        expires: changzhi_model::Micros,
    ) -> Result<String, String> {
        let secret = format!("cz_{}", fresh());
        let hash = Value::Text(hex::encode(key(&secret)));
        let body =
            vec![Value::Entity(account), Value::text(label), Value::None, Value::Time(expires), hash, Value::None];
        self.as_host("issue-token", body)?;
        Ok(secret)
    }

    /// A secret of the host's own by name, made by `fresh` when there is none: sealed in the journal like anybody's secret.
    ///
    /// # Errors
    /// What was refused, in words.
    pub fn kept_secret(&self, name: &str, fresh: impl FnOnce() -> Result<String, String>) -> Result<String, String> {
        let name = Value::text(name);
        let find = || self.read(|r| r.find("host.secret", "name", &name)).flatten();
        if find().is_none() {
            self.as_host(crate::KEEP_SECRET, vec![name.clone(), Value::Text(fresh()?)])?;
        }
        let secret = find().ok_or("the secret was not kept")?;
        match self.backend.secret(secret, "host.secret", "value")? {
            Some(Value::Text(text)) => Ok(text),
            _ => Err("the secret was erased".into()),
        }
    }

    /// A command of the host's own domain in the host's own name: places of the demo city and the like. Blocks until durable.
    ///
    /// # Errors
    /// What was refused, in words.
    pub fn as_host(&self, command: &str, body: Vec<Value>) -> Result<Vec<Named>, String> {
        let mut submission = own_submission(command, body);
        if command == "create-account" {
            let login = text(&submission.body, 0).to_owned();
            self.hash_at(&mut submission, 2, &login)
                .map_err(|e| format!("{command}: {e}: password of {PASSWORD_MIN} to {PASSWORD_MAX} characters"))?;
        }
        match self.settled(submission) {
            Outcome::Done { answer, .. } => Ok(answer),
            Outcome::Refused(refusal) => Err(format!("host/{command} refused: {}", words(&refusal))),
            other => Err(format!("host/{command}: {other:?}")),
        }
    }

    /// The same with its outcome as it is, for whoever says a refusal in a person's own language. Not for what holds a secret: nothing is
    /// hashed here.
    pub fn outcome_as_host(&self, command: &str, body: Vec<Value>) -> Outcome {
        self.settled(own_submission(command, body))
    }

    fn settled(&self, submission: Submission) -> Outcome {
        let (tell, told) = mpsc::channel();
        self.backend.submit_then(
            submission,
            Box::new(move |outcome| {
                let _ = tell.send(outcome);
            }),
        );
        told.recv().unwrap_or_else(|_| Outcome::Failed("the city stopped".into()))
    }
}

fn own_submission(command: &str, body: Vec<Value>) -> Submission {
    Submission {
        plugin: HOST,
        command: command.into(),
        body,
        actor: Actor { id: EntityId::NONE, roles: vec![crate::identity::ADMIN], divisions: Vec::new() },
        purpose: Name::default(),
        place: None,
        request: RequestId::keyless(rand::random()),
        locale: Name::new_static("en"),
        expected: None,
        acting_for: None,
    }
}

/// A token that makes a token of its own account gives on no more than it has: neither roles, nor purposes, nor time.
fn bound(session: &Session, submission: &mut Submission) -> Result<(), GateRefusal> {
    let of = submission.body.first().and_then(Value::as_entity).unwrap_or(session.account);
    let Some(end) = session.expires.filter(|_| of == session.account) else { return Ok(()) };
    if submission.body.get(3).and_then(Value::as_time).is_some_and(|at| at > end) {
        return Err(problem("expires", "host-token-longer", Vec::new()));
    }
    let roles = session.roles();
    for (i, field, all) in [(2, "roles", &roles), (5, "purposes", &session.purposes)] {
        let chosen = text(&submission.body, i).to_owned();
        let mut chosen = chosen.split_whitespace().filter(|c| *c != TOKEN_NONE);
        if chosen.any(|c| !all.iter().any(|a| a == c)) {
            let key = if i == 2 { "host-token-roles" } else { "host-token-purposes" };
            return Err(problem(field, key, Vec::new()));
        }
        if let Some(given @ Value::None) = submission.body.get_mut(i) {
            *given = Value::Text(if all.is_empty() { TOKEN_NONE.to_owned() } else { all.join(" ") });
        }
    }
    Ok(())
}

fn words(refusal: &changzhi_model::Refusal) -> String {
    match refusal {
        changzhi_model::Refusal::Invalid(problems) => {
            problems.iter().map(changzhi_model::body::explain).collect::<Vec<_>>().join("; ")
        }
        other => format!("{other:?}"),
    }
}

fn text(body: &[Value], i: usize) -> &str {
    body.get(i).and_then(Value::as_text).unwrap_or_default()
}

fn problem(field: &str, key: &str, args: Vec<Named>) -> GateRefusal {
    let message = Text::Msg(Msg { key: key.to_owned(), args });
    GateRefusal::Invalid(vec![Problem { field: field.into(), message }])
}
