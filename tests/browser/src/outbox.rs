//! The report form and its outbox, as a hand uses them.

use crate::{Tab, Wire};
use anyhow::Result;

/// The form every outbox test writes in.
pub const FORM: &str = "/p/services/filing";

/// Opens the form, from the host or from the device, and waits for its outbox.
pub fn open(tab: &Tab, wire: &Wire) -> Result<()> {
    tab.goto(&format!("http://{}{FORM}", wire.addr))?;
    tab.until("the outbox", "document.documentElement.dataset.outbox === 'ready'")
}

/// Fills what a report must have.
pub fn fill(tab: &Tab, title: &str) -> Result<()> {
    tab.fill("[name=title]", title)?;
    tab.eval("(c => { if (c.tagName === 'SELECT') c.selectedIndex = 1; else c.value = 'lighting' })(document.querySelector('[name=category]'))")?;
    Ok(())
}

/// Waits until so many records wait on the device.
pub fn queued(tab: &Tab, count: usize) -> Result<()> {
    tab.until(
        &format!("{count} in the outbox"),
        &format!("document.getElementById('outbox')?.dataset.count === '{count}'"),
    )
}
