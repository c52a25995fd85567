//! Typed reading of the attributes of an `other` node. Attributes nobody asks for are of a later minor and are passed over.

use super::Read;
use crate::shape::{Call, Named, Other, Point, Value};

/// What of a part does not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{kind}: {what}: {why}; see docs/views.md")]
pub(crate) struct Malformed {
    kind: String,
    what: String,
    why: &'static str,
}

impl Malformed {
    pub(crate) fn new(kind: &str, what: &str, why: &'static str) -> Malformed {
        let cut = |s: &str| s.chars().take(64).collect();
        Malformed { kind: cut(kind), what: cut(what), why }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Attributes<'n>(pub(crate) &'n Other);

impl<'n> Attributes<'n> {
    fn get(self, name: &str) -> Option<&'n Value> {
        self.0.attributes.iter().find(|n| n.name == name).map(|n| &n.value).filter(|v| **v != Value::None)
    }

    pub(crate) fn wrong(self, what: &str, why: &'static str) -> Malformed {
        Malformed::new(&self.0.kind, what, why)
    }

    pub(crate) fn text(self, name: &str) -> Read<Option<&'n str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Text(s)) => Ok(Some(s)),
            Some(_) => Err(self.wrong(name, "is not a text")),
        }
    }

    pub(crate) fn flag(self, name: &str) -> Read<bool> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Flag(b)) => Ok(*b),
            Some(_) => Err(self.wrong(name, "is not a flag")),
        }
    }

    pub(crate) fn int(self, name: &str) -> Read<Option<i64>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Int(i)) => Ok(Some(*i)),
            Some(_) => Err(self.wrong(name, "is not a whole number")),
        }
    }

    pub(crate) fn num(self, name: &str) -> Read<Option<f64>> {
        match self.get(name) {
            None => Ok(None),
            #[allow(clippy::cast_precision_loss, reason = "a number to draw")]
            Some(Value::Int(i)) => Ok(Some(*i as f64)),
            Some(Value::Num(n)) if n.is_finite() => Ok(Some(*n)),
            Some(_) => Err(self.wrong(name, "is not a finite number")),
        }
    }

    pub(crate) fn entity(self, name: &str) -> Read<Option<u64>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Entity(id)) => Ok(Some(*id)),
            Some(_) => Err(self.wrong(name, "is not an entity")),
        }
    }

    pub(crate) fn time(self, name: &str) -> Read<Option<i64>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Time(t)) => Ok(Some(*t)),
            Some(_) => Err(self.wrong(name, "is not a time")),
        }
    }

    pub(crate) fn point(self, name: &str) -> Read<Option<Point>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Point(at)) => Ok(Some(*at)),
            Some(_) => Err(self.wrong(name, "is not a point")),
        }
    }

    pub(crate) fn level(self, name: &str) -> Read<Option<u8>> {
        match self.int(name)? {
            None => Ok(None),
            Some(level) => match u8::try_from(level) {
                Ok(level @ 1..=4) => Ok(Some(level)),
                _ => Err(self.wrong(name, "is not a level from 1 to 4")),
            },
        }
    }

    /// One of a closed list; the first when it is not there.
    pub(crate) fn one_of(self, name: &str, all: &[&'static str]) -> Read<&'static str> {
        match self.text(name)? {
            None => Ok(all.first().copied().unwrap_or_default()),
            Some(given) => all
                .iter()
                .find(|a| **a == given)
                .copied()
                .ok_or_else(|| self.wrong(name, "is none of the words listed")),
        }
    }

    /// `NAME` and `NAME.ARGUMENT…` as a call.
    pub(crate) fn call(self, name: &str) -> Read<Option<Call>> {
        let Some(of) = self.text(name)? else { return Ok(None) };
        let argument = |n: &Named| {
            let rest = n.name.strip_prefix(name)?.strip_prefix('.')?;
            Some(Named { name: rest.to_owned(), value: n.value.clone() })
        };
        Ok(Some(Call { name: of.to_owned(), args: self.0.attributes.iter().filter_map(argument).collect() }))
    }

    /// `lon,lat lon,lat …`, in WGS84, at least `least` of them.
    pub(crate) fn line(self, name: &str, least: usize) -> Read<Vec<Point>> {
        let text = self.text(name)?.ok_or_else(|| self.wrong(name, "is missing"))?;
        let mut out = Vec::new();
        for pair in text.split_ascii_whitespace() {
            let at = pair.split_once(',').and_then(|(lon, lat)| {
                let at = Point { lon: lon.parse().ok()?, lat: lat.parse().ok()? };
                (at.lon.abs() <= 180.0 && at.lat.abs() <= 90.0).then_some(at)
            });
            out.push(at.ok_or_else(|| self.wrong(name, "is not lon,lat lon,lat … in degrees"))?);
        }
        if out.len() < least || out.len() > 5_000 {
            return Err(self.wrong(name, "has too few or too many points"));
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Text;

    fn other(attributes: Vec<(&str, Value)>) -> Other {
        let attributes = attributes.into_iter().map(|(n, value)| Named { name: n.into(), value }).collect();
        Other { kind: "board".into(), attributes, fallback: Text::Plain(String::new()) }
    }

    #[test]
    fn a_call_takes_its_own_arguments_and_no_others() {
        let o = other(vec![
            ("move", Value::Text("shift".into())),
            ("move.card", Value::Entity(4)),
            ("mover", Value::Flag(true)),
            ("open.x", Value::Int(1)),
        ]);
        let call = Attributes(&o).call("move").unwrap().unwrap();
        assert_eq!((call.name.as_str(), call.args.len()), ("shift", 1));
        assert_eq!(call.args[0].name, "card");
        assert_eq!(Attributes(&o).call("open").unwrap(), None);
    }

    #[test]
    fn a_wrong_type_and_a_wild_line_are_said_by_name() {
        let o = other(vec![
            ("n", Value::Text("7".into())),
            ("ring", Value::Text("1,2 3,nan".into())),
            ("far", Value::Text("181,0 1,1".into())),
            ("level", Value::Int(5)),
        ]);
        let a = Attributes(&o);
        assert!(a.int("n").unwrap_err().to_string().contains("n: is not a whole number"));
        assert!(a.line("ring", 2).is_err() && a.line("far", 1).is_err() && a.line("none", 1).is_err());
        assert!(a.level("level").is_err() && a.level("none").unwrap().is_none());
    }
}
