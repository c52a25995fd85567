//! What the macros write code against. Not for plugins to name.
#![doc(hidden)]

pub use crate::bindings::changzhi::platform::changes::Changes as WitChanges;
pub use crate::bindings::changzhi::platform::describe::{
    Command as CommandDecl, Facet as FacetDecl, Field as FieldDecl, FieldType, Flow as FlowDecl, Grant as GrantDecl,
    Job as JobDecl, Kind as KindDecl, Manifest, Messages, Sensitivity, Subscription, View as ViewDecl,
};
pub use crate::bindings::changzhi::platform::types::{Context as WitContext, Family, Named};
pub use crate::bindings::changzhi::platform::view::Page as WitPage;
pub use crate::bindings::export_component;
pub use crate::bindings::exports::changzhi::platform::guest::{
    Command as WitCommand, Fact as WitFact, Guest, Step as WitStep,
};
use crate::{Changes, Context, Fact, FieldValue, Page, Refusal, Step, Value};
use std::sync::Once;

/// A command, as `#[command]` writes it beside the function.
pub trait Command {
    const NAME: &'static str;
    fn declare() -> CommandDecl;
    fn call(ctx: &Context, body: Vec<Value>) -> Result<Changes, Refusal>;
}

/// A view, as `#[view]` writes it.
pub trait View {
    const NAME: &'static str;
    fn declare() -> ViewDecl;
    fn call(ctx: &Context, params: Vec<Value>) -> Result<Page, Refusal>;
}

/// A job, as `#[job]` writes it.
pub trait Job {
    const NAME: &'static str;
    fn declare() -> JobDecl;
    fn call(ctx: &Context, params: Vec<Value>, cursor: Option<Vec<u8>>) -> Result<Step, Refusal>;
}

/// The reaction to the change feed, as `#[react]` writes it.
pub trait React {
    fn subscriptions() -> Vec<Subscription>;
    fn call(ctx: &Context, facts: &[Fact]) -> Result<Changes, Refusal>;
}

/// The migration, as `#[migrate]` writes it.
pub trait Migrate {
    fn call(ctx: &Context, source: &str, cursor: Option<Vec<u8>>) -> Result<Step, Refusal>;
}

/// Before the first call of an instance: a panic says where and why in the operator's log before it traps.
pub fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[cfg(target_arch = "wasm32")]
        std::panic::set_hook(Box::new(|info| crate::log::error(&info.to_string())));
    });
}

/// The next value of a body, for a field that must be there.
pub fn required<T: FieldValue>(values: &mut impl Iterator<Item = Value>, field: &str) -> Result<T, Refusal> {
    optional(values, field)?.ok_or_else(|| Refusal::invalid(field, crate::Text::plain("is missing")))
}

/// The next value of a body, for a field that may be empty.
pub fn optional<T: FieldValue>(values: &mut impl Iterator<Item = Value>, field: &str) -> Result<Option<T>, Refusal> {
    match values.next() {
        None | Some(Value::None) => Ok(None),
        Some(value) => match T::from_value(value) {
            Some(value) => Ok(Some(value)),
            None => Err(Refusal::invalid(field, crate::Text::plain("is of another type than declared"))),
        },
    }
}

/// Nothing may follow the last field.
pub fn exhausted(values: &mut impl Iterator<Item = Value>) -> Result<(), Refusal> {
    match values.count() {
        0 => Ok(()),
        more => Err(Refusal::other(format!("{more} values too many"))),
    }
}

/// The plugin has nothing of that name: the host asked for something that was not declared.
pub fn unknown<T>(what: &str, name: &str) -> Result<T, Refusal> {
    Err(Refusal::not_found(format!("this plugin has no {what} `{name}`")))
}

/// At compile time: the name of a facet begins with the plugin's id and a dot.
pub const fn belongs_to(facet: &str, plugin: &str) -> bool {
    let (facet, plugin) = (facet.as_bytes(), plugin.as_bytes());
    if facet.len() <= plugin.len() + 1 {
        return false;
    }
    let mut rest = (facet, plugin);
    while let ([f, facet @ ..], [p, plugin @ ..]) = rest {
        if *f != *p {
            return false;
        }
        rest = (facet, plugin);
    }
    matches!(rest.0, [b'.', ..])
}

/// A plugin asks for its own facets and kinds without having to say so.
pub fn own_grants(grants: &mut Vec<GrantDecl>, facets: &[FacetDecl], kinds: &[KindDecl]) {
    let facets = facets.iter().map(|f| f.name.clone());
    let kinds = kinds.iter().map(|k| format!("kind:{}", k.name));
    for name in facets.chain(kinds) {
        if !grants.iter().any(|g| g.name == name) {
            grants.push(GrantDecl { name, access: "rw".to_owned(), reason: "its own".to_owned() });
        }
    }
}
