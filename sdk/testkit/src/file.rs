//! Files for tests of plugins. A plugin knows numbers, types and sizes, never bytes: so there are none.

use crate::{Person, TestError};
use changzhi_gate::{HOST, Outcome, Submission};
use changzhi_model::{Actor, EntityId, Name, RequestId, Value};
use std::sync::atomic::{AtomicU64, Ordering};

impl Person<'_> {
    /// A file this person has sent for a plugin, of a media type (`image/png`), that no record has taken yet.
    pub fn attaches(&self, plugin: &str, media_type: &str) -> Result<EntityId, TestError> {
        static SENT: AtomicU64 = AtomicU64::new(0);
        let request = RequestId::from_key(self.id(), &format!("file {}", SENT.fetch_add(1, Ordering::Relaxed)));
        let told = request.to_string();
        let body = vec![
            Value::text(plugin),
            Value::Text(format!("blob {told}")),
            Value::Text(told),
            Value::text(media_type),
            Value::Int(1_000),
            Value::text("a key"),
            Value::None,
        ];
        let submission = Submission {
            plugin: HOST,
            command: Name::new_static("keep-file"),
            body,
            actor: Actor { id: self.id(), roles: Vec::new(), divisions: vec![EntityId::NONE] },
            purpose: Name::default(),
            place: None,
            request,
            locale: Name::default(),
            expected: None,
            acting_for: None,
        };
        match self.city().city().submit(submission).wait() {
            Outcome::Done { answer, .. } => {
                let file = answer.iter().find_map(|n| n.value.as_entity());
                file.ok_or_else(|| TestError::Wrong("the file has no id".into()))
            }
            other => Err(TestError::Wrong(format!("the file is not kept: {other:?}"))),
        }
    }
}
