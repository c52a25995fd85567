//! What a walk does again and again: a form filled in and sent, a page judged.

use crate::tab::Tab;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

impl Tab {
    /// Fills in the form of a command (`plugin/command`), whatever fold it lies in, presses its button, and waits for the page it leads to.
    ///
    /// # Errors
    /// When there is no such form, or the page that comes says that something is wrong.
    pub fn gives(&self, command: &str, fields: &[(&str, &str)]) -> Result<()> {
        let form = format!("form[action^=\"/do/{command}\"]");
        self.until(command, &format!("document.querySelector('{form}')"))?;
        self.eval(&format!(
            "(f => {{ for (let d = f.closest('details'); d; d = d.parentElement.closest('details')) d.open = true }})(document.querySelector('{form}'))"
        ))?;
        for (name, value) in fields {
            self.eval(&format!(
                "(all => {{ const i = all.find(e => e.type === 'radio' && e.value === {v}) ?? all[0]; if (i.type === 'radio') i.checked = true; else i.value = {v}; i.dispatchEvent(new Event('change', {{bubbles: true}})) }})([...document.querySelectorAll('{form} [name=\"{name}\"]')])",
                v = Value::from(*value)
            ))
            .with_context(|| format!("{command}: {name}"))?;
        }
        self.leave(|tab| tab.click(&format!("{form} button:not([type=button])")))?;
        let wrong = self
            .text("[...document.querySelectorAll('.wrong .error, .notice.danger')].map(e => e.textContent).join()")?;
        ensure!(wrong.is_empty(), "{command}: {wrong}\n{}", self.main()?);
        Ok(())
    }

    /// The words of the page.
    ///
    /// # Errors
    /// When there is no page.
    pub fn main(&self) -> Result<String> {
        self.text("document.querySelector('main').innerText")
    }

    /// Nothing for axe to say, and no wider than the screen.
    ///
    /// # Errors
    /// What is wrong with `what`.
    pub fn is_sound(&self, what: &str) -> Result<()> {
        let found: Vec<String> = self.axe()?.unwrap_or_default().iter().map(ToString::to_string).collect();
        ensure!(found.is_empty(), "{what}:\n{}", found.join("\n"));
        // Without the bar a page is scrolled by.
        let over = self.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
        ensure!(over.as_f64().is_some_and(|over| over <= 0.0), "{what} is wider than the screen by {over}");
        Ok(())
    }

    /// Nothing was broken meanwhile: see [`Tab::complaints`].
    ///
    /// # Errors
    /// What was.
    pub fn is_quiet(&self, what: &str) -> Result<()> {
        let complaints = self.complaints();
        ensure!(complaints.is_empty(), "{what}: {}", complaints.join("\n"));
        Ok(())
    }

    /// [`Tab::is_sound`], and a picture of the whole page for people to look at.
    ///
    /// # Errors
    /// The same.
    pub fn looked_at(&self, name: &str) -> Result<()> {
        eprintln!("{}", self.screenshot(name, true)?.display());
        self.is_sound(name)
    }
}
