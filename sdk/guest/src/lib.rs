//! What a plugin is built with.
//!
//! A plugin declares **facets** (components of people, places and events), **commands** (the only way to change anything),
//! **views** (pages as data) and, if it needs them, **jobs**, a **reaction** to the change feed and a **migration**. One
//! [`plugin!`] lists them; it writes `describe` and the dispatch, so a name is typed once, where the thing is.
//!
//! ```
//! use changzhi_sdk::prelude::*;
//!
//! #[derive(Facet)]
//! #[facet(name = "parks.bench", on = places, label = "bench")]
//! pub struct Bench {
//!     #[field(unique, label = "bench-code", max_len = 32)]
//!     pub code: String,
//!     #[field(code, options = ["wood", "stone"])]
//!     pub made_of: Option<String>,
//! }
//!
//! #[derive(Body)]
//! pub struct PlaceBench {
//!     pub code: String,
//!     #[field(entity = places)]
//!     pub park: EntityId,
//! }
//!
//! #[command(label = "place-bench", roles = ["keeper"])]
//! fn place_bench(ctx: &Context, body: PlaceBench) -> Result<Changes, Refusal> {
//!     let mut changes = Changes::new();
//!     let bench = changes.create(New::of("bench", ctx.now).within(body.park));
//!     changes.put(bench, Bench { code: body.code, made_of: None });
//!     changes.answer("bench", bench);
//!     Ok(changes)
//! }
//!
//! #[view(label = "benches", listed)]
//! fn benches(_ctx: &Context) -> Result<Page, Refusal> {
//!     let rows = Query::kind("bench").field(Bench::CODE).limit(50).run()?;
//!     let codes = rows.column(Bench::CODE)?;
//!     let mut table = Table::new().total(rows.total()).col("code", "bench-code");
//!     for (id, code) in rows.ids().zip(codes.iter()) {
//!         table = table.row(id, [Cell::from(code)]);
//!     }
//!     Ok(Page::new("benches").add(table))
//! }
//!
//! plugin! {
//!     id: "parks",
//!     version: "0.1.0",
//!     label: "parks",
//!     facets: [Bench],
//!     kinds: [Kind::places("bench").label("bench")],
//!     commands: [place_bench],
//!     views: [benches],
//!     grants: [Grant::world("lists the benches")],
//!     messages: ["en" => "parks = Parks\nbench = Bench\n"],
//! }
//! # fn main() { assert_eq!(manifest().id, "parks"); }
//! ```
//!
//! # The rules of a call
//! A call is pure: the same arguments and the same world give the same answer. There is no clock ([`Context::now`]), no
//! randomness ([`Context::seed`]) and no I/O ([`Notify`] asks the host for an effect). A refusal is a value ([`Refusal`]);
//! a panic is a bug: the hook writes its message to the operator's log, the instance is thrown away and the input kept.

pub mod bindings;
mod changes;
mod column;
mod context;
mod declare;
mod entity;
pub mod export;
mod field;
mod files;
mod flow_decl;
mod handle;
mod host;
mod levels;
pub mod log;
mod members;
pub mod messages;
mod notify;
mod page;
mod query;
mod refuse;
mod spatial;
mod step;
mod tally;
mod text;
mod value;

pub use bindings::changzhi::platform::types::{HostError, Point, Problem, Refusal, Text, Value};
pub use changes::{Changes, New};
pub use changzhi_sdk_macros::{Body, Facet, command, job, migrate, plugin, react, view};
pub use column::Column;
pub use context::{Actor, Context, EntityId, Micros};
pub use declare::{Body, Facet, Grant, Kind};
pub use entity::{allowed, clocks, explain, find, get, reveal, since, story};
pub use field::{ColumnValue, FieldValue};
pub use files::{Files, Stored, stored};
pub use flow_decl::Flow;
pub use handle::{Condition, Field, FieldSet, Handle, InColumn, InJournal, Open, Sealed, core};
pub use levels::Levels;
pub use members::Members;
pub use notify::{Intent, Notify, NotifyRoles};
pub use page::{
    Action, Alarm, Alarms, Appointment, Area, Board, Branch, Card, Cell, Chart, CheckItem, Checklist, Conversation,
    Detail, Document, DocumentState, Due, Element, File, FileKind, Form, FormStep, Input, Lane, Layer, Media, Message,
    Notice, OnlineRoom, Page, Paragraph, Pending, Place, Progress, Section, Series, SitePlan, Sos, Stat, Style, Table,
    Timeline, To, Tone, Track, TrackOf, Tree, Video, VideoMode, When, WorldMap, columns, fold, stack, tabs,
};
pub use query::{Query, Rows};
pub use spatial::{Hit, locate, near};
pub use step::{Delta, Fact, Happened, NextStep, Running, Step, Stretch};
pub use tally::{Counts, Tally, TallyRow};
pub use text::key;

/// Everything a plugin names, for one `use`.
pub mod prelude {
    pub use crate::{
        Action, Actor, Alarm, Alarms, Appointment, Area, Board, Body, Branch, Card, Cell, Changes, Chart, CheckItem,
        Checklist, Column, Context, Conversation, Counts, Detail, Document, DocumentState, Due, Element, EntityId,
        Facet, Fact, File, FileKind, Files, Flow, Form, FormStep, Grant, HostError, Input, Intent, Kind, Lane, Layer,
        Levels, Media, Members, Message, Micros, New, Notice, Notify, NotifyRoles, OnlineRoom, Page, Paragraph,
        Pending, Place, Point, Problem, Progress, Query, Refusal, Rows, Section, Series, SitePlan, Sos, Stat, Step,
        Style, Table, Tally, Text, Timeline, To, Tone, Track, TrackOf, Tree, Value, Video, VideoMode, When, WorldMap,
        allowed, columns, command, core as core_fields, find, fold, get, job, key, locate, log, migrate, near, plugin,
        react, reveal, since, stack, stored, tabs, view,
    };
}
