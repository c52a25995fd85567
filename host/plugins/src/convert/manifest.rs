//! A manifest as it arrives, into the model's words. Nothing is judged here.

use crate::bindings::changzhi::platform::{describe as wit, types};
use crate::grants::IMPORTS;
use changzhi_model::{
    Access, CommandDecl, FacetDecl, Family, FieldDecl, FieldType, FlowDecl, GrantDecl, JobDecl, KindDecl, Manifest,
    Messages, Name, Sensitivity, StateDecl, TransitionDecl, ViewDecl,
};

fn family(from: types::Family) -> Family {
    match from {
        types::Family::People => Family::People,
        types::Family::Places => Family::Places,
        types::Family::Events => Family::Events,
    }
}

fn names(from: Vec<String>) -> Vec<Name> {
    from.into_iter().map(Into::into).collect()
}

fn field_type(from: wit::FieldType) -> FieldType {
    match from {
        wit::FieldType::Flag => FieldType::Flag,
        wit::FieldType::Int => FieldType::Int,
        wit::FieldType::Num => FieldType::Num,
        wit::FieldType::Code => FieldType::Code,
        wit::FieldType::Text => FieldType::Text,
        wit::FieldType::LongText => FieldType::LongText,
        wit::FieldType::Time => FieldType::Time,
        wit::FieldType::Point => FieldType::Point,
        wit::FieldType::Entity(family) => match family.as_str() {
            "" => FieldType::Entity(None),
            "people" => FieldType::Entity(Some(Family::People)),
            "places" => FieldType::Entity(Some(Family::Places)),
            "events" => FieldType::Entity(Some(Family::Events)),
            other => FieldType::Other(format!("entity({other})").into()),
        },
        wit::FieldType::Other(name) if name == "files" => FieldType::Files,
        wit::FieldType::Other(name) if name == "members" => FieldType::Members,
        wit::FieldType::Other(name) => FieldType::Other(name.into()),
    }
}

fn field(from: wit::Field) -> FieldDecl {
    FieldDecl {
        name: from.name.into(),
        kind: field_type(from.kind),
        label: from.label.into(),
        sensitivity: match from.sensitivity {
            wit::Sensitivity::Public => Sensitivity::Public,
            wit::Sensitivity::Internal => Sensitivity::Internal,
            wit::Sensitivity::Personal => Sensitivity::Personal,
            wit::Sensitivity::Secret => Sensitivity::Secret,
        },
        required: from.required,
        unique: from.unique,
        options: names(from.options),
        max_len: from.max_len,
        min: from.min,
        max: from.max,
    }
}

fn fields(from: Vec<wit::Field>) -> Vec<FieldDecl> {
    from.into_iter().map(field).collect()
}

fn flow(from: wit::Flow) -> FlowDecl {
    FlowDecl {
        name: from.name.into(),
        version: from.version,
        initial: from.initial.into(),
        states: from
            .states
            .into_iter()
            .map(|s| StateDecl { name: s.name.into(), label: s.label.into(), terminal: s.terminal })
            .collect(),
        transitions: from
            .transitions
            .into_iter()
            .map(|t| TransitionDecl {
                event: t.event.into(),
                source: t.source.into(),
                target: t.target.into(),
                roles: names(t.roles),
            })
            .collect(),
    }
}

/// `Err` names a grant whose access is none of `r`, `rw` and, for imports, empty or `import`.
fn grant(from: wit::Grant) -> Result<GrantDecl, String> {
    let access = match (IMPORTS.contains(&from.name.as_str()), from.access.as_str()) {
        (true, "" | "import" | "r") => Access::Import,
        (false, "r") => Access::Read,
        (false, "rw") => Access::ReadWrite,
        (_, other) => {
            return Err(format!(
                "grant {:?} asks for access {other:?}: write \"r\" or \"rw\" for facets and kinds, \"\" for imports",
                from.name
            ));
        }
    };
    Ok(GrantDecl { name: from.name.into(), access, reason: from.reason })
}

pub(crate) fn manifest(from: wit::Manifest) -> Result<Manifest, Vec<String>> {
    let mut wrong = Vec::new();
    let mut grants = Vec::with_capacity(from.grants.len());
    for asked in from.grants {
        match grant(asked) {
            Ok(grant) => grants.push(grant),
            Err(what) => wrong.push(what),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Manifest {
        id: from.id.into(),
        version: from.version.into(),
        label: from.label.into(),
        kinds: from
            .kinds
            .into_iter()
            .map(|k| KindDecl {
                name: k.name.into(),
                on: family(k.on),
                label: k.label.into(),
                flow: k.flow.map(Into::into),
            })
            .collect(),
        facets: from
            .facets
            .into_iter()
            .map(|f| FacetDecl {
                name: f.name.into(),
                on: family(f.on),
                label: f.label.into(),
                fields: fields(f.fields),
            })
            .collect(),
        commands: from
            .commands
            .into_iter()
            .map(|c| CommandDecl {
                name: c.name.into(),
                label: c.label.into(),
                fields: fields(c.fields),
                roles: names(c.roles),
                purpose: c.purpose,
            })
            .collect(),
        views: from
            .views
            .into_iter()
            .map(|v| ViewDecl {
                name: v.name.into(),
                label: v.label.into(),
                params: fields(v.params),
                roles: names(v.roles),
                purpose: v.purpose,
                listed: v.listed,
            })
            .collect(),
        flows: from.flows.into_iter().map(flow).collect(),
        subscriptions: from.subscriptions.into_iter().map(|s| s.what.into()).collect(),
        jobs: from
            .jobs
            .into_iter()
            .map(|j| JobDecl {
                name: j.name.into(),
                label: j.label.into(),
                params: fields(j.params),
                roles: names(j.roles),
            })
            .collect(),
        grants,
        messages: from.messages.into_iter().map(|m| Messages { locale: m.locale.into(), ftl: m.ftl }).collect(),
    })
}
