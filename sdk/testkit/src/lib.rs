//! The real host in-process, for tests of plugins.
//!
//! [`TestCity`] is a city in memory on a clock that stands still: the same gate, runtime, checks, journal and world as in
//! production. Load a component, make places and people, let them give commands, and look at what changed:
//!
//! ```
//! use changzhi_testkit::{Reply, TestCity};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), changzhi_testkit::TestError> {
//! # let museum = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/museum/0.1.0.wasm"));
//! // A plugin's own tests write `TestCity::with(&["parks"])?`: the component that `cargo xtask plugin check parks` built.
//! let city = TestCity::new()?;
//! city.load(museum)?;
//! let grid = city.place("grid", "grid", "G-1", None)?;
//! let clerk = city.person("li", &["clerk"])?;
//!
//! // a command and what it changed
//! let filed = clerk.does("museum/file", &json!({"code": "A-1", "a": 2.5, "grid": grid.0}))?;
//! assert_eq!(filed.changes(), ["create thing noise open", "put museum.thing code a"]);
//! let thing = filed.id("thing")?;
//! assert_eq!(city.state(thing)?, "open");
//! assert_eq!(city.value(thing, "museum.thing.code")?.as_text(), Some("A-1"));
//!
//! // a refusal is a line: by the gate, the plugin or the host's checks
//! let visitor = city.person("wang", &[])?;
//! assert_eq!(visitor.refused("museum/file", &json!({"code": "A-2"}))?.kind(), "role");
//!
//! // a view as texts, a job to its end
//! assert_eq!(clerk.sees("museum/list", &json!({"limit": 1}))?.rows("table"), [["0", "a report", "2"]]);
//! assert_eq!(clerk.runs("museum/count", &json!({}))?.steps.len(), 3);
//!
//! // faults: the next call is stopped in the guest, the one after it goes well
//! city.trap_next("museum")?;
//! assert!(matches!(clerk.asks("museum/nothing", &json!({}))?, Reply::Failed(_)));
//! clerk.does("museum/nothing", &json!({}))?;
//! # Ok(())
//! # }
//! ```

mod city;
mod component;
mod done;
mod error;
mod fault;
mod file;
mod job;
mod journal;
mod person;
mod refused;
mod shown;

pub use changzhi_model::{EntityId, Fact, FieldType, Micros, Receiver, SealedAt, Value, Wish};
pub use changzhi_pipeline::Unsealed;
pub use city::TestCity;
pub use component::component;
pub use done::Done;
pub use error::TestError;
pub use job::Ran;
pub use person::{Person, Reply};
pub use refused::Refused;
pub use shown::Shown;
