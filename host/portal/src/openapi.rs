//! OpenAPI 3.1 from what the installed plugins declare.

mod jobs;

use changzhi_model::{CommandDecl, FieldDecl, FieldType, Manifest, ViewDecl, body};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The whole document. The same set of plugins gives the same bytes.
pub fn document(manifests: &[Arc<Manifest>]) -> Json {
    let mut paths = Map::new();
    for m in manifests {
        for c in &m.commands {
            operation(&mut paths, &m.id, &c.name, "post", command(m, c));
        }
        for j in &m.jobs {
            operation(&mut paths, "jobs", &format!("{}/{}", m.id, j.name), "post", jobs::start(m, j));
        }
        for v in &m.views {
            operation(&mut paths, &m.id, &v.name, "get", view(m, v));
        }
    }
    jobs::watch(&mut paths);
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Changzhi 昌治",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every write is a command, every read a view, long work a job. Errors are RFC 9457 problem details.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": manifests.iter().map(|m| json!({"name": m.id, "description": format!("version {}", m.version)})).collect::<Vec<_>>(),
        "paths": paths,
        "components": components(),
    })
}

fn operation(paths: &mut Map<String, Json>, plugin: &str, name: &str, method: &str, operation: Json) {
    let path = paths.entry(format!("/api/v1/{plugin}/{name}")).or_insert_with(|| json!({}));
    if let Some(path) = path.as_object_mut() {
        path.insert(method.to_owned(), operation);
    }
}

fn command(m: &Manifest, c: &CommandDecl) -> Json {
    let mut o = common(m, &c.name, &c.label, &c.roles, "do");
    let mut parameters = vec![
        json!({"$ref": "#/components/parameters/IdempotencyKey"}),
        json!({"$ref": "#/components/parameters/Place"}),
    ];
    parameters.push(purpose(c.purpose));
    o.insert("parameters".into(), Json::Array(parameters));
    o.insert(
        "requestBody".into(),
        json!({"required": true, "content": {"application/json": {"schema": body::schema(&c.fields)}}}),
    );
    responses(&mut o, "#/components/schemas/Done");
    Json::Object(o)
}

fn view(m: &Manifest, v: &ViewDecl) -> Json {
    let mut o = common(m, &v.name, &v.label, &v.roles, "look");
    let mut parameters: Vec<Json> = v.params.iter().flat_map(query).collect();
    parameters.push(purpose(v.purpose));
    o.insert("parameters".into(), Json::Array(parameters));
    responses(&mut o, "#/components/schemas/Look");
    Json::Object(o)
}

fn common(m: &Manifest, name: &str, label: &str, roles: &[changzhi_model::Name], verb: &str) -> Map<String, Json> {
    let who =
        if roles.is_empty() { "any account".to_owned() } else { format!("one of the roles {}", roles.join(", ")) };
    let mut o = Map::new();
    o.insert("operationId".into(), json!(format!("{verb}_{}_{name}", m.id)));
    o.insert("tags".into(), json!([m.id]));
    o.insert("summary".into(), json!(label));
    o.insert("description".into(), json!(format!("Needs {who}.")));
    o
}

/// A parameter in the query; a point is two.
fn query(f: &FieldDecl) -> Vec<Json> {
    let schema = body::schema(std::slice::from_ref(f));
    let property = schema.pointer(&format!("/properties/{}", f.name)).cloned().unwrap_or_else(|| json!({}));
    let one =
        |name: String, schema: Json| json!({"name": name, "in": "query", "required": f.required, "schema": schema});
    if f.kind == FieldType::Point {
        let part = |p: &str| property.pointer(&format!("/properties/{p}")).cloned().unwrap_or_else(|| json!({}));
        return vec![one(format!("{}.lon", f.name), part("lon")), one(format!("{}.lat", f.name), part("lat"))];
    }
    vec![one(f.name.to_string(), property)]
}

fn purpose(required: bool) -> Json {
    json!({
        "name": "X-Purpose", "in": "header", "required": required,
        "description": "Why: one of the purposes the account may state.",
        "schema": {"type": "string", "maxLength": 64},
    })
}

fn responses(o: &mut Map<String, Json>, done: &str) {
    answers(o, "200", "done, and durable", &json!({"$ref": done}));
}

fn answers(o: &mut Map<String, Json>, status: &str, description: &str, schema: &Json) {
    let good = json!({"description": description, "content": {"application/json": {"schema": schema}}});
    o.insert("responses".into(), json!({status: good, "default": {"$ref": "#/components/responses/Problem"}}));
}

fn components() -> Json {
    let both = json!({"type": "object", "properties": {"zh-CN": {"type": "string"}, "en": {"type": "string"}}});
    json!({
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "parameters": {
            "IdempotencyKey": {
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "The same key of the same account is answered once for ever; another body under it is a conflict.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            },
            "Place": {
                "name": "X-Place", "in": "header", "required": false,
                "description": "The division or place the command is about.",
                "schema": {"type": "integer", "minimum": 1},
            },
        },
        "responses": {"Problem": {
            "description": "what is wrong, where, and how to mend it",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }},
        "schemas": {
            "Done": {
                "type": "object", "required": ["seq", "answer", "replayed"],
                "properties": {
                    "seq": {"type": "integer", "minimum": 0, "description": "position in the journal"},
                    "answer": {"type": "object"},
                    "replayed": {"type": "boolean", "description": "true: this request was done before, and this is its answer"},
                },
            },
            "Job": jobs::schema(),
            "Look": {
                "type": "object", "required": ["revision", "page"],
                "properties": {"revision": {"type": "integer", "minimum": 0}, "page": {"type": "object"}},
            },
            "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "instance", "code", "request_id", "mend"],
                "properties": {
                    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                    "detail": {"type": "string"}, "instance": {"type": "string"}, "code": {"type": "string"},
                    "request_id": {"type": "string"}, "mend": {"type": "string"},
                    "titles": both, "mends": both,
                    "errors": {"type": "array", "items": {"type": "object", "properties": {
                        "field": {"type": "string"}, "message": both,
                    }}},
                },
            },
        },
    })
}
