//! `plugin! { id: "…", version: …, … }`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, LitStr, Path, Result, Token, bracketed};

const KEYS: &str = "id, version, label, facets, kinds, flows, commands, views, jobs, react, migrate, grants, messages";

#[derive(Default)]
struct Spec {
    id: Option<LitStr>,
    version: Option<Expr>,
    label: Option<LitStr>,
    facets: Vec<Path>,
    kinds: Vec<Expr>,
    flows: Vec<Expr>,
    commands: Vec<Path>,
    views: Vec<Path>,
    jobs: Vec<Path>,
    react: Option<Path>,
    migrate: Option<Path>,
    grants: Vec<Expr>,
    messages: Vec<(LitStr, Expr)>,
}

fn list<T: Parse>(input: ParseStream) -> Result<Vec<T>> {
    let inner;
    bracketed!(inner in input);
    Ok(inner.parse_terminated(T::parse, Token![,])?.into_iter().collect())
}

struct Message(LitStr, Expr);
impl Parse for Message {
    fn parse(input: ParseStream) -> Result<Message> {
        let locale = input.parse()?;
        if !input.peek(Token![=>]) {
            return Err(input
                .error("write the locale and its messages: `\"zh-CN\" => include_str!(\"../messages/zh-CN.ftl\")`"));
        }
        input.parse::<Token![=>]>()?;
        Ok(Message(locale, input.parse()?))
    }
}

impl Parse for Spec {
    fn parse(input: ParseStream) -> Result<Spec> {
        let mut out = Spec::default();
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let word = key.to_string();
            if seen.contains(&word) {
                return Err(Error::new(key.span(), format!("`{word}` is already given above")));
            }
            input.parse::<Token![:]>()?;
            match word.as_str() {
                "id" => out.id = Some(input.parse()?),
                "version" => out.version = Some(input.parse()?),
                "label" => out.label = Some(input.parse()?),
                "facets" => out.facets = list(input)?,
                "kinds" => out.kinds = list(input)?,
                "flows" => out.flows = list(input)?,
                "commands" => out.commands = list(input)?,
                "views" => out.views = list(input)?,
                "jobs" => out.jobs = list(input)?,
                "react" => out.react = Some(input.parse()?),
                "migrate" => out.migrate = Some(input.parse()?),
                "grants" => out.grants = list(input)?,
                "messages" => out.messages = list::<Message>(input)?.into_iter().map(|m| (m.0, m.1)).collect(),
                _ => return Err(Error::new(key.span(), format!("a plugin has no `{word}`: write one of {KEYS}"))),
            }
            seen.push(word);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(out)
    }
}

