//! `#[derive(Facet)]` and `#[derive(Body)]`.

use crate::fields;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Error, Ident, LitStr, Result};

const WRITE: &str = "write `#[facet(name = \"plugin.name\", on = people|places|events, label = \"key\")]`";

pub fn facet(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let (mut name, mut on, mut label) = (None::<LitStr>, None::<Ident>, None::<LitStr>);
    for attr in input.attrs.iter().filter(|a| a.path().is_ident("facet")) {
        attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                name = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("on") {
                on = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("label") {
                label = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error(format!("a facet has no such attribute: {WRITE}")));
            }
            Ok(())
        })?;
    }
    let name = name.ok_or_else(|| Error::new(input.ident.span(), format!("a facet needs a name: {WRITE}")))?;
    let on = on.ok_or_else(|| Error::new(input.ident.span(), format!("say what the facet is on: {WRITE}")))?;
    let family = match on.to_string().as_str() {
        "people" => quote!(People),
        "places" => quote!(Places),
        "events" => quote!(Events),
        _ => return Err(Error::new(on.span(), "write people, places or events")),
    };
    let dotted = name.value();
    let fits = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
    };
    if !dotted.split_once('.').is_some_and(|(plugin, rest)| fits(plugin) && fits(rest)) {
        return Err(Error::new(
            name.span(),
            "a facet is named `plugin.name` in small letters, for example \"services.report\"",
        ));
    }
    let label = label.unwrap_or_else(|| name.clone());
    let fields = fields::read(&input, "facet")?;
    let (ident, vis) = (&input.ident, &input.vis);
    let declares = fields.iter().map(fields::FieldSpec::declare);
    let handles = fields.iter().map(|f| {
        let (place, ty, field) = (f.place(), &f.ty, &f.name);
        let upper = format_ident!("{}", f.ident.to_string().trim_start_matches("r#").to_uppercase(), span = f.ident.span());
        let full = format!("{dotted}.{field}");
        quote!(#vis const #upper: ::changzhi_sdk::Field<#ty, #place> = ::changzhi_sdk::Field::new(#dotted, #field, #full);)
    });
    let puts = fields.iter().map(|f| {
        let (ident, field) = (&f.ident, &f.name);
        quote!(::changzhi_sdk::export::Named {
            name: ::std::string::String::from(#field),
            value: ::core::convert::Into::into(self.#ident),
        })
    });
    Ok(quote! {
        #[allow(dead_code)]
        impl #ident { #(#handles)* }
        impl ::changzhi_sdk::Facet for #ident {
            const NAME: &'static str = #dotted;
            fn declare() -> ::changzhi_sdk::export::FacetDecl {
                ::changzhi_sdk::export::FacetDecl {
                    name: ::std::string::String::from(#dotted),
                    on: ::changzhi_sdk::export::Family::#family,
                    label: ::std::string::String::from(#label),
                    fields: ::std::vec![#(#declares),*],
                }
            }
            fn into_fields(self) -> ::std::vec::Vec<::changzhi_sdk::export::Named> {
                ::std::vec![#(#puts),*]
            }
        }
    })
}

pub fn body(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let fields = fields::read(&input, "body")?;
    let ident = &input.ident;
    let declares = fields.iter().map(fields::FieldSpec::declare);
    let reads = fields.iter().map(|f| {
        let (ident, name) = (&f.ident, &f.name);
        let how = if f.optional { quote!(optional) } else { quote!(required) };
        quote!(let #ident = ::changzhi_sdk::export::#how(&mut values, #name)?;)
    });
    let idents = fields.iter().map(|f| &f.ident);
    Ok(quote! {
        impl ::changzhi_sdk::Body for #ident {
            fn declare() -> ::std::vec::Vec<::changzhi_sdk::export::FieldDecl> {
                ::std::vec![#(#declares),*]
            }
            fn read(
                values: ::std::vec::Vec<::changzhi_sdk::Value>,
            ) -> ::core::result::Result<Self, ::changzhi_sdk::Refusal> {
                #[allow(unused_mut)]
                let mut values = values.into_iter();
                #(#reads)*
                ::changzhi_sdk::export::exhausted(&mut values)?;
                ::core::result::Result::Ok(#ident { #(#idents),* })
            }
        }
    })
}
