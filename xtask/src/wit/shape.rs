//! An interface reduced to what a component can feel: names, order and types; no docs, no spans.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem, WorldKey};

/// One type: its sort (`record`, `variant`, …), its shape in words and, for a variant, its cases.
#[derive(Clone, PartialEq, Debug)]
pub struct Shape {
    pub sort: &'static str,
    pub text: String,
    pub cases: Vec<String>,
}

#[derive(Clone, Default, Debug)]
pub struct Interface {
    pub gated: bool,
    pub types: BTreeMap<String, Shape>,
    pub functions: BTreeMap<String, String>,
}

#[derive(Clone, Default, Debug)]
pub struct World {
    pub gated: bool,
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

#[derive(Clone, Default, Debug)]
pub struct Package {
    pub version: String,
    pub interfaces: BTreeMap<String, Interface>,
    pub worlds: BTreeMap<String, World>,
}

/// Reads the `.wit` files of a folder.
pub fn read(folder: &Path) -> Result<Package> {
    let mut resolve = Resolve { all_features: true, ..Resolve::default() };
    let (id, _) =
        resolve.push_dir(folder).with_context(|| format!("cannot read the interface in {}", folder.display()))?;
    let Some(package) = resolve.packages.get(id) else { bail!("no package in {}", folder.display()) };
    let version = package.name.version.as_ref().map(ToString::to_string);
    let mut out = Package { version: version.context("the package has no version")?, ..Package::default() };
    for (name, id) in &package.interfaces {
        let Some(interface) = resolve.interfaces.get(*id) else { continue };
        let types = interface.types.iter().map(|(n, t)| (n.clone(), shape(&resolve, *t))).collect();
        let functions = interface.functions.iter().map(|(n, f)| {
            let params: Vec<_> = f.params.iter().map(|p| format!("{}: {}", p.name, word(&resolve, &p.ty))).collect();
            let result = f.result.as_ref().map_or_else(|| "nothing".to_owned(), |t| word(&resolve, t));
            (n.clone(), format!("({}) -> {result}", params.join(", ")))
        });
        let functions = functions.collect();
        out.interfaces.insert(name.clone(), Interface { gated: !interface.stability.is_unknown(), types, functions });
    }
    for (name, id) in &package.worlds {
        let Some(world) = resolve.worlds.get(*id) else { continue };
        let names = |items: &mut dyn Iterator<Item = (&WorldKey, &WorldItem)>| {
            let mut all: Vec<String> = items.map(|(key, _)| item(&resolve, key)).collect();
            all.sort();
            all
        };
        let imports = names(&mut world.imports.iter());
        let exports = names(&mut world.exports.iter());
        out.worlds.insert(name.clone(), World { gated: !world.stability.is_unknown(), imports, exports });
    }
    Ok(out)
}

fn item(resolve: &Resolve, key: &WorldKey) -> String {
    match key {
        WorldKey::Name(name) => name.clone(),
        WorldKey::Interface(id) => resolve.interfaces.get(*id).and_then(|i| i.name.clone()).unwrap_or_default(),
    }
}

fn shape(resolve: &Resolve, id: TypeId) -> Shape {
    let Some(def) = resolve.types.get(id) else {
        return Shape { sort: "unknown", text: String::new(), cases: Vec::new() };
    };
    let case = |name: &str, ty: &Option<Type>| match ty {
        Some(ty) => format!("{name}({})", word(resolve, ty)),
        None => name.to_owned(),
    };
    let cases: Vec<String> = match &def.kind {
        TypeDefKind::Record(r) => r.fields.iter().map(|f| format!("{}: {}", f.name, word(resolve, &f.ty))).collect(),
        TypeDefKind::Variant(v) => v.cases.iter().map(|c| case(&c.name, &c.ty)).collect(),
        TypeDefKind::Enum(e) => e.cases.iter().map(|c| c.name.clone()).collect(),
        TypeDefKind::Flags(f) => f.flags.iter().map(|f| f.name.clone()).collect(),
        other => vec![inline(resolve, other)],
    };
    Shape { sort: def.kind.as_str(), text: cases.join(", "), cases }
}

/// A type as it is named where it is used: named ones by their owner, whatever alias led there.
fn word(resolve: &Resolve, ty: &Type) -> String {
    let Type::Id(id) = ty else { return format!("{ty:?}").to_lowercase() };
    let Some(def) = resolve.types.get(*id) else { return "unknown".to_owned() };
    if let TypeDefKind::Type(inner @ Type::Id(_)) = &def.kind {
        return word(resolve, inner);
    }
    match (&def.name, &def.owner) {
        (Some(name), TypeOwner::Interface(owner)) => {
            let owner = resolve.interfaces.get(*owner).and_then(|i| i.name.clone()).unwrap_or_default();
            format!("{owner}.{name}")
        }
        (Some(name), _) => name.clone(),
        (None, _) => inline(resolve, &def.kind),
    }
}

fn inline(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let maybe = |t: &Option<Type>| t.as_ref().map_or_else(|| "_".to_owned(), |t| word(resolve, t));
    match kind {
        TypeDefKind::Option(t) => format!("option<{}>", word(resolve, t)),
        TypeDefKind::List(t) => format!("list<{}>", word(resolve, t)),
        TypeDefKind::FixedLengthList(t, n) => format!("list<{}, {n}>", word(resolve, t)),
        TypeDefKind::Map(k, v) => format!("map<{}, {}>", word(resolve, k), word(resolve, v)),
        TypeDefKind::Result(r) => format!("result<{}, {}>", maybe(&r.ok), maybe(&r.err)),
        TypeDefKind::Tuple(t) => {
            format!("tuple<{}>", t.types.iter().map(|t| word(resolve, t)).collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Future(t) => format!("future<{}>", maybe(t)),
        TypeDefKind::Stream(t) => format!("stream<{}>", maybe(t)),
        TypeDefKind::Type(t) => word(resolve, t),
        TypeDefKind::Handle(Handle::Own(id)) => format!("own<{}>", word(resolve, &Type::Id(*id))),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", word(resolve, &Type::Id(*id))),
        other => other.as_str().to_owned(),
    }
}
