//! SMS through a gateway's HTTP interface.
//!
//! Gateways differ in names, not in kind: a form or a JSON body with a number, a text and an id; a secret in a header or in the body; an
//! answer whose status, and often a code in its JSON, says whether it took the message; later a report of its delivery, sent to an
//! address of ours. All of that is settings. A gateway that wants each request signed needs a proxy that signs.

use super::{ANSWER, Adapter, AdapterError, Authority, agent, status, trouble, wrong};
use crate::{Address, Channel, Key, Letter, Trouble, Why};
use serde_json::Value;
use std::time::Duration;
use ureq::Agent;
use zeroize::Zeroizing;

/// What is sent, with `{to}`, `{text}`, `{key}` and `{secret}` in its values.
#[derive(Clone, PartialEq, Debug)]
pub enum Template {
    Json(Value),
    /// Names and values: as a form, or behind the `?` of a GET.
    Form(Vec<(String, String)>),
}

impl Template {
    /// A JSON object, or `name={to}&other={text}`.
    ///
    /// # Errors
    /// Neither of the two, or without `{to}` or `{text}`.
    pub fn read(text: &str) -> Result<Template, AdapterError> {
        let text = text.trim();
        for part in ["{to}", "{text}"] {
            if !text.contains(part) {
                return Err(wrong("template", format!("{part} is nowhere in it; put it where the gateway expects it")));
            }
        }
        if text.starts_with('{') && text.contains('"') {
            let json = serde_json::from_str(text).map_err(|e| wrong("template", format!("it is no JSON: {e}")))?;
            return Ok(Template::Json(json));
        }
        let pair = |p: &str| p.split_once('=').map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()));
        let pairs: Option<Vec<_>> = text.split('&').map(pair).collect();
        let why = "write a JSON object, or a form as name={to}&other={text}";
        pairs.map(Template::Form).ok_or_else(|| wrong("template", why))
    }
}

/// The answer is a success when this place of its JSON (RFC 6901) holds this value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Success {
    pub pointer: String,
    pub value: String,
}

impl Success {
    /// `/code=0`.
    ///
    /// # Errors
    /// Another shape.
    pub fn read(text: &str) -> Result<Success, AdapterError> {
        match text.split_once('=') {
            Some((pointer, value)) if pointer.starts_with('/') => {
                Ok(Success { pointer: pointer.trim().to_owned(), value: value.trim().to_owned() })
            }
            _ => Err(wrong("success", "write a place and a value, as /code=0")),
        }
    }

    fn holds(&self, answer: &Value) -> bool {
        match answer.pointer(&self.pointer) {
            Some(Value::String(s)) => *s == self.value,
            // A number, true or null, as it is written.
            Some(other) => {
                let written = other.to_string();
                written == self.value
            }
            None => false,
        }
    }
}

/// How a gateway's delivery report is read: where its JSON holds our key and its state, and which state is a success.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipts {
    /// What the gateway proves itself by: `Authorization: Bearer SECRET`.
    pub secret: Zeroizing<String>,
    pub key: String,
    pub state: String,
    pub delivered: String,
}

impl Receipts {
    /// Our key and whether it arrived; `None` when the report is not as the settings say.
    pub fn read(&self, report: &Value) -> Option<(Key, bool)> {
        let key = report.pointer(&self.key)?.as_str()?.parse().ok()?;
        let state = match report.pointer(&self.state)? {
            Value::String(s) => s.clone(),
            other => other.to_string(),
        };
        Some((key, state.eq_ignore_ascii_case(&self.delivered)))
    }
}

/// A gateway.
#[derive(Clone)]
pub struct SmsOptions {
    pub url: String,
    /// GET instead of POST: the form stands behind the `?`.
    pub get: bool,
    pub template: Template,
    /// A header with `{secret}` in its value.
    pub header: Option<(String, String)>,
    pub secret: Option<Zeroizing<String>>,
    pub success: Option<Success>,
    pub authority: Authority,
    pub time: Duration,
}

/// See the module.
pub struct Sms {
    options: SmsOptions,
    agent: Agent,
}

impl Sms {
    /// # Errors
    /// The settings do not fit one another.
    pub fn new(options: SmsOptions) -> Result<Sms, AdapterError> {
        if !options.url.starts_with("http://") && !options.url.starts_with("https://") {
            return Err(wrong("url", "it is no http:// or https:// address"));
        }
        if options.get && matches!(options.template, Template::Json(_)) {
            return Err(wrong("method", "a GET has no JSON body; write the template as a form, or use post"));
        }
        let asked = options.header.as_ref().is_some_and(|(_, value)| value.contains("{secret}"));
        if asked && options.secret.is_none() {
            return Err(wrong("header", "it holds {secret}, and sms.secret is not set"));
        }
        let agent = agent(&options.authority, options.time);
        Ok(Sms { options, agent })
    }
}

/// The words of one message.
struct Fill<'a> {
    to: &'a str,
    text: &'a str,
    key: &'a str,
    secret: &'a str,
}

