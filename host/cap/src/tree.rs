//! XML into a small tree, within limits, with nothing but what a message needs: elements, their namespaces, their text.
//!
//! Refused: document type declarations, entities that XML itself does not have, text of another encoding than UTF-8. Comments and
//! processing instructions are passed over, attributes are not looked at (no version of CAP has any). Depth is bounded while
//! reading, so nothing recurses deeper than [`Limits::depth`].

use crate::flaw::{CapError, cut};
use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;

/// How large a document may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Elements within elements.
    pub depth: usize,
    pub elements: usize,
}

impl Default for Limits {
    /// An alert of a whole country with its polygons fits; EDXL-DE around it too.
    fn default() -> Limits {
        Limits { bytes: 1 << 20, depth: 16, elements: 20_000 }
    }
}

/// An element. Text is that directly in it, put together.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub(crate) space: String,
    pub(crate) name: String,
    pub(crate) line: u32,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
    /// Bytes of the document it takes, tags and all.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Node {
    /// Without the blanks XML knows.
    pub(crate) fn trimmed(&self) -> &str {
        self.text.trim_matches([' ', '\t', '\n', '\r'])
    }
}

/// Lines are counted on from where the last question stood.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, position: usize) -> u32 {
        if let Some(part) = self.text.as_bytes().get(self.at..position) {
            self.line += u32::try_from(part.iter().filter(|b| **b == b'\n').count()).unwrap_or(0);
            self.at = position;
        }
        self.line
    }
}

