//! Derive and attribute macros of the SDK; their use is documented in `changzhi-sdk`, which re-exports them.
//!
//! Errors point at the token that is wrong and say what to write instead.

mod derive;
mod fields;
mod function;
mod plugin;

use proc_macro::TokenStream;

/// A component of an entity: `#[facet(name = "plugin.name", on = people|places|events, label = "key")]`.
///
/// Each field may carry `#[field(…)]` with `label = "…"`, `name = "…"`, one type of `code`, `long_text`,
/// `entity = people|places|events|any`, one of `public` (the default), `internal`, `personal`, `secret`, and `unique`,
/// `options = [..]`, `max_len = n`, `min = x`, `max = x`. A field that is an `Option` is not required.
#[proc_macro_derive(Facet, attributes(facet, field))]
pub fn derive_facet(input: TokenStream) -> TokenStream {
    finish(derive::facet(input.into()))
}

/// The body of a command, or the parameters of a view or job, with the same `#[field(…)]` as a facet.
#[proc_macro_derive(Body, attributes(field))]
pub fn derive_body(input: TokenStream) -> TokenStream {
    finish(derive::body(input.into()))
}

/// `fn(ctx: &Context[, body: Body]) -> Result<Changes, Refusal>`.
#[proc_macro_attribute]
pub fn command(args: TokenStream, item: TokenStream) -> TokenStream {
    finish(function::command(args.into(), item.into()))
}

/// `fn(ctx: &Context[, params: Body]) -> Result<Page, Refusal>`.
#[proc_macro_attribute]
pub fn view(args: TokenStream, item: TokenStream) -> TokenStream {
    finish(function::view(args.into(), item.into()))
}

/// `fn(ctx: &Context, params: Body, cursor: Option<Vec<u8>>) -> Result<Step, Refusal>`.
#[proc_macro_attribute]
pub fn job(args: TokenStream, item: TokenStream) -> TokenStream {
    finish(function::job(args.into(), item.into()))
}

/// `#[react(on = ["services.report", "kind:matter"])] fn(ctx: &Context, facts: &[Fact]) -> Result<Changes, Refusal>`.
#[proc_macro_attribute]
pub fn react(args: TokenStream, item: TokenStream) -> TokenStream {
    finish(function::react(args.into(), item.into()))
}

/// `fn(ctx: &Context, source: &str, cursor: Option<Vec<u8>>) -> Result<Step, Refusal>`.
#[proc_macro_attribute]
pub fn migrate(args: TokenStream, item: TokenStream) -> TokenStream {
    finish(function::migrate(args.into(), item.into()))
}

/// Lists what the plugin is made of; writes `describe`, the dispatch and `manifest()`.
#[proc_macro]
pub fn plugin(input: TokenStream) -> TokenStream {
    finish(plugin::expand(input.into()))
}

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|e| e.to_compile_error()).into()
}
