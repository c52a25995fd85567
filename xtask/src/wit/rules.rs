//! The rules of wit/VERSIONING.md, each as what it refuses. R9 (docs may change) is what is never looked at.

use super::shape::{Interface, Package};
use std::fmt;

/// One difference and the rule it breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    pub rule: &'static str,
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

fn breach(rule: &'static str, what: String) -> Breach {
    Breach { rule, what }
}

/// Endings of names that will surely grow (R8).
const GROWING: [&str; 5] = ["error", "refusal", "cell", "kind", "field-type"];

/// What can be said of an interface without an older one.
pub fn stand_alone(now: &Package) -> Vec<Breach> {
    let mut out = Vec::new();
    let interfaces = now.interfaces.iter().map(|(n, i)| ("interface", n, i.gated));
    let worlds = now.worlds.iter().map(|(n, w)| ("world", n, w.gated));
    for (sort, name, gated) in interfaces.chain(worlds) {
        if !gated {
            out.push(breach(
                "R1",
                format!("{sort} `{name}` has no gate: write @since(version = …) or @unstable(feature = …)"),
            ));
        }
    }
    for (interface, name, shape) in types(now) {
        let grows = shape.sort == "variant" && GROWING.iter().any(|end| name.ends_with(end));
        if grows && !shape.cases.iter().any(|c| c.starts_with("other(")) {
            out.push(breach(
                "R8",
                format!("`{interface}.{name}` will grow and has no way out: add the case `other(…)`"),
            ));
        }
    }
    out
}

fn types(package: &Package) -> impl Iterator<Item = (&String, &String, &super::shape::Shape)> {
    package.interfaces.iter().flat_map(|(i, all)| all.types.iter().map(move |(n, s)| (i, n, s)))
}

/// Versions with the same promise: the same major, before 1.0 the same minor.
fn track(version: &str) -> (String, String) {
    let mut parts = version.split('.');
    let major = parts.next().unwrap_or_default().to_owned();
    let minor = if major == "0" { parts.next().unwrap_or_default().to_owned() } else { String::new() };
    (major, minor)
}

/// Everything that a component built for `before` would feel in `now`.
pub fn compare(before: &Package, now: &Package) -> Vec<Breach> {
    if track(&before.version) != track(&now.version) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (name, old) in &before.interfaces {
        match now.interfaces.get(name) {
            None => out.push(breach("R6", format!("interface `{name}` is gone"))),
            Some(new) => {
                let exported = before.worlds.values().any(|w| w.exports.contains(name));
                interface(name, old, new, exported, &mut out);
            }
        }
    }
    for (name, old) in &before.worlds {
        let Some(new) = now.worlds.get(name) else {
            out.push(breach("R6", format!("world `{name}` is gone")));
            continue;
        };
        for (sort, old, new) in [("imports", &old.imports, &new.imports), ("exports", &old.exports, &new.exports)] {
            for item in old.iter().filter(|i| !new.contains(i)) {
                out.push(breach("R6", format!("world `{name}` no longer {sort} `{item}`")));
            }
        }
        for item in new.exports.iter().filter(|i| !old.exports.contains(i)) {
            out.push(breach(
                "R5",
                format!("world `{name}` also exports `{item}`: older plugins lack it; leave it to reflection"),
            ));
        }
    }
    out
}

