//! What the charter refuses in a declaration.
//!
//! Checked when a manifest is read, for every plugin and for the host's own declarations. It cannot be switched off: there is
//! no setting, and the world has no component that could hold what is refused here. Names, labels and what the message files
//! say for those labels are all read.

use crate::{FacetDecl, Family, FieldDecl, FieldType, Manifest, Name};

#[cfg(test)]
mod tests;
mod words;

/// One declaration that breaks the charter, and how to mend it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("CHARTER {rule}: {place}{}: {why}. {mend}", field.as_ref().map_or_else(String::new, |f| format!(", field {f:?}")))]
pub struct CharterBreach {
    /// Number of the rule in the charter.
    pub rule: u8,
    /// The declaration, for example `facet "risk.person"`.
    pub place: String,
    pub field: Option<Name>,
    pub why: String,
    pub mend: String,
}

/// Every breach in the manifest, not just the first.
pub fn check(manifest: &Manifest) -> Result<(), Vec<CharterBreach>> {
    let mut lint = Lint { manifest, place: String::new(), found: Vec::new() };
    for facet in &manifest.facets {
        lint.place = format!("facet {:?}", facet.name);
        lint.facet(facet);
    }
    for kind in &manifest.kinds {
        lint.place = format!("kind {:?}", kind.name);
        let named = lint.texts(&kind.name, &kind.label);
        if kind.on == Family::People && words::judges(&named) {
            lint.breach(1, None, "a kind of person that is a judgement on persons", MATTER);
        }
        lint.everywhere(None, &named, kind.on == Family::People);
    }
    for c in &manifest.commands {
        lint.asked("command", &c.name, &c.label, &c.fields);
    }
    for v in &manifest.views {
        lint.asked("view", &v.name, &v.label, &v.params);
    }
    for j in &manifest.jobs {
        lint.asked("job", &j.name, &j.label, &j.params);
    }
    if lint.found.is_empty() { Ok(()) } else { Err(lint.found) }
}

const MATTER: &str = "Put it on the matter or the place it is about";
const DROP: &str = "Leave it out";
const FACILITY: &str = "Anchor it on a facility, a public place or a compound's communal entrance";

struct Lint<'a> {
    manifest: &'a Manifest,
    place: String,
    found: Vec<CharterBreach>,
}

impl<'a> Lint<'a> {
    fn breach(&mut self, rule: u8, field: Option<&Name>, why: &str, mend: &str) {
        let (place, field) = (self.place.clone(), field.cloned());
        self.found.push(CharterBreach { rule, place, field, why: why.to_owned(), mend: mend.to_owned() });
    }

    /// The name first, then the label and what the message files say for it.
    fn texts<'b>(&self, name: &'b str, label: &'b str) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let manifest: &'a Manifest = self.manifest;
        let mut texts = vec![name.rsplit('.').next().unwrap_or_default(), label];
        for messages in &manifest.messages {
            for line in messages.ftl.lines() {
                if let Some((key, shown)) = line.split_once('=')
                    && key.trim() == label
                {
                    texts.push(shown);
                }
            }
        }
        texts
    }

    fn facet(&mut self, facet: &'a FacetDecl) {
        let titled = self.texts(&facet.name, &facet.label);
        let on_people = facet.on == Family::People;
        let unique = facet.fields.iter().any(|f| f.unique && refers_to_person(f));
        let refers = facet.fields.iter().any(refers_to_person);
        let titled_judges = words::judges(&titled);
        let triage = words::triages(&titled);
        let circle = words::circles(&titled);
        self.everywhere(None, &titled, on_people);
        if on_people && titled_judges {
            self.breach(1, None, "a judgement on persons by its name", MATTER);
        }
        for field in &facet.fields {
            let named = self.texts(&field.name, &field.label);
            let at = Some(&field.name);
            let judges = words::judges(&named) || field.options.iter().any(|o| words::judges(&[o]));
            self.everywhere(at, &named, on_people);
            if circle && refers_to_person(field) && words::anchors(&named) {
                self.breach(2, at, "a circle anchored on a person", FACILITY);
            }
            if on_people {
                if let Some(why) = holds_a_mark(field) {
                    self.breach(1, at, why, MATTER);
                } else if judges {
                    self.breach(1, at, "a score, rank, label or list on persons by its name", MATTER);
                }
            } else if unique && (graded(field) || judges) {
                self.breach(
                    1,
                    at,
                    "one row a person with a number or grade is a score on the person by another name",
                    MATTER,
                );
            } else if refers && graded(field) && judges && (words::of_person(&titled) || words::of_person(&named)) {
                self.breach(1, at, "a score on the person it refers to", MATTER);
            }
            self.factors(field, &named, triage, on_people);
        }
    }

    /// Commands, views and jobs: what they ask for.
    fn asked(&mut self, sort: &str, name: &'a str, label: &'a str, fields: &'a [FieldDecl]) {
        self.place = format!("{sort} {name:?}");
        let titled = self.texts(name, label);
        let (triage, person) = (words::triages(&titled), words::of_person(&titled));
        self.everywhere(None, &titled, false);
        for field in fields {
            let named = self.texts(&field.name, &field.label);
            self.everywhere(Some(&field.name), &named, false);
            if graded(field) && words::judges(&named) && (person || words::of_person(&named)) {
                self.breach(1, Some(&field.name), "takes a score on a person", MATTER);
            }
            self.factors(field, &named, triage, false);
        }
    }

    /// Rules 2 and 3, which hold for every name.
    fn everywhere(&mut self, field: Option<&Name>, named: &[&str], on_people: bool) {
        if words::biometric(named) {
            self.breach(3, field, "an identifier of a body, vehicle or track, by which persons are followed", DROP);
        }
        if words::circles(named) && (on_people || words::dwelling(named)) {
            self.breach(2, field, "a circle or camera around a person or a dwelling", FACILITY);
        }
    }

    /// Rules 4 and 5: what may not weigh.
    fn factors(&mut self, field: &FieldDecl, named: &[&str], triage: bool, on_people: bool) {
        let triage = triage || words::triages(named);
        if (triage || on_people) && words::complains(named) {
            self.breach(
                4,
                Some(&field.name),
                "whether or how often somebody complained or petitioned is no factor",
                DROP,
            );
        }
        let option = field.options.iter().any(|o| words::protected(&[o]));
        if triage && (words::protected(named) || option) {
            self.breach(5, Some(&field.name), "a protected trait as a factor of triage", DROP);
        }
    }
}

fn refers_to_person(field: &FieldDecl) -> bool {
    field.kind == FieldType::Entity(Some(Family::People))
}

/// What could hold a score, grade or label whatever it is called.
fn holds_a_mark(field: &FieldDecl) -> Option<&'static str> {
    match field.kind {
        FieldType::Int | FieldType::Num => Some("persons hold no numbers"),
        FieldType::Flag => Some("persons hold no flags"),
        FieldType::Code if !field.options.is_empty() => Some("persons hold no closed list of codes"),
        FieldType::Files => Some("persons hold no pictures"),
        FieldType::Members => Some("persons hold no other persons"),
        _ => None,
    }
}

fn graded(field: &FieldDecl) -> bool {
    matches!(field.kind, FieldType::Int | FieldType::Num)
        || (field.kind == FieldType::Code && !field.options.is_empty())
}
