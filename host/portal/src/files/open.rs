//! Handing a file out.

use super::blocking;
use crate::api::Declared;
use crate::auth;
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use changzhi_blobs::{BlobName, Key, Kind, StoreError, open};
use changzhi_gate::{GateRefusal, Look, Session};
use changzhi_model::{Actor, EntityId, FieldType, Name, Value, body};
use std::sync::Arc;

/// Nothing runs, nothing is loaded, nothing is framed: whatever the bytes are, they are only looked at.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What the world has of a file that a record took.
struct Record {
    of: EntityId,
    kind: Name,
    plugin: Name,
    blob: String,
    media: Kind,
    /// The field that holds it is not sealed: it shows no person, and the look is written down without a purpose being asked for.
    of_a_thing: bool,
}

/// What such a look is entered as.
const OF_A_THING: Name = Name::new_static("no-persons");

fn nothing() -> Problem {
    Problem::new(404, "not-found", "no such file")
}

fn record(app: &App, file: EntityId) -> Option<Record> {
    let mut found = None;
    app.town.read(&mut |r| {
        let text = |name: &str| r.value(file, "host.file", name).as_text().map(str::to_owned);
        found = (|| {
            r.core(file).filter(|core| core.kind == "file")?;
            let of = r.value(file, "host.file", "of").as_entity()?;
            let plugin: Name = text("plugin")?.into();
            let manifest = app.town.manifest(&plugin);
            let open =
                manifest.iter().flat_map(|m| &m.facets).flat_map(|f| f.fields.iter().map(move |field| (f, field)));
            let mut open = open.filter(|(_, f)| f.kind == FieldType::Files && !f.sensitivity.is_sealed());
            // A sealed field has no value here: whoever cannot tell asks for a purpose.
            let of_a_thing = open.any(|(facet, field)| names(&r.value(of, &facet.name, &field.name), file));
            Some(Record {
                of,
                kind: r.core(of)?.kind,
                plugin,
                of_a_thing,
                blob: text("blob")?,
                media: Kind::of_media_type(&text("type")?)?,
            })
        })();
    });
    found
}

/// Whether a value of a field of files names this one.
fn names(value: &Value, file: EntityId) -> bool {
    value.as_text().is_some_and(|ids| ids.split(' ').any(|id| id.parse() == Ok(file.0)))
}

/// The gate's answer for the page of the record, for a purpose unless it shows no person.
fn admitted(app: &App, session: &Session, of: &Record, given: &Declared, about: &About) -> Result<Look, Problem> {
    let manifest = app.town.manifest(&of.plugin).ok_or_else(nothing)?;
    let view = crate::pages::opener(&manifest, &of.kind).ok_or_else(nothing)?;
    let ask = crate::api::ask(&manifest.id, &view.name, given, about.locale);
    let pairs = [(of.kind.to_string(), of.of.to_string())];
    let look = app.gate.look(session, &ask, |params| body::parse_form(params, &pairs, &app.options.zone));
    let look = look.map_err(|r| Problem::of_gate(r, &of.plugin))?;
    if look.purpose.is_empty() && !of.of_a_thing {
        return Err(Problem::of_gate(GateRefusal::PurposeNeeded(session.purposes.clone()), &of.plugin));
    }
    Ok(look)
}

/// One file of a record, for somebody who may open the record's page, for a purpose.
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, false)?;
    let file =
        id.parse().ok().filter(|id| (1..EntityId::PROVISIONAL).contains(id)).map(EntityId).ok_or_else(nothing)?;
    let pairs =
        body::pairs(raw.unwrap_or_default().as_bytes()).map_err(|e| Problem::new(400, "form", e.to_string()))?;
    let said = headers.get("x-purpose").and_then(|v| v.to_str().ok().map(str::to_owned));
    let purpose = said.or_else(|| pairs.into_iter().find(|(n, _)| n == "_purpose").map(|(_, v)| v));
    let given = Declared { purpose, ..Declared::default() };
    let of = record(&app, file).ok_or_else(nothing)?;
    let (actor, purpose) = match app.town.membership(of.of, session.account) {
        // Their own matter: no purpose is asked for, and the look is entered all the same.
        Some(true) => (Actor { id: session.account, ..Actor::default() }, Name::new_static("member")),
        // As if it were not there, whatever role and purpose somebody holds.
        Some(false) => return Err(nothing()),
        None => {
            let look = admitted(&app, &session, &of, &given, &about)?;
            let purpose = if look.purpose.is_empty() { OF_A_THING } else { look.purpose };
            (look.actor, purpose)
        }
    };
    let (town, store, media) = (Arc::clone(&app.town), Arc::clone(&app.options.files.store), of.media);
    let (bytes, name) = blocking(move || {
        let secret = |field: &str| town.secret(file, "host.file", field).map_err(|e| Problem::new(500, "bug", e));
        let Some(Value::Text(key)) = secret("key")? else {
            return Err(Problem::new(410, "erased", "the file was erased"));
        };
        let blob = of.blob.parse::<BlobName>().map_err(|e| damaged(&e))?;
        let sealed = store.get(blob).map_err(|e| damaged(&e))?;
        let key = Key::from_hex(&key).ok_or_else(|| Problem::new(500, "bug", "the file's key is none"))?;
        let bytes = open(&key, &sealed).map_err(|e| Problem::new(500, "bug", e.to_string()))?;
        let name = match secret("name")? {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        };
        // Before a byte leaves.
        let refused = |e| Problem::unavailable(e, std::time::Duration::from_secs(5));
        town.looked(&actor, &purpose, &of.plugin, of.of, ("host.file", "blob")).map_err(refused)?;
        Ok::<_, Problem>((bytes, name))
    })
    .await??;
    Ok(dressed(bytes, media, file, name.as_deref()))
}

fn damaged(error: &StoreError) -> Problem {
    tracing::error!(%error, "an attached file cannot be read");
    Problem::new(500, "file-damaged", error.to_string())
}

fn dressed(bytes: Vec<u8>, media: Kind, file: EntityId, name: Option<&str>) -> Response {
    let plain = format!("file-{file}.{}", media.extension());
    // A picture is looked at where it is; a paper is saved, because its viewer is a program.
    let how = if media.is_picture() { "inline" } else { "attachment" };
    let encoded = crate::render::address("", [("n", name.unwrap_or(&plain))]);
    let encoded = encoded.strip_prefix("?n=").unwrap_or_default();
    let disposition = format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let mut response = bytes.into_response();
    let h = response.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.media_type()));
    h.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    h.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    h.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        h.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
