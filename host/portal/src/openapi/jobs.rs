//! The part about long work.

use super::{answers, common, purpose};
use changzhi_model::{JobDecl, Manifest, body};
use serde_json::{Map, Value as Json, json};

pub(super) fn start(m: &Manifest, j: &JobDecl) -> Json {
    let mut o = common(m, &j.name, &j.label, &j.roles, "start");
    o.insert(
        "parameters".into(),
        json!([
            {"$ref": "#/components/parameters/IdempotencyKey"},
            {"$ref": "#/components/parameters/Place"},
            purpose(false),
        ]),
    );
    o.insert(
        "requestBody".into(),
        json!({"required": true, "content": {"application/json": {"schema": body::schema(&j.params)}}}),
    );
    let schema = json!({
        "type": "object", "required": ["seq", "replayed", "job"],
        "properties": {
            "seq": {"type": "integer", "minimum": 0, "description": "position of the start in the journal"},
            "replayed": {"type": "boolean", "description": "true: it was started before under this key"},
            "job": {"$ref": "#/components/schemas/Job"},
        },
    });
    answers(&mut o, "202", "started, and durably so; Location says where to watch it", &schema);
    Json::Object(o)
}

/// The addresses that are the same whatever is installed.
pub(super) fn watch(paths: &mut Map<String, Json>) {
    let operation = |id: &str, summary: &str, description: &str, schema: Json| {
        let mut o = Map::new();
        o.insert("operationId".into(), json!(id));
        o.insert("summary".into(), json!(summary));
        answers(&mut o, "200", description, &schema);
        Json::Object(o)
    };
    let job = || json!({"$ref": "#/components/schemas/Job"});
    let all =
        json!({"type": "object", "required": ["jobs"], "properties": {"jobs": {"type": "array", "items": job()}}});
    let list = operation(
        "jobs",
        "Jobs under way and those that ended last",
        "what the account may oversee, newest first",
        all,
    );
    paths.insert("/api/v1/jobs".into(), json!({"get": list}));
    paths.insert(
        "/api/v1/jobs/{id}".into(),
        json!({
            "parameters": [{
                "name": "id", "in": "path", "required": true,
                "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            }],
            "get": operation("job", "One job", "as of its last durable step", job()),
            "delete": operation(
                "cancel_job",
                "Cancel a job",
                "it stopped after the step under way (`stopping`: that step is not over yet); its whole steps stay",
                job(),
            ),
        }),
    );
}

pub(super) fn schema() -> Json {
    let time = json!({"type": "string", "format": "date-time"});
    json!({
        "type": "object",
        "required": ["id", "plugin", "job", "params", "by", "begun", "done", "total", "state"],
        "properties": {
            "id": {"type": "string"}, "plugin": {"type": "string"}, "job": {"type": "string"},
            "params": {"type": "object"},
            "by": {"type": "integer", "minimum": 0, "description": "the account that started it"},
            "place": {"type": ["integer", "null"]},
            "begun": time, "ended": {"type": ["string", "null"], "format": "date-time"},
            "done": {"type": "integer", "minimum": 0},
            "total": {"type": "integer", "minimum": 0, "description": "0: not known yet"},
            "state": {"enum": ["running", "stopping", "waiting", "done", "cancelled", "failed"]},
            "reason": {"type": ["string", "null"], "description": "why it failed"},
        },
    })
}
