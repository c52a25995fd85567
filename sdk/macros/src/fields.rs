//! The fields of a facet or body: their attributes, declaration and reading.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Data, DeriveInput, Error, Expr, ExprLit, Fields, GenericArgument, Ident, Lit, LitStr, PathArguments, Result, Token,
    Type, bracketed,
};

const ATTRIBUTES: &str =
    "label, name, code, long_text, entity, public, internal, personal, secret, unique, options, max_len, min, max";

/// One field, as far as the macros need to know it.
pub struct FieldSpec {
    pub ident: Ident,
    pub name: String,
    /// the type inside `Option`
    pub ty: Type,
    pub optional: bool,
    attrs: Attrs,
}

#[derive(Default)]
struct Attrs {
    label: Option<LitStr>,
    name: Option<LitStr>,
    kind: Option<(Ident, TokenStream)>,
    sensitivity: Option<Ident>,
    unique: bool,
    options: Vec<LitStr>,
    max_len: Option<Expr>,
    min: Option<Expr>,
    max: Option<Expr>,
}

/// All fields of a struct with named fields.
pub fn read(input: &DeriveInput, what: &str) -> Result<Vec<FieldSpec>> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => named.named.iter().collect::<Vec<_>>(),
            Fields::Unit => Vec::new(),
            Fields::Unnamed(f) => {
                return Err(Error::new(
                    f.span(),
                    format!("a {what} has named fields: write `struct Name {{ field: Type }}`"),
                ));
            }
        },
        _ => return Err(Error::new(input.ident.span(), format!("a {what} is a struct with named fields"))),
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new(input.generics.span(), format!("a {what} has no generics: write the types out")));
    }
    fields.into_iter().map(one).collect()
}

fn one(field: &syn::Field) -> Result<FieldSpec> {
    let ident = field.ident.clone().ok_or_else(|| Error::new(field.span(), "a field needs a name"))?;
    let attrs = attrs(field)?;
    let (ty, optional) = match inside_option(&field.ty) {
        Some(inner) => (inner.clone(), true),
        None => (field.ty.clone(), false),
    };
    let plain = ident.to_string();
    let name = attrs.name.as_ref().map_or_else(|| plain.trim_start_matches("r#").to_owned(), LitStr::value);
    let spec = FieldSpec { ident, name, ty, optional, attrs };
    spec.check()?;
    Ok(spec)
}

