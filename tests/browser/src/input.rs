//! Keys, letters and the pointer, as events the browser takes for a person's.

use crate::tab::Tab;
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Keys with a name of their own: `code`, key number, what it types.
const KEYS: [(&str, &str, u32, &str); 14] = [
    ("Tab", "Tab", 9, ""),
    ("Enter", "Enter", 13, "\r"),
    ("Escape", "Escape", 27, ""),
    ("Backspace", "Backspace", 8, ""),
    ("Delete", "Delete", 46, ""),
    (" ", "Space", 32, " "),
    ("Home", "Home", 36, ""),
    ("End", "End", 35, ""),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("ArrowDown", "ArrowDown", 40, ""),
    ("F2", "F2", 113, ""),
    ("F5", "F5", 116, ""),
];

impl Tab {
    /// Presses a key by its DOM name: `Tab`, `Shift+Tab`, `Enter`, `j`, `?`, `Ctrl+a`.
    pub fn press(&self, keys: &str) -> Result<()> {
        let (mut modifiers, mut key) = (0, keys);
        while let Some((held, rest)) = key.split_once('+').filter(|(_, rest)| !rest.is_empty()) {
            modifiers |= match held {
                "Alt" => 1,
                "Ctrl" => 2,
                "Meta" => 4,
                _ => 8,
            };
            key = rest;
        }
        let named = KEYS.iter().find(|(name, ..)| *name == key);
        let letter = key.chars().next().unwrap_or_default().to_ascii_uppercase();
        let (code, number, typed) = match named {
            Some((_, code, number, typed)) => ((*code).to_owned(), *number, *typed),
            None if letter.is_ascii_alphabetic() => (format!("Key{letter}"), u32::from(letter), key),
            None => (String::new(), u32::from(letter), key),
        };
        // With Ctrl or Alt held a letter types nothing.
        let typed = if modifiers & 3 == 0 { typed } else { "" };
        let event = |kind: &str| {
            let mut event = json!({"type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers});
            if kind == "keyDown" && !typed.is_empty() {
                event["text"] = typed.into();
            }
            event
        };
        self.call("Input.dispatchKeyEvent", event(if typed.is_empty() { "rawKeyDown" } else { "keyDown" }))?;
        self.call("Input.dispatchKeyEvent", event("keyUp"))?;
        Ok(())
    }

    /// Types where the focus is: letters by keys, other signs as an input method hands them over.
    pub fn write(&self, text: &str) -> Result<()> {
        for sign in text.chars() {
            if sign.is_ascii_alphanumeric() || sign == ' ' {
                self.press(sign.encode_utf8(&mut [0; 4]))?;
            } else {
                self.call("Input.insertText", json!({"text": sign.to_string()}))?;
            }
        }
        Ok(())
    }

    /// What an input method shows before a choice is made.
    pub fn compose(&self, text: &str) -> Result<()> {
        let end = text.encode_utf16().count();
        self.call("Input.imeSetComposition", json!({"text": text, "selectionStart": end, "selectionEnd": end}))?;
        Ok(())
    }

    /// Puts the focus on it and replaces what stands there.
    pub fn fill(&self, selector: &str, text: &str) -> Result<()> {
        self.eval(&format!("(e => {{ e.focus(); e.select?.() }})(document.querySelector({}))", Value::from(selector)))?;
        self.write(text)
    }

    /// Presses the pointer in the middle of the first element.
    pub fn click(&self, selector: &str) -> Result<()> {
        let place = self
            .eval(&format!(
                "(e => {{ e.scrollIntoView({{block: 'center', behavior: 'instant'}}); const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] }})(document.querySelector({}))",
                Value::from(selector)
            ))
            .with_context(|| format!("nothing to click at {selector}"))?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event)?;
        }
        Ok(())
    }

    /// What has the focus: its tag and what it is called.
    pub fn focused(&self) -> Result<String> {
        self.text("(e => [e.tagName.toLowerCase(), e.id && '#' + e.id, e.name && '[' + e.name + ']', (e.getAttribute('aria-label') || e.textContent || '').trim().slice(0, 60)].filter(Boolean).join(' '))(document.activeElement)")
    }
}