fn interface(name: &str, old: &Interface, new: &Interface, exported: bool, out: &mut Vec<Breach>) {
    for (ty, before) in &old.types {
        match new.types.get(ty) {
            None => out.push(breach("R6", format!("{} `{name}.{ty}` is gone", before.sort))),
            Some(now) if now.sort != before.sort => {
                let what =
                    format!("`{name}.{ty}` was a {} and is a {}: give the new shape a new name", before.sort, now.sort);
                out.push(breach("R7", what));
            }
            Some(now) if now.text != before.text => {
                let what = format!("{} `{name}.{ty}` shipped as ({}) and is ({})", before.sort, before.text, now.text);
                out.push(breach("R2", what));
            }
            Some(_) => {}
        }
    }
    for (function, before) in &old.functions {
        match new.functions.get(function) {
            None => out.push(breach("R6", format!("function `{name}.{function}` is gone"))),
            Some(now) if now != before => {
                out.push(breach("R3", format!("function `{name}.{function}` shipped as {before} and is {now}")));
            }
            Some(_) => {}
        }
    }
    // R4: functions may be added where plugins import
    for function in new.functions.keys().filter(|f| exported && !old.functions.contains_key(*f)) {
        out.push(breach(
            "R5",
            format!("`{name}` is exported by plugins and also asks for `{function}`: make a new interface"),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::read;
    use super::*;

    const WIT: &str = "package t:e@0.1.0;
        @since(version = 0.1.0) interface types {
            record point { x: f64, y: f64 }
            variant read-error { gone, other(string) }
            enum level { low, high }
        }
        @since(version = 0.1.0) interface host { use types.{point}; near: func(p: point) -> u32; far: func() -> u32; }
        @since(version = 0.1.0) interface guest { run: func() -> string; }
        @since(version = 0.1.0) world plugin { import host; export guest; }";

    fn package(text: &str) -> Package {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.wit"), text).unwrap();
        read(dir.path()).unwrap()
    }

    /// The rules broken by replacing one piece of the text.
    fn broken(from: &str, to: &str) -> Vec<&'static str> {
        assert!(WIT.contains(from), "{from}");
        let now = package(&WIT.replace(from, to));
        let mut all = stand_alone(&now);
        all.extend(compare(&package(WIT), &now));
        all.iter().map(|b| b.rule).collect()
    }

    #[test]
    fn r1_a_world_without_a_gate_is_named() {
        assert_eq!(broken("@since(version = 0.1.0) interface guest", "interface guest"), ["R1"]);
    }

    #[test]
    fn r2_every_change_of_a_shipped_type_is_named() {
        assert_eq!(broken("y: f64", "y: f64, z: f64"), ["R2"]);
        assert_eq!(broken("x: f64, y: f64", "y: f64, x: f64"), ["R2"]);
        assert_eq!(broken("low, high", "low, middle, high"), ["R2"]);
        assert_eq!(broken("gone, other", "gone, late, other"), ["R2"]);
    }

    #[test]
    fn r3_another_parameter_or_result_is_named() {
        assert_eq!(broken("near: func(p: point)", "near: func(p: point, m: f64)"), ["R3"]);
        assert_eq!(broken("far: func() -> u32", "far: func() -> u64"), ["R3"]);
    }

    #[test]
    fn r4_a_function_more_where_plugins_import_is_allowed() {
        assert!(broken("far: func", "further: func(); far: func").is_empty());
    }

    #[test]
    fn r5_more_asked_of_plugins_is_named() {
        assert_eq!(broken("run: func", "stop: func(); run: func"), ["R5"]);
        assert_eq!(broken("export guest;", "export guest; export host;"), ["R5"]);
    }

    #[test]
    fn r6_everything_gone_is_named_not_just_the_first() {
        assert_eq!(broken("enum level { low, high }", ""), ["R6"]);
        assert_eq!(broken("near: func(p: point) -> u32; far: func() -> u32;", ""), ["R6", "R6"]);
    }

    #[test]
    fn r6_a_new_minor_before_1_0_may_break() {
        assert!(broken("t:e@0.1.0", "t:e@0.2.0").is_empty());
    }

    #[test]
    fn r7_a_new_shape_under_an_old_name_is_named() {
        assert_eq!(broken("enum level { low, high }", "record level { low: bool }"), ["R7"]);
    }

    #[test]
    fn r8_an_error_that_cannot_grow_is_named() {
        assert_eq!(broken("enum level", "variant write-error { full } enum level"), ["R8"]);
    }

    #[test]
    fn r9_docs_and_new_types_are_allowed() {
        assert!(broken("enum level", "/// how loud\n record size { w: u32 } enum level").is_empty());
    }
}