/// The root element.
pub(crate) fn parse(text: &str, limits: Limits) -> Result<Node, CapError> {
    if text.len() > limits.bytes {
        return Err(CapError::TooMuch { what: "bytes", limit: limits.bytes });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut open: Vec<Node> = Vec::new();
    let (mut root, mut elements) = (None, 0);
    loop {
        let from = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let line = lines.of(from);
        let not_xml = |why: String| CapError::NotXml { line, why };
        let (space, event) = reader.read_resolved_event().map_err(|e| not_xml(cut(&e.to_string())))?;
        let node = |name: &str| {
            let space = match space {
                ResolveResult::Bound(space) => space.0.to_owned(),
                ResolveResult::Unbound => String::new(),
                ResolveResult::Unknown(ref prefix) => {
                    return Err(not_xml(format!("the prefix {} is bound to no namespace", cut(prefix))));
                }
            };
            Ok(Node { space, name: name.to_owned(), line, text: String::new(), children: Vec::new(), from, to: from })
        };
        let mut done = None;
        match event {
            Event::Start(ref start) => {
                let made = node(start.local_name().into_inner())?;
                if open.len() >= limits.depth {
                    return Err(CapError::TooMuch { what: "elements within elements", limit: limits.depth });
                }
                if open.is_empty() && root.is_some() {
                    return Err(not_xml("there is a second root element".into()));
                }
                open.push(made);
            }
            Event::Empty(ref start) => done = Some(node(start.local_name().into_inner())?),
            Event::End(_) => done = open.pop(),
            Event::Text(ref part) => put(&mut open, &part.xml10_content()).map_err(not_xml)?,
            Event::CData(ref part) => put(&mut open, &part.xml10_content()).map_err(not_xml)?,
            Event::GeneralRef(ref name) => {
                let said = match &**name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    other => match name.resolve_char_ref() {
                        Ok(Some(c)) if is_xml(c) => c,
                        _ => return Err(not_xml(format!("there is no entity &{};", cut(other)))),
                    },
                };
                put(&mut open, said.encode_utf8(&mut [0; 4])).map_err(not_xml)?;
            }
            Event::DocType(_) => return Err(CapError::Dtd { line }),
            Event::Decl(ref decl) => {
                if let Some(encoding) = decl.encoding() {
                    let encoding = encoding.map_err(|e| not_xml(cut(&e.to_string())))?;
                    if !encoding.eq_ignore_ascii_case("utf-8") && !encoding.eq_ignore_ascii_case("us-ascii") {
                        return Err(not_xml(format!("its encoding is {}; UTF-8 is read", cut(&encoding))));
                    }
                }
            }
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
        let begun = matches!(event, Event::Start(_) | Event::Empty(_));
        elements += usize::from(begun);
        if elements > limits.elements {
            return Err(CapError::TooMuch { what: "elements", limit: limits.elements });
        }
        if let Some(mut node) = done {
            node.to = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            match open.last_mut() {
                Some(parent) => parent.children.push(node),
                None if root.is_none() => root = Some(node),
                None => return Err(not_xml("there is a second root element".into())),
            }
        }
    }
    let line = lines.of(text.len());
    match (open.last(), root) {
        (Some(left), _) => Err(CapError::NotXml { line, why: format!("<{}> is not closed", cut(&left.name)) }),
        (None, Some(root)) => Ok(root),
        (None, None) => Err(CapError::NotXml { line, why: "there is no element".into() }),
    }
}

fn put(open: &mut [Node], text: &str) -> Result<(), String> {
    if let Some(c) = text.chars().find(|c| !is_xml(*c)) {
        return Err(format!("the character U+{:04X} is not allowed", u32::from(c)));
    }
    match open.last_mut() {
        Some(node) => node.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("there is text outside the root element".into()),
    }
    Ok(())
}

/// Characters XML 1.0 can say.
pub(crate) fn is_xml(c: char) -> bool {
    !matches!(u32::from(c), 0..=8 | 0xb | 0xc | 0xe..=0x1f | 0xfffe | 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> CapError {
        parse(text, Limits::default()).unwrap_err()
    }

    #[test]
    fn text_is_put_together_and_namespaces_are_resolved() {
        let node = parse("\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<?style x?><a:r xmlns:a='u'><!-- c --><x xmlns='v'>1 &lt; <![CDATA[<2>]]>&#x597d;\r\n</x><y/></a:r>\n", Limits::default()).unwrap();
        assert_eq!((node.space.as_str(), node.name.as_str(), node.line), ("u", "r", 2));
        let x = node.children.first().unwrap();
        assert_eq!((x.space.as_str(), x.text.as_str()), ("v", "1 < <2>好\n"));
        assert_eq!(node.children.len(), 2);
    }

    #[test]
    fn declarations_foreign_entities_and_broken_documents_are_refused_with_their_line() {
        assert_eq!(
            refused("<?xml version='1.0'?>\n<!DOCTYPE r [<!ENTITY a \"aaa\">]>\n<r>&a;</r>"),
            CapError::Dtd { line: 2 }
        );
        assert_eq!(refused("<!doctype r><r/>"), CapError::Dtd { line: 1 });
        for text in [
            "",
            "x",
            "<r>",
            "<r></s>",
            "<r/><r/>",
            "<r/>x",
            "<r>&nbsp;</r>",
            "<r>&#0;</r>",
            "<r>\u{1}</r>",
            "<p:r/>",
            "<r>&a</r>",
            "<?xml version='1.0' encoding='GBK'?><r/>",
        ] {
            assert!(matches!(refused(text), CapError::NotXml { .. }), "{text}: {:?}", refused(text));
        }
    }

    #[test]
    fn what_is_too_large_too_deep_or_has_too_many_parts_is_refused() {
        let limits = Limits { bytes: 100, depth: 3, elements: 5 };
        let what = |text: &str| match parse(text, limits) {
            Err(CapError::TooMuch { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(what(&format!("<r>{}</r>", "x".repeat(100))), "bytes");
        assert_eq!(what("<a><b><c><d/></c></b></a>".replace("<d/>", "<d></d>").as_str()), "elements within elements");
        assert_eq!(what("<a><b/><b/><b/><b/><b/></a>"), "elements");
    }
}