fn attrs(field: &syn::Field) -> Result<Attrs> {
    let mut out = Attrs::default();
    for attr in field.attrs.iter().filter(|a| a.path().is_ident("field")) {
        attr.parse_nested_meta(|meta| {
            let ident = meta.path.get_ident().cloned().ok_or_else(|| meta.error("write a single word"))?;
            match ident.to_string().as_str() {
                "label" => out.label = Some(meta.value()?.parse()?),
                "name" => out.name = Some(meta.value()?.parse()?),
                "code" => set_kind(&mut out, ident, quote!(Code))?,
                "long_text" => set_kind(&mut out, ident, quote!(LongText))?,
                "entity" => {
                    let family: Ident = meta.value()?.parse()?;
                    let word = match family.to_string().as_str() {
                        "any" => String::new(),
                        known @ ("people" | "places" | "events") => known.to_owned(),
                        _ => return Err(Error::new(family.span(), "write people, places, events or any")),
                    };
                    set_kind(&mut out, ident, quote!(Entity(::std::string::String::from(#word))))?;
                }
                "public" | "internal" | "personal" | "secret" => {
                    if let Some(old) = &out.sensitivity {
                        return Err(Error::new(ident.span(), format!("it is already `{old}`: say one of the two")));
                    }
                    out.sensitivity = Some(ident);
                }
                "unique" => out.unique = true,
                "options" => {
                    let list;
                    let value = meta.value()?;
                    bracketed!(list in value);
                    let all = list.parse_terminated(|s| s.parse::<LitStr>(), Token![,])?;
                    out.options = all.into_iter().collect();
                }
                "max_len" => out.max_len = Some(meta.value()?.parse()?),
                "min" => out.min = Some(meta.value()?.parse()?),
                "max" => out.max = Some(meta.value()?.parse()?),
                other => {
                    return Err(Error::new(
                        ident.span(),
                        format!("a field has no attribute `{other}`: write one of {ATTRIBUTES}"),
                    ));
                }
            }
            Ok(())
        })?;
    }
    Ok(out)
}

fn set_kind(out: &mut Attrs, ident: Ident, kind: TokenStream) -> Result<()> {
    if let Some((old, _)) = &out.kind {
        return Err(Error::new(ident.span(), format!("its type is already `{old}`: say one of the two")));
    }
    out.kind = Some((ident, kind));
    Ok(())
}

fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|s| s.ident == "Option")?;
    match &last.arguments {
        PathArguments::AngleBracketed(args) => match args.args.first() {
            Some(GenericArgument::Type(inner)) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

fn last_word(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|s| s.ident.to_string()),
        _ => None,
    }
}

impl FieldSpec {
    fn check(&self) -> Result<()> {
        if let Some((word, _)) = &self.attrs.kind {
            let wanted = if word == "entity" { "EntityId" } else { "String" };
            if last_word(&self.ty).as_deref() != Some(wanted) {
                return Err(Error::new(
                    self.ty.span(),
                    format!("a field marked `{word}` has the type `{wanted}` or `Option<{wanted}>`"),
                ));
            }
        }
        if !self.attrs.options.is_empty() && self.attrs.kind.as_ref().is_none_or(|(word, _)| word != "code") {
            return Err(Error::new(
                self.ident.span(),
                "a closed list of options needs a code: write `#[field(code, options = [..])]`",
            ));
        }
        if self.attrs.unique && self.is_sealed() {
            return Err(Error::new(self.ident.span(), "a sealed field cannot be unique: nothing may be found by it"));
        }
        Ok(())
    }

    fn is_sealed(&self) -> bool {
        self.attrs.sensitivity.as_ref().is_some_and(|s| s == "personal" || s == "secret")
    }

    /// `InColumn`, `InJournal` or `Sealed`: where the world keeps it.
    pub fn place(&self) -> TokenStream {
        let long = self.attrs.kind.as_ref().is_some_and(|(word, _)| word == "long_text");
        if self.is_sealed() {
            quote!(::changzhi_sdk::Sealed)
        } else if long || matches!(last_word(&self.ty).as_deref(), Some("Point" | "Files" | "Members")) {
            quote!(::changzhi_sdk::InJournal)
        } else {
            quote!(::changzhi_sdk::InColumn)
        }
    }

    pub fn declare(&self) -> TokenStream {
        let (name, ty) = (&self.name, &self.ty);
        let label = self.attrs.label.as_ref().map_or_else(|| self.name.clone(), LitStr::value);
        let kind = match &self.attrs.kind {
            Some((_, kind)) => quote!(::changzhi_sdk::export::FieldType::#kind),
            None => quote_spanned!(ty.span()=> <#ty as ::changzhi_sdk::FieldValue>::field_type()),
        };
        let sensitivity = match self.attrs.sensitivity.as_ref().map(Ident::to_string).as_deref() {
            Some("internal") => quote!(Internal),
            Some("personal") => quote!(Personal),
            Some("secret") => quote!(Secret),
            _ => quote!(Public),
        };
        let required = !self.optional;
        let unique = self.attrs.unique;
        let options = &self.attrs.options;
        let max_len = self.attrs.max_len.as_ref().map_or_else(|| quote!(0), |e| quote!(#e));
        let bound = |e: &Option<Expr>| match e {
            Some(Expr::Lit(ExprLit { lit: Lit::Int(i), .. })) => quote!(::core::option::Option::Some(#i as f64)),
            Some(e) => quote!(::core::option::Option::Some((#e) as f64)),
            None => quote!(::core::option::Option::None),
        };
        let (min, max) = (bound(&self.attrs.min), bound(&self.attrs.max));
        quote! {
            ::changzhi_sdk::export::FieldDecl {
                name: ::std::string::String::from(#name),
                kind: #kind,
                label: ::std::string::String::from(#label),
                sensitivity: ::changzhi_sdk::export::Sensitivity::#sensitivity,
                required: #required,
                unique: #unique,
                options: ::std::vec![#(::std::string::String::from(#options)),*],
                max_len: #max_len,
                min: #min,
                max: #max,
            }
        }
    }
}