pub fn expand(tokens: TokenStream) -> Result<TokenStream> {
    let spec: Spec = syn::parse2(tokens)?;
    let missing = |what: &str| Error::new(Span::call_site(), format!("a plugin needs `{what}`"));
    let id = spec.id.as_ref().ok_or_else(|| missing("id: \"name\""))?;
    let version = spec.version.as_ref().ok_or_else(|| missing("version: env!(\"CARGO_PKG_VERSION\")"))?;
    let word = id.value();
    let first = word.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    if !first || !word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err(Error::new(id.span(), "an id is small letters, digits and hyphens, a letter first"));
    }
    let label = spec.label.as_ref().unwrap_or(id);
    let Spec { facets, kinds, flows, commands, views, jobs, grants, .. } = &spec;
    let owned = facets.iter().map(|f| {
        quote_spanned!(f.span()=> const _: () = ::core::assert!(
            ::changzhi_sdk::export::belongs_to(<#f as ::changzhi_sdk::Facet>::NAME, #id),
            "the name of a facet begins with the plugin's id and a dot"
        );)
    });
    let subscriptions = match &spec.react {
        Some(f) => quote!(<#f as ::changzhi_sdk::export::React>::subscriptions()),
        None => quote!(::std::vec::Vec::new()),
    };
    let react = match &spec.react {
        Some(f) => quote! {{
            let facts: ::std::vec::Vec<::changzhi_sdk::Fact> = facts.into_iter().map(::core::convert::Into::into).collect();
            <#f as ::changzhi_sdk::export::React>::call(&ctx.into(), &facts).map(::core::convert::Into::into)
        }},
        None => quote! {{
            let _ = (ctx, facts);
            ::core::result::Result::Ok(::changzhi_sdk::Changes::none().into())
        }},
    };
    let migrate = match &spec.migrate {
        Some(f) => quote! {
            <#f as ::changzhi_sdk::export::Migrate>::call(&ctx.into(), &source, cursor).map(::core::convert::Into::into)
        },
        // nothing to hand over: facets live in the host
        None => quote! {{
            let _ = (ctx, source, cursor);
            ::core::result::Result::Ok(::changzhi_sdk::Step::finished(0, ::changzhi_sdk::Changes::none()).into())
        }},
    };
    let messages = spec.messages.iter().map(|(locale, text)| {
        quote!(::changzhi_sdk::export::Messages { locale: #locale.into(), ftl: ::std::string::String::from(#text) })
    });
    Ok(quote! {
        #(#owned)*

        /// What this plugin declares.
        pub fn manifest() -> ::changzhi_sdk::export::Manifest {
            let kinds: ::std::vec::Vec<::changzhi_sdk::export::KindDecl> =
                ::std::vec![#(::core::convert::Into::into(#kinds)),*];
            let facets = ::std::vec![#(<#facets as ::changzhi_sdk::Facet>::declare()),*];
            let mut grants: ::std::vec::Vec<::changzhi_sdk::export::GrantDecl> =
                ::std::vec![#(::core::convert::Into::into(#grants)),*];
            ::changzhi_sdk::export::own_grants(&mut grants, &facets, &kinds);
            ::changzhi_sdk::export::Manifest {
                id: #id.into(),
                version: ::std::string::String::from(#version),
                label: #label.into(),
                kinds,
                facets,
                commands: ::std::vec![#(<#commands as ::changzhi_sdk::export::Command>::declare()),*],
                views: ::std::vec![#(<#views as ::changzhi_sdk::export::View>::declare()),*],
                flows: ::std::vec![#(::core::convert::Into::into(#flows)),*],
                subscriptions: #subscriptions,
                jobs: ::std::vec![#(<#jobs as ::changzhi_sdk::export::Job>::declare()),*],
                grants,
                messages: ::std::vec![#(#messages),*],
            }
        }

        #[doc(hidden)]
        pub struct Plugin;

        impl ::changzhi_sdk::export::Guest for Plugin {
            fn describe() -> ::changzhi_sdk::export::Manifest {
                ::changzhi_sdk::export::start();
                manifest()
            }

            fn handle(
                ctx: ::changzhi_sdk::export::WitContext,
                cmd: ::changzhi_sdk::export::WitCommand,
            ) -> ::core::result::Result<::changzhi_sdk::export::WitChanges, ::changzhi_sdk::Refusal> {
                ::changzhi_sdk::export::start();
                #[allow(unused_variables)]
                let ctx: ::changzhi_sdk::Context = ctx.into();
                match cmd.name.as_str() {
                    #(<#commands as ::changzhi_sdk::export::Command>::NAME =>
                        <#commands as ::changzhi_sdk::export::Command>::call(&ctx, cmd.body)
                            .map(::core::convert::Into::into),)*
                    name => ::changzhi_sdk::export::unknown("command", name),
                }
            }

            fn react(
                ctx: ::changzhi_sdk::export::WitContext,
                facts: ::std::vec::Vec<::changzhi_sdk::export::WitFact>,
            ) -> ::core::result::Result<::changzhi_sdk::export::WitChanges, ::changzhi_sdk::Refusal> {
                ::changzhi_sdk::export::start();
                #react
            }

            fn view(
                ctx: ::changzhi_sdk::export::WitContext,
                name: ::std::string::String,
                params: ::std::vec::Vec<::changzhi_sdk::Value>,
            ) -> ::core::result::Result<::changzhi_sdk::export::WitPage, ::changzhi_sdk::Refusal> {
                ::changzhi_sdk::export::start();
                #[allow(unused_variables)]
                let (ctx, params): (::changzhi_sdk::Context, _) = (ctx.into(), params);
                match name.as_str() {
                    #(<#views as ::changzhi_sdk::export::View>::NAME =>
                        <#views as ::changzhi_sdk::export::View>::call(&ctx, params).map(::core::convert::Into::into),)*
                    name => ::changzhi_sdk::export::unknown("view", name),
                }
            }

            fn job(
                ctx: ::changzhi_sdk::export::WitContext,
                name: ::std::string::String,
                params: ::std::vec::Vec<::changzhi_sdk::Value>,
                cursor: ::core::option::Option<::std::vec::Vec<u8>>,
            ) -> ::core::result::Result<::changzhi_sdk::export::WitStep, ::changzhi_sdk::Refusal> {
                ::changzhi_sdk::export::start();
                #[allow(unused_variables)]
                let (ctx, params, cursor): (::changzhi_sdk::Context, _, _) = (ctx.into(), params, cursor);
                match name.as_str() {
                    #(<#jobs as ::changzhi_sdk::export::Job>::NAME =>
                        <#jobs as ::changzhi_sdk::export::Job>::call(&ctx, params, cursor)
                            .map(::core::convert::Into::into),)*
                    name => ::changzhi_sdk::export::unknown("job", name),
                }
            }

            fn migrate(
                ctx: ::changzhi_sdk::export::WitContext,
                source: ::std::string::String,
                cursor: ::core::option::Option<::std::vec::Vec<u8>>,
            ) -> ::core::result::Result<::changzhi_sdk::export::WitStep, ::changzhi_sdk::Refusal> {
                ::changzhi_sdk::export::start();
                #migrate
            }
        }

        #[cfg(target_arch = "wasm32")]
        ::changzhi_sdk::export::export_component!(Plugin with_types_in ::changzhi_sdk::bindings);
    })
}
