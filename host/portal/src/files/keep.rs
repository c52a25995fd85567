//! Taking a file in.

use super::blocking;
use crate::problem::Problem;
use crate::state::App;
use changzhi_blobs::{BlobName, Kind, Refused, StoreError, clean, seal};
use changzhi_gate::{GateRefusal, HOST, Outcome, Records, Session, Submission};
use changzhi_model::{Actor, EntityId, FieldType, Msg, Name, Named, Refusal, RequestId, Text, Value};
use std::sync::Arc;
use std::time::Duration;

/// Characters of a name that are kept; the end says what it is.
const NAME_MAX: usize = 60;
/// Characters by which files of one request are told apart.
const OF_REQUEST: usize = 16;

/// One file as it was sent.
pub(crate) struct Sent {
    /// The plugin it is for.
    pub(crate) plugin: String,
    pub(crate) bytes: Vec<u8>,
    /// What its sender calls it. Shown as a name, and never asked what the file is.
    pub(crate) name: Option<String>,
    /// The same key of the same account is the same file, however often it is sent.
    pub(crate) key: String,
    /// Of whoever has no account: the request that takes it, and nothing else can.
    pub(crate) of: Option<RequestId>,
}

/// A file that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kept {
    pub(crate) id: EntityId,
    /// Media type.
    pub(crate) kind: String,
    pub(crate) bytes: i64,
}

/// Whether a plugin has a command with files that this account may give: nobody else's bytes are taken in.
pub(crate) fn takes_files(app: &App, session: &Session, plugin: &str) -> Result<(), Problem> {
    let manifest = app.town.manifest(plugin).filter(|m| m.id != HOST);
    let manifest = manifest.ok_or_else(|| Problem::new(404, "not-found", "no such plugin"))?;
    let mut taking =
        manifest.commands.iter().filter(|c| c.fields.iter().any(|f| f.kind == FieldType::Files)).peekable();
    if taking.peek().is_none() {
        return Err(Problem::new(404, "not-found", format!("no command of {plugin} takes files")));
    }
    if taking.any(|c| app.gate.is_served(session, &manifest.id, &c.roles)) {
        Ok(())
    } else {
        Err(Problem::of_gate(GateRefusal::Role { needed: Vec::new() }, plugin))
    }
}

/// Why a file is not taken, in the words of the sender's language.
pub(crate) fn refused(why: Refused) -> Problem {
    let number = |name: &str, n: u64| vec![Named::new(name, Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))];
    let (status, key, args) = match why {
        Refused::Empty => (422, "file-empty", Vec::new()),
        Refused::TooLarge { limit } => (413, "file-too-large", number("mib", (limit >> 20) as u64)),
        Refused::Heic => (415, "file-heic", Vec::new()),
        Refused::Markup => (415, "file-markup", Vec::new()),
        Refused::Unknown => (415, "file-unknown", Vec::new()),
        Refused::Broken => (422, "file-broken", Vec::new()),
        Refused::TooManyPixels { limit } => (413, "file-too-many-pixels", number("mega", limit / 1_000_000)),
    };
    let text = Text::Msg(Msg { key: key.to_owned(), args });
    Problem { text: Some(text), ..Problem::new(status, "file", why.to_string()) }
}

fn store_problem(error: &StoreError) -> Problem {
    tracing::error!(%error, "the store of files");
    Problem::unavailable(error.to_string(), Duration::from_secs(10))
}

/// Cleans, seals and writes a file, and enters it in the journal: it is durable when this returns.
pub(crate) async fn keep(app: &Arc<App>, session: &Arc<Session>, sent: Sent) -> Result<Kept, Problem> {
    app.gate.admit(session).map_err(|r| Problem::of_gate(r, &sent.plugin))?;
    let of_key = format!("file {} {}", sent.plugin, sent.key);
    let mut upload = RequestId::from_key(session.account, &of_key).to_string();
    if let Some(request) = sent.of {
        // The pipeline lets a command without an account take what begins with its own request, and nothing else.
        upload.truncate(OF_REQUEST);
        upload = format!("{request}.{upload}");
    }
    if let Some(kept) = known(app, session, &upload) {
        return Ok(kept);
    }
    if sent.of.is_none() && waiting(app, session) >= app.options.files.waiting {
        let mut problem = Problem::new(429, "file", "too many files that no record has taken");
        problem.text = Some(Text::key("file-waiting"));
        return Err(problem);
    }
    let (store, limits) = (Arc::clone(&app.options.files.store), app.options.files.limits);
    let stopped = |_| Problem::unavailable("the host is stopping".into(), Duration::from_secs(5));
    let place = app.files.drawing.acquire().await.map_err(stopped)?;
    let bytes = sent.bytes;
    let written = blocking(move || {
        let clean = clean(&bytes, limits).map_err(refused)?;
        let (key, sealed) = seal(&clean.bytes).map_err(|e| Problem::new(500, "bug", e.to_string()))?;
        let name = store.put(&sealed).map_err(|e| store_problem(&e))?;
        Ok::<_, Problem>((clean.kind, clean.bytes.len(), key.to_hex(), name))
    })
    .await??;
    drop(place);
    let (kind, length, key, blob) = written;
    let bytes = i64::try_from(length).unwrap_or(i64::MAX);
    let body = vec![
        Value::text(sent.plugin.as_str()),
        Value::Text(blob.to_string()),
        Value::Text(upload.clone()),
        Value::text(kind.media_type()),
        Value::Int(bytes),
        Value::Text(key.to_string()),
        sent.name.as_deref().and_then(|n| file_name(n, kind)).map_or(Value::None, Value::Text),
    ];
    match entered(app, session, body).await {
        Ok(id) => Ok(Kept { id, kind: kind.media_type().to_owned(), bytes }),
        Err(problem) => {
            give_up(app, blob).await;
            // The same file was sent by another way at the same time: that one counts.
            known(app, session, &upload).ok_or(problem)
        }
    }
}