impl Fill<'_> {
    /// Every placeholder once, left to right: what a value brings in is not looked into again.
    fn fill(&self, template: &str) -> Zeroizing<String> {
        let known = [("{to}", self.to), ("{text}", self.text), ("{key}", self.key), ("{secret}", self.secret)];
        let (mut out, mut rest) = (Zeroizing::new(String::with_capacity(template.len() + self.text.len())), template);
        while let Some(at) = rest.find('{') {
            let (before, after) = rest.split_at(at);
            out.push_str(before);
            let found = known.iter().find_map(|(name, value)| Some((*value, after.strip_prefix(name)?)));
            match found {
                Some((value, tail)) => {
                    out.push_str(value);
                    rest = tail;
                }
                None => {
                    out.push('{');
                    rest = after.get(1..).unwrap_or_default();
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn fill_json(&self, value: &Value) -> Value {
        match value {
            Value::String(s) => Value::String(self.fill(s).to_string()),
            Value::Array(all) => Value::Array(all.iter().map(|v| self.fill_json(v)).collect()),
            Value::Object(all) => Value::Object(all.iter().map(|(k, v)| (k.clone(), self.fill_json(v))).collect()),
            other => other.clone(),
        }
    }
}

impl Adapter for Sms {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn send(&self, letter: &Letter, key: Key) -> Result<(), Trouble> {
        let Address::Phone(to) = &letter.to else { return Err(Trouble::Never(Why::NoAddress)) };
        let o = &self.options;
        let key = key.to_string();
        let secret = o.secret.as_ref().map_or("", |s| s.as_str());
        let fill = Fill { to, text: &letter.body, key: &key, secret };
        let header = o.header.as_ref().map(|(name, value)| (name.as_str(), fill.fill(value)));
        let sent = match &o.template {
            Template::Form(pairs) if o.get => {
                let mut request = self.agent.get(&o.url).header("idempotency-key", &key);
                if let Some((name, value)) = &header {
                    request = request.header(*name, value.as_str());
                }
                request.query_pairs(pairs.iter().map(|(n, v)| (n.clone(), fill.fill(v).to_string()))).call()
            }
            template => {
                let mut request = self.agent.post(&o.url).header("idempotency-key", &key);
                if let Some((name, value)) = &header {
                    request = request.header(*name, value.as_str());
                }
                match template {
                    Template::Json(json) => {
                        let body = Zeroizing::new(fill.fill_json(json).to_string());
                        request.header("content-type", "application/json").send(body.as_str())
                    }
                    Template::Form(pairs) => {
                        request.send_form(pairs.iter().map(|(n, v)| (n.clone(), fill.fill(v).to_string())))
                    }
                }
            }
        };
        let mut answer = sent.map_err(|e| trouble(&e))?;
        let code = answer.status().as_u16();
        if !(200..300).contains(&code) {
            return Err(status(code));
        }
        let Some(success) = &o.success else { return Ok(()) };
        let body = answer.body_mut().with_config().limit(ANSWER).read_to_vec().map_err(|e| trouble(&e))?;
        let holds = serde_json::from_slice(&body).is_ok_and(|json: Value| success.holds(&json));
        if holds { Ok(()) } else { Err(Trouble::Later(Why::Answer)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_value_brings_in_is_not_a_placeholder() {
        let fill = Fill { to: "138", text: "{secret} {to} {", key: "1-0", secret: "s3cret" };
        assert_eq!(*fill.fill("a {text} b {to} {other} {"), "a {secret} {to} { b 138 {other} {");
        let json = fill.fill_json(&json!({"m": ["{to}", 5], "t": "{text}"}));
        assert_eq!(json, json!({"m": ["138", 5], "t": "{secret} {to} {"}));
    }

    #[test]
    fn a_template_is_json_or_a_form_and_names_number_and_text() {
        assert!(matches!(Template::read(r#"{"to": "{to}", "m": "{text}"}"#), Ok(Template::Json(_))));
        assert!(matches!(Template::read("phone={to}&msg={text}"), Ok(Template::Form(p)) if p.len() == 2));
        for (text, part) in
            [("phone={to}", "{text}"), (r#"{"to": "{to}", "m": {text}}"#, "JSON"), ("{to} {text}", "form")]
        {
            assert!(Template::read(text).unwrap_err().why.contains(part), "{text}");
        }
    }

    #[test]
    fn a_success_is_a_value_at_a_place_of_the_answer() {
        let zero = Success::read("/code=0").unwrap();
        assert!(zero.holds(&json!({"code": 0})) && zero.holds(&json!({"code": "0"})));
        assert!(!zero.holds(&json!({"code": 7})) && !zero.holds(&json!([])));
        assert!(Success::read("code=0").is_err());
    }

    #[test]
    fn a_report_is_read_by_the_places_the_settings_name() {
        let receipts = Receipts {
            secret: Zeroizing::new("x".into()),
            key: "/id".into(),
            state: "/status".into(),
            delivered: "DELIVRD".into(),
        };
        let read = |json: Value| receipts.read(&json).map(|(key, ok)| (key.to_string(), ok));
        assert_eq!(read(json!({"id": "12-0", "status": "DELIVRD"})), Some(("12-0".into(), true)));
        assert_eq!(read(json!({"id": "12-0", "status": "UNDELIV"})), Some(("12-0".into(), false)));
        assert_eq!(read(json!({"id": "x", "status": "DELIVRD"})), None);
    }
}
