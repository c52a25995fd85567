//! The plain rules of a manifest; what the charter says of it is `model::charter`.

use changzhi_model::{Family, FieldDecl, FieldType, FlowDecl, Manifest, Name, Sensitivity};
use std::collections::BTreeSet;

/// Most things of one sort a manifest may declare, and most fields of one of them.
const MOST: usize = 500;

fn is_name(s: &str) -> bool {
    s.len() <= 64
        && s.starts_with(|c: char| c.is_ascii_lowercase())
        && s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

/// The one picture that shows no person by what it is: it opens without a purpose, and every other asks for one.
fn is_plan(field: &FieldDecl) -> bool {
    field.name == "plan" && field.sensitivity == Sensitivity::Internal && field.max == Some(1.0)
}

/// A facet that refers to no person and keeps nothing of one.
fn names_nobody(fields: &[FieldDecl]) -> bool {
    let of_people = |kind: &FieldType| matches!(kind, FieldType::Entity(Some(Family::People)) | FieldType::Members);
    fields.iter().all(|f| !f.sensitivity.is_sealed() && !of_people(&f.kind))
}

struct Check(Vec<String>);

impl Check {
    fn wrong(&mut self, what: String) {
        self.0.push(what);
    }

    fn unique<'a>(&mut self, sort: &str, names: impl Iterator<Item = &'a Name>) {
        let mut seen = BTreeSet::new();
        let mut count = 0;
        for name in names {
            count += 1;
            if !seen.insert(name) {
                self.wrong(format!("{sort} {name:?} is declared twice: names are unique"));
            }
        }
        if count > MOST {
            self.wrong(format!("{count} of {sort} are declared, the limit is {MOST}"));
        }
    }

    fn name(&mut self, sort: &str, name: &str) {
        if !is_name(name) {
            self.wrong(format!(
                "{sort} {name:?}: write lower-case letters, digits, - and _, at most 64, a letter first"
            ));
        }
    }

    fn fields(&mut self, of: &str, fields: &[FieldDecl], facet: bool) {
        self.unique(&format!("{of}: field"), fields.iter().map(|f| &f.name));
        for field in fields {
            self.name(&format!("{of}: field"), &field.name);
            self.field(&format!("{of}: field {:?}", field.name), field, facet);
            let of_a_place = names_nobody(fields) && is_plan(field);
            let open = field.sensitivity != Sensitivity::Personal;
            if facet && field.kind == FieldType::Files && open && !of_a_place {
                self.wrong(format!(
                    "{of}: field {:?}: files may show people and homes: declare the field personal (only a field `plan` of one \
                     file, in a facet that names nobody, may be internal: the plan of a place)",
                    field.name
                ));
            }
        }
    }

    fn field(&mut self, at: &str, field: &FieldDecl, facet: bool) {
        if let FieldType::Other(name) = &field.kind {
            self.wrong(format!(
                "{at}: type {name:?} is not known to this host: use a type of wit/describe.wit or upgrade the host"
            ));
        }
        let searchable =
            matches!(field.kind, FieldType::Text | FieldType::Code | FieldType::Int | FieldType::Entity(_));
        if field.unique && (!facet || !searchable) {
            self.wrong(format!("{at}: unique is for text, code, int and entity fields of facets"));
        }
        if !field.options.is_empty() && field.kind != FieldType::Code {
            self.wrong(format!("{at}: options are for codes"));
        }
        self.unique(&format!("{at}: option"), field.options.iter());
        if field.kind == FieldType::Members && (!facet || field.sensitivity.is_sealed()) {
            self.wrong(format!(
                "{at}: members are for facets, and not sealed: who may look is asked before anything is opened"
            ));
        }
        let numeric = matches!(field.kind, FieldType::Int | FieldType::Num | FieldType::Files);
        if (field.min.is_some() || field.max.is_some()) && !numeric {
            self.wrong(format!("{at}: min and max are for numbers"));
        }
        let bounds = [field.min, field.max];
        if bounds.iter().flatten().any(|b| !b.is_finite())
            || matches!((field.min, field.max), (Some(a), Some(b)) if a > b)
        {
            self.wrong(format!("{at}: min and max are finite, and min is not above max"));
        }
    }

    fn flow(&mut self, flow: &FlowDecl) {
        let at = format!("flow {:?}", flow.name);
        self.unique(&format!("{at}: state"), flow.states.iter().map(|s| &s.name));
        let state = |name: &Name| flow.states.iter().find(|s| s.name == *name);
        if state(&flow.initial).is_none() {
            self.wrong(format!("{at}: initial state {:?} is not among its states", flow.initial));
        }
        for t in &flow.transitions {
            for end in [&t.source, &t.target] {
                if state(end).is_none() {
                    self.wrong(format!("{at}: event {:?} names the unknown state {end:?}", t.event));
                }
            }
        }
        for s in &flow.states {
            let leaves = flow.transitions.iter().any(|t| t.source == s.name);
            if !leaves && !s.terminal {
                self.wrong(format!("{at}: state {:?} has no way out: add a transition or make it terminal", s.name));
            }
        }
    }
}

