//! Files of the packages under host/portal/web, for tests only.

use anyhow::{Context, Result};
use std::io::Write;

/// A file under node_modules as text. `None`, said on the terminal, where the packages are not installed.
pub fn asset(name: &str) -> Result<Option<String>> {
    let file = changzhi_system_tests::root().join("host/portal/web/node_modules").join(name);
    if !file.is_file() {
        let line = format!("skipped: no {name}; to have it: npm ci --prefix host/portal/web\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        return Ok(None);
    }
    std::fs::read_to_string(&file).map(Some).with_context(|| file.display().to_string())
}