/// Enters a file in the journal, in the name of whoever sent it.
async fn entered(app: &Arc<App>, session: &Session, body: Vec<Value>) -> Result<EntityId, Problem> {
    let submission = Submission {
        plugin: HOST,
        command: Name::new_static("keep-file"),
        body,
        actor: Actor { id: session.account, roles: Vec::new(), divisions: vec![EntityId::NONE] },
        purpose: Name::default(),
        place: None,
        request: RequestId::keyless(rand::random()),
        locale: Name::default(),
        expected: None,
        acting_for: None,
    };
    let (tell, told) = tokio::sync::oneshot::channel();
    app.town.submit_then(submission, Box::new(move |outcome| drop(tell.send(outcome))));
    match told.await {
        Ok(Outcome::Done { answer, .. }) => answer
            .iter()
            .find_map(|n| n.value.as_entity())
            .ok_or_else(|| Problem::new(500, "bug", "the file has no id")),
        Ok(Outcome::Refused(refusal @ Refusal::Invalid(_))) => Err(Problem::of_refusal(refusal, "")),
        Ok(Outcome::Unavailable { reason, retry_after }) => Err(Problem::unavailable(reason, retry_after)),
        other => Err(Problem::unavailable(format!("the file is not entered: {other:?}"), Duration::from_secs(5))),
    }
}

/// Bytes no record tells of.
async fn give_up(app: &App, blob: BlobName) {
    let store = Arc::clone(&app.options.files.store);
    if let Ok(Err(error)) = blocking(move || store.remove(blob)).await {
        tracing::warn!(%error, "a file that was not entered stays until the next sweep");
    }
}

fn known(app: &App, session: &Session, upload: &str) -> Option<Kept> {
    let mut kept = None;
    app.town.read(&mut |r| {
        kept = r.find("host.file", "upload", &Value::text(upload)).and_then(|id| {
            let by = r.value(id, "host.file", "by");
            let own = if session.account.is_none() { by.is_none() } else { by == Value::Entity(session.account) };
            let own = own && r.value(id, "host.file", "of") != Value::Entity(id);
            let kind = r.value(id, "host.file", "type").as_text()?.to_owned();
            let Value::Int(bytes) = r.value(id, "host.file", "bytes") else { return None };
            own.then_some(Kept { id, kind, bytes })
        });
    });
    kept
}

fn waiting(app: &App, session: &Session) -> usize {
    let mut count = 0;
    app.town.read(&mut |r: &dyn Records| {
        let sent = r.referring("file", "host.file", "by", session.account);
        count = sent.into_iter().filter(|f| r.value(*f, "host.file", "of").is_none()).count();
    });
    count
}

/// What a file is called when it is saved: no path, nothing invisible, and the end of what it is.
fn file_name(given: &str, kind: Kind) -> Option<String> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let plain = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '(' | ')' | '（' | '）' | '、' | '·');
    let stem: String = stem.chars().filter(plain).take(NAME_MAX).collect();
    let stem = stem.trim();
    (!stem.is_empty()).then(|| format!("{stem}.{}", kind.extension()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_no_way_to_anywhere() {
        let named = |given| file_name(given, Kind::Jpeg);
        assert_eq!(named("路灯 (1).PNG").as_deref(), Some("路灯 (1).jpg"));
        assert_eq!(named("../../etc/passwd").as_deref(), Some("passwd.jpg"));
        assert_eq!(named("C:\\fotos\\a.svg").as_deref(), Some("a.jpg"));
        assert_eq!(named("a\r\nSet-Cookie: x=1\".png").as_deref(), Some("aSet-Cookie x1.jpg"));
        assert_eq!(named("\u{202e}gpj.exe").as_deref(), Some("gpj.jpg"), "nothing that turns the reading round");
        assert_eq!(named("...."), None);
        assert!(named(&"长".repeat(500)).is_some_and(|n| n.len() <= 256));
    }
}