/// Every breach of the plain rules, with what to write instead.
pub(crate) fn check(m: &Manifest) -> Result<(), Vec<String>> {
    let mut check = Check(Vec::new());
    let id_ok = m.id.len() <= 32
        && m.id.starts_with(|c: char| c.is_ascii_lowercase())
        && m.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !id_ok || m.id == "host" {
        check.wrong(format!("id {:?}: write [a-z][a-z0-9-]*, at most 32, and not \"host\"", m.id));
    }
    if let Err(e) = semver::Version::parse(&m.version) {
        check.wrong(format!("version {:?} is not semver ({e}): write for example 0.1.0", m.version));
    }
    check.unique("kind", m.kinds.iter().map(|k| &k.name));
    check.unique("facet", m.facets.iter().map(|f| &f.name));
    check.unique("command", m.commands.iter().map(|c| &c.name));
    check.unique("view", m.views.iter().map(|v| &v.name));
    // Versions of one flow stand beside each other: what began under an old one ends under it.
    let mut versions = BTreeSet::new();
    let again: Vec<&Name> =
        m.flows.iter().filter(|f| !versions.insert((&f.name, f.version))).map(|f| &f.name).collect();
    for name in again {
        check.wrong(format!("flow {name:?} is declared twice: names are unique"));
    }
    if m.flows.len() > MOST {
        check.wrong(format!("{} of flow are declared, the limit is {MOST}", m.flows.len()));
    }
    check.unique("job", m.jobs.iter().map(|j| &j.name));
    check.unique("messages", m.messages.iter().map(|l| &l.locale));
    for kind in &m.kinds {
        check.name("kind", &kind.name);
        if let Some(flow) = &kind.flow
            && !m.flows.iter().any(|f| f.name == *flow)
        {
            check.wrong(format!("kind {:?} names the flow {flow:?}, which is not declared", kind.name));
        }
    }
    for facet in &m.facets {
        match facet.name.split_once('.') {
            Some((owner, name)) if owner == m.id => check.name("facet", name),
            _ => check.wrong(format!("facet {:?}: its name is \"{}.\" and a name", facet.name, m.id)),
        }
        check.fields(&format!("facet {:?}", facet.name), &facet.fields, true);
    }
    for command in &m.commands {
        check.name("command", &command.name);
        check.fields(&format!("command {:?}", command.name), &command.fields, false);
    }
    for view in &m.views {
        check.name("view", &view.name);
        check.fields(&format!("view {:?}", view.name), &view.params, false);
    }
    for job in &m.jobs {
        check.name("job", &job.name);
        check.fields(&format!("job {:?}", job.name), &job.params, false);
    }
    for flow in &m.flows {
        check.flow(flow);
    }
    for grant in &m.grants {
        if grant.reason.trim().is_empty() {
            check.wrong(format!("grant {:?} gives no reason: somebody has to approve it", grant.name));
        }
    }
    if check.0.is_empty() { Ok(()) } else { Err(check.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(fields: &[FieldDecl]) -> usize {
        let mut check = Check(Vec::new());
        check.fields("facet", fields, true);
        check.0.len()
    }

    fn files(name: &'static str, sensitivity: Sensitivity, max: Option<f64>) -> FieldDecl {
        FieldDecl { sensitivity, max, ..FieldDecl::new(name, FieldType::Files) }
    }

    #[test]
    fn files_are_personal_but_for_the_plan_of_a_place_in_a_facet_that_names_nobody() {
        let plan = || files("plan", Sensitivity::Internal, Some(1.0));
        assert_eq!(wrong(&[plan(), FieldDecl::new("floor", FieldType::Text)]), 0);
        assert_eq!(wrong(&[files("photos", Sensitivity::Personal, Some(6.0))]), 0);
        let person = FieldDecl::new("of", FieldType::Entity(Some(Family::People)));
        let sealed = FieldDecl { sensitivity: Sensitivity::Personal, ..FieldDecl::new("name", FieldType::Text) };
        let members = FieldDecl::new("members", FieldType::Members);
        for fields in [
            vec![files("photos", Sensitivity::Internal, Some(1.0))],
            vec![files("plan", Sensitivity::Internal, Some(2.0))],
            vec![files("plan", Sensitivity::Internal, None)],
            vec![files("plan", Sensitivity::Public, Some(1.0))],
            vec![plan(), person],
            vec![plan(), sealed],
            vec![plan(), members],
        ] {
            assert_eq!(wrong(&fields), 1, "{fields:?}");
        }
    }
}
