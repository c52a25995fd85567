//! `#[command]`, `#[view]`, `#[job]`, `#[react]`, `#[migrate]`.
//!
//! Each keeps the function and adds a type of the same name (types and functions have names of their own), which is what
//! `plugin!` lists: so a name is typed once.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, LitStr, Result, Token, Type, bracketed};

#[derive(Default)]
struct Args {
    name: Option<LitStr>,
    label: Option<LitStr>,
    roles: Vec<LitStr>,
    on: Vec<LitStr>,
    purpose: bool,
    listed: bool,
}

fn list(input: ParseStream) -> Result<Vec<LitStr>> {
    input.parse::<Token![=]>()?;
    let inner;
    bracketed!(inner in input);
    Ok(inner.parse_terminated(|s| s.parse::<LitStr>(), Token![,])?.into_iter().collect())
}

fn args(tokens: TokenStream, what: &str, known: &[&str]) -> Result<Args> {
    let parser = |input: ParseStream| {
        let mut out = Args::default();
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            let text = word.to_string();
            if !known.contains(&text.as_str()) {
                let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
                return Err(Error::new(word.span(), format!("a {what} has no attribute `{text}`: it knows {known}")));
            }
            match text.as_str() {
                "name" | "label" => {
                    input.parse::<Token![=]>()?;
                    let value = Some(input.parse()?);
                    if text == "name" { out.name = value } else { out.label = value }
                }
                "roles" => out.roles = list(input)?,
                "on" => out.on = list(input)?,
                "purpose" => out.purpose = true,
                _ => out.listed = true,
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(out)
    };
    parser.parse2(tokens)
}

/// The function, its parameter types after the context, and its name in the interface.
struct Function {
    item: ItemFn,
    types: Vec<Type>,
    name: String,
    label: String,
}

fn function(
    item: TokenStream,
    args: &Args,
    what: &str,
    params: std::ops::RangeInclusive<usize>,
    shape: &str,
) -> Result<Function> {
    let item: ItemFn =
        syn::parse2(item).map_err(|e| Error::new(e.span(), format!("a {what} is a function: {shape}")))?;
    let sig = &item.sig;
    if let Some(word) = &sig.asyncness {
        return Err(Error::new(word.span(), format!("a {what} is not async: the host asks and the plugin answers")));
    }
    if !params.contains(&sig.inputs.len()) {
        return Err(Error::new(sig.inputs.span(), format!("a {what} is written {shape}")));
    }
    let mut types = Vec::new();
    for input in sig.inputs.iter().skip(1) {
        match input {
            FnArg::Typed(typed) => types.push((*typed.ty).clone()),
            FnArg::Receiver(r) => return Err(Error::new(r.span(), format!("a {what} stands alone: {shape}"))),
        }
    }
    let name = match &args.name {
        Some(name) => name.value(),
        None => sig.ident.to_string().trim_start_matches("r#").replace('_', "-"),
    };
    let label = args.label.as_ref().map_or_else(|| name.clone(), LitStr::value);
    Ok(Function { item, types, name, label })
}

impl Function {
    fn with(&self, implementation: TokenStream) -> TokenStream {
        let (item, vis, ident) = (&self.item, &self.item.vis, &self.item.sig.ident);
        quote! {
            #item
            #[doc(hidden)]
            #[allow(non_camel_case_types, dead_code)]
            #vis struct #ident {}
            #implementation
        }
    }

    /// The declared fields and the call of the function with them.
    fn body(&self) -> (TokenStream, TokenStream) {
        match self.types.first() {
            Some(ty) => (
                quote_spanned!(ty.span()=> <#ty as ::changzhi_sdk::Body>::declare()),
                quote_spanned!(ty.span()=> ctx, <#ty as ::changzhi_sdk::Body>::read(values)?),
            ),
            None => (quote!(<() as ::changzhi_sdk::Body>::declare()), quote!(ctx)),
        }
    }
}

fn strings(all: &[LitStr]) -> TokenStream {
    quote!(::std::vec![#(::std::string::String::from(#all)),*])
}

pub fn command(tokens: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = args(tokens, "command", &["name", "label", "roles", "purpose"])?;
    let shape = "`fn name(ctx: &Context, body: Body) -> Result<Changes, Refusal>`";
    let f = function(item, &args, "command", 1..=2, shape)?;
    let (fields, pass) = f.body();
    let (ident, name, label, roles, purpose) =
        (&f.item.sig.ident, &f.name, &f.label, strings(&args.roles), args.purpose);
    Ok(f.with(quote! {
        impl ::changzhi_sdk::export::Command for #ident {
            const NAME: &'static str = #name;
            fn declare() -> ::changzhi_sdk::export::CommandDecl {
                ::changzhi_sdk::export::CommandDecl {
                    name: #name.into(), label: #label.into(), fields: #fields, roles: #roles, purpose: #purpose,
                }
            }
            fn call(
                ctx: &::changzhi_sdk::Context,
                #[allow(unused_variables)] values: ::std::vec::Vec<::changzhi_sdk::Value>,
            ) -> ::core::result::Result<::changzhi_sdk::Changes, ::changzhi_sdk::Refusal> {
                #ident(#pass)
            }
        }
    }))
}

pub fn view(tokens: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = args(tokens, "view", &["name", "label", "roles", "purpose", "listed"])?;
    let f = function(item, &args, "view", 1..=2, "`fn name(ctx: &Context, params: Body) -> Result<Page, Refusal>`")?;
    let (fields, pass) = f.body();
    let (ident, name, label, roles) = (&f.item.sig.ident, &f.name, &f.label, strings(&args.roles));
    let (purpose, listed) = (args.purpose, args.listed);
    Ok(f.with(quote! {
        impl ::changzhi_sdk::export::View for #ident {
            const NAME: &'static str = #name;
            fn declare() -> ::changzhi_sdk::export::ViewDecl {
                ::changzhi_sdk::export::ViewDecl {
                    name: #name.into(), label: #label.into(), params: #fields, roles: #roles, purpose: #purpose,
                    listed: #listed,
                }
            }
            fn call(
                ctx: &::changzhi_sdk::Context,
                #[allow(unused_variables)] values: ::std::vec::Vec<::changzhi_sdk::Value>,
            ) -> ::core::result::Result<::changzhi_sdk::Page, ::changzhi_sdk::Refusal> {
                #ident(#pass)
            }
        }
    }))
}

pub fn job(tokens: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = args(tokens, "job", &["name", "label", "roles"])?;
    let shape =
        "`fn name(ctx: &Context, params: Body, cursor: Option<Vec<u8>>) -> Result<Step, Refusal>` (`()` for no params)";
    let f = function(item, &args, "job", 3..=3, shape)?;
    let (fields, pass) = f.body();
    let (ident, name, label, roles) = (&f.item.sig.ident, &f.name, &f.label, strings(&args.roles));
    Ok(f.with(quote! {
        impl ::changzhi_sdk::export::Job for #ident {
            const NAME: &'static str = #name;
            fn declare() -> ::changzhi_sdk::export::JobDecl {
                ::changzhi_sdk::export::JobDecl { name: #name.into(), label: #label.into(), params: #fields, roles: #roles }
            }
            fn call(
                ctx: &::changzhi_sdk::Context,
                values: ::std::vec::Vec<::changzhi_sdk::Value>,
                cursor: ::core::option::Option<::std::vec::Vec<u8>>,
            ) -> ::core::result::Result<::changzhi_sdk::Step, ::changzhi_sdk::Refusal> {
                #ident(#pass, cursor)
            }
        }
    }))
}

pub fn react(tokens: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let span = tokens.span();
    let args = args(tokens, "reaction", &["on"])?;
    if args.on.is_empty() {
        return Err(Error::new(span, "say what it reacts to: `#[react(on = [\"services.report\", \"kind:matter\"])]`"));
    }
    let f = function(
        item,
        &args,
        "reaction",
        2..=2,
        "`fn name(ctx: &Context, facts: &[Fact]) -> Result<Changes, Refusal>`",
    )?;
    let (ident, on) = (&f.item.sig.ident, &args.on);
    Ok(f.with(quote! {
        impl ::changzhi_sdk::export::React for #ident {
            fn subscriptions() -> ::std::vec::Vec<::changzhi_sdk::export::Subscription> {
                ::std::vec![#(::changzhi_sdk::export::Subscription { what: #on.into() }),*]
            }
            fn call(
                ctx: &::changzhi_sdk::Context,
                facts: &[::changzhi_sdk::Fact],
            ) -> ::core::result::Result<::changzhi_sdk::Changes, ::changzhi_sdk::Refusal> {
                #ident(ctx, facts)
            }
        }
    }))
}

pub fn migrate(tokens: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = args(tokens, "migration", &[])?;
    let shape = "`fn name(ctx: &Context, source: &str, cursor: Option<Vec<u8>>) -> Result<Step, Refusal>`";
    let f = function(item, &args, "migration", 3..=3, shape)?;
    let ident = &f.item.sig.ident;
    Ok(f.with(quote! {
        impl ::changzhi_sdk::export::Migrate for #ident {
            fn call(
                ctx: &::changzhi_sdk::Context,
                source: &str,
                cursor: ::core::option::Option<::std::vec::Vec<u8>>,
            ) -> ::core::result::Result<::changzhi_sdk::Step, ::changzhi_sdk::Refusal> {
                #ident(ctx, source, cursor)
            }
        }
    }))
}
