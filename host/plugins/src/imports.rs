//! The closed list of imports, decided from the component's bytes before anything is compiled.

use crate::grants::{Grants, IMPORTS};
use crate::load_error::LoadError;
use crate::wasi;
use wasmparser::{Parser, Payload};

/// Names of the interfaces the component imports, with their versions.
pub(crate) fn imports(component: &[u8]) -> Result<Vec<String>, LoadError> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|e| LoadError::NotAComponent(e.to_string()))? {
            Payload::Version { encoding: wasmparser::Encoding::Module, .. } if depth == 0 => {
                return Err(LoadError::NotAComponent("it is a core module".into()));
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import.map_err(|e| LoadError::NotAComponent(e.to_string()))?;
                    found.push(import.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Refuses the first import that is neither always there nor granted. `None` grants everything that can be asked for.
pub(crate) fn check(component: &[u8], grants: Option<&Grants>) -> Result<(), LoadError> {
    for import in imports(component)? {
        let interface = import.split('@').next().unwrap_or_default();
        if let Some(name) = interface.strip_prefix("changzhi:platform/") {
            let always = ["log", "types", "changes", "describe", "view"].contains(&name);
            if always || grants.map_or(IMPORTS.contains(&name), |g| g.may_import(name)) {
                continue;
            }
            let mend = if IMPORTS.contains(&name) {
                format!(
                    "add the grant {{ name: \"{name}\", access: \"\", reason: \"…\" }} to its manifest and approve it"
                )
            } else {
                format!("this host has no interface {name:?}: build against the host's wit/ folder or upgrade the host")
            };
            return Err(LoadError::Import { import, mend });
        }
        if wasi::INTERFACES.contains(&interface) {
            continue;
        }
        let mend = "plugins do no I/O: leave it out, and ask for effects as intents".to_owned();
        return Err(LoadError::Import { import, mend });
    }
    Ok(())
}
