//! What is answered, before it is XML or JSON.

use crate::rows::escape;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;

/// A value of an answer.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Item {
    Null,
    Text(String),
    Whole(i64),
    Number(f64),
    Flag(bool),
    /// Items, each under this name in XML.
    List(&'static str, Vec<Item>),
    Record(Vec<(&'static str, Item)>),
}

impl Item {
    pub(super) fn text(text: impl Into<String>) -> Item {
        Item::Text(text.into())
    }

    /// An absent text is null in JSON and an empty element in XML.
    pub(super) fn maybe(text: Option<String>) -> Item {
        text.filter(|t| !t.is_empty()).map_or(Item::Null, Item::Text)
    }

    pub(super) fn json(&self) -> Json {
        match self {
            Item::Null => Json::Null,
            Item::Text(t) => json!(t),
            Item::Whole(n) => json!(n),
            Item::Number(n) => json!(n),
            Item::Flag(b) => json!(b),
            Item::List(_, all) => Json::Array(all.iter().map(Item::json).collect()),
            Item::Record(fields) => {
                Json::Object(fields.iter().map(|(n, i)| ((*n).to_owned(), i.json())).collect::<Map<_, _>>())
            }
        }
    }

    /// The whole document.
    pub(super) fn xml(&self, root: &str) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        self.element(root, &mut out);
        out.push('\n');
        out
    }

    fn element(&self, name: &str, out: &mut String) {
        let inner = |out: &mut String| match self {
            Item::Null => {}
            Item::Text(t) => escape(t, out),
            Item::Whole(n) => _ = write!(out, "{n}"),
            Item::Number(n) => _ = write!(out, "{n}"),
            Item::Flag(b) => _ = write!(out, "{b}"),
            Item::List(of, all) => all.iter().for_each(|i| i.element(of, out)),
            Item::Record(fields) => fields.iter().for_each(|(n, i)| i.element(n, out)),
        };
        let _ = write!(out, "<{name}>");
        let begun = out.len();
        inner(out);
        if out.len() == begun && !matches!(self, Item::List(..)) {
            out.truncate(begun - 1);
            out.push_str("/>");
        } else {
            let _ = write!(out, "</{name}>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text_and_what_xml_cannot_say_is_left_out() {
        let item = Item::Record(vec![
            ("a", Item::text("<b>&\"\u{1}\u{ffff}好")),
            ("n", Item::Null),
            ("l", Item::List("i", vec![Item::Whole(1)])),
            ("e", Item::List("i", vec![])),
        ]);
        let xml = item.xml("r");
        assert!(xml.contains("<r><a>&lt;b&gt;&amp;&quot;好</a><n/><l><i>1</i></l><e></e></r>"), "{xml}");
        assert_eq!(item.json()["n"], Json::Null);
    }
}
