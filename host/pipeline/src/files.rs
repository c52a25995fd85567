//! Files and the records they belong to.
//!
//! A file (`host.file`) is sent first, by an account and for one plugin; a record takes it by naming it in a field of type files.
//! Whoever has no account sends files with a request, and that request alone may take them.
//! That is checked under the commit lock, whatever way the command came: nobody's files but the actor's own may be taken, for the
//! plugin they were sent to, and by one record only. The claim joins the same transaction, so a file has a record from the moment
//! the record has the file.

use crate::check::{Checker, problem};
use changzhi_model::{EntityId, Fact, FieldDecl, Name, Problem, RequestId, Stored, Value};
use changzhi_world::{Cell, Condition, Op, Query, World};

const FILE: &str = "host.file";
pub(crate) const KIND: &str = "file";

/// Files of one record at most: what is left beyond is erased when it is asked for again.
const OF_ONE: u32 = 10_000;

/// The files a record has taken.
pub(crate) fn of(world: &World, record: EntityId) -> Vec<EntityId> {
    let query = Query {
        kind: KIND.into(),
        fields: Vec::new(),
        filter: vec![Condition { field: "host.file.of".into(), op: Op::Eq, value: Value::Entity(record) }],
        order: None,
        ascending: true,
        limit: OF_ONE,
        after: EntityId::NONE,
    };
    // Before the host's own domain is declared there are no files.
    world.query(&query).map(|batch| batch.ids.into_iter().map(EntityId).collect()).unwrap_or_default()
}

/// Whether a file was sent with a request (`REQUEST.FILE`, written by the portal).
fn is_of(upload: Option<&str>, request: RequestId) -> bool {
    upload.and_then(|u| u.split_once('.')).is_some_and(|(of, _)| of == request.to_string())
}

/// Holds each file a value names against the rules; what is taken for the first time becomes a claim.
pub(crate) fn claim(
    checker: &Checker<'_>,
    record: EntityId,
    decl: &FieldDecl,
    value: &Value,
    claims: &mut Vec<Fact>,
    problems: &mut Vec<Problem>,
) {
    let Value::Text(ids) = value else { return };
    for id in ids.split(' ') {
        let Ok(file) = id.parse().map(EntityId) else {
            problems.push(problem(decl, "core-file-not-there"));
            return;
        };
        let field = |name: &str| match checker.world.cell(file, FILE, name) {
            Some(Cell::Here(value)) => value,
            _ => Value::None,
        };
        let is_file = checker.world.core(file).is_some_and(|core| core.kind == KIND);
        let of_plugin = field("plugin").as_text() == Some(checker.plugin.manifest.id.as_str());
        let taken = field("of");
        let own = match checker.actor.id.is_none() {
            false => field("by") == Value::Entity(checker.actor.id),
            // Of whoever has no account: sent with this very request, which nobody else can make.
            true => field("by").is_none() && is_of(field("upload").as_text(), checker.request),
        };
        match taken {
            Value::Entity(of) if of == record && is_file && of_plugin => {}
            Value::None if is_file && of_plugin && own => claims.push(Fact::Put {
                entity: file,
                facet: Name::new_static(FILE),
                fields: vec![(Name::new_static("of"), Stored::Open(Value::Entity(record)))],
            }),
            // Whose it is, and whether it is there at all, is nobody else's to know.
            _ => {
                problems.push(problem(decl, "core-file-not-there"));
                return;
            }
        }
    }
}
