//! An HTTP client as an outsider writes one.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use ureq::Agent;

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub kind: String,
    pub text: String,
    cookies: Vec<String>,
    retry_after: Option<String>,
}

impl Reply {
    /// `Retry-After` in seconds.
    pub fn retry_after(&self) -> Option<&str> {
        self.retry_after.as_deref()
    }

    /// Cookies that were set, `NAME=VALUE`.
    pub fn cookies(&self) -> &[String] {
        &self.cookies
    }

    /// Null when the answer is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The code of a problem document.
    pub fn problem(&self) -> Result<String> {
        let json = self.json();
        let whole = ["type", "title", "status", "mend", "request_id"].iter().all(|key| !json[*key].is_null());
        if self.kind != "application/problem+json" || !whole || json["status"] != self.status {
            bail!("no problem document: {self:?}");
        }
        json["code"].as_str().map(String::from).context("a problem without a code")
    }
}

/// One user with one connection pool.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    base: String,
    /// Header and its value that say who this is.
    who: Option<(&'static str, String)>,
}

impl Client {
    pub fn nobody(addr: SocketAddr) -> Client {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let config = config.timeout_global(Some(Duration::from_secs(60))).build();
        Client { agent: config.into(), base: format!("http://{addr}"), who: None }
    }

    pub fn with_token(addr: SocketAddr, token: &str) -> Client {
        Client { who: Some(("Authorization", format!("Bearer {token}"))), ..Client::nobody(addr) }
    }

    /// The token it goes by.
    pub fn token(&self) -> Option<String> {
        let (name, value) = self.who.as_ref()?;
        (*name == "Authorization").then(|| value.strip_prefix("Bearer ").unwrap_or(value).to_owned())
    }

    /// Through the sign-in page's form, as a browser without JavaScript does it.
    pub fn sign_in(addr: SocketAddr, login: &str, password: &str) -> Result<Client> {
        let nobody = Client::nobody(addr);
        let page = nobody.get("/sign-in")?;
        let after = |text: &str, mark: &str| text.split_once(mark).map(|(_, rest)| rest.to_owned());
        let csrf = after(&page.text, "name=\"_csrf\" value=\"").context("the sign-in page has no form")?;
        let csrf = csrf.split('"').next().unwrap_or_default();
        let form = format!("_csrf={csrf}&login={login}&password={password}");
        let cookies = page.cookies.join("; ");
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookies.as_str())];
        let answer = nobody.send("/sign-in", form.as_bytes(), &headers)?;
        let session = answer.cookies.iter().find(|c| c.starts_with("changzhi=") || c.starts_with("__Host-changzhi="));
        let session = session.with_context(|| format!("{login} is not signed in: {answer:?}"))?;
        Ok(Client { who: Some(("Cookie", session.clone())), ..nobody })
    }

    /// A token of the signed-in account for one day.
    pub fn issue_token(&self) -> Result<String> {
        let body = json!({"label": "system test", "expires": in_hours(24)?});
        let done = self.post("/api/v1/host/issue-token", &body, &[("Sec-Fetch-Site", "same-origin")])?;
        done.json()["answer"]["token"].as_str().map(String::from).with_context(|| format!("no token: {done:?}"))
    }

    pub fn get(&self, path: &str) -> Result<Reply> {
        self.look(path, &[])
    }

    /// A look with headers of its own, `X-Purpose` for one.
    pub fn look(&self, path: &str, headers: &[(&str, &str)]) -> Result<Reply> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((name, value)) = &self.who {
            request = request.header(*name, value);
        }
        reply(request.call()?)
    }

    /// An answer that is no text: its status, its kind, its bytes.
    pub fn file(&self, path: &str) -> Result<(u16, String, Vec<u8>)> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some((name, value)) = &self.who {
            request = request.header(*name, value);
        }
        let mut answer = request.call()?;
        let kind = answer.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        let bytes = answer.body_mut().with_config().limit(64 << 20).read_to_vec()?;
        Ok((answer.status().as_u16(), kind, bytes))
    }

    pub fn delete(&self, path: &str) -> Result<Reply> {
        let mut request = self.agent.delete(format!("{}{path}", self.base));
        if let Some((name, value)) = &self.who {
            request = request.header(*name, value);
        }
        reply(request.call()?)
    }

    pub fn post(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Result<Reply> {
        let all: Vec<_> = [("Content-Type", "application/json")].iter().chain(headers).copied().collect();
        self.send(path, body.to_string().as_bytes(), &all)
    }

    /// A command under an idempotency key.
    pub fn command(&self, name: &str, body: &Value, key: &str) -> Result<Reply> {
        self.post(&format!("/api/v1/{name}"), body, &[("Idempotency-Key", key)])
    }

    /// Gives a command (`plugin/command`) once, as a request of its own, and returns its answer.
    ///
    /// # Errors
    /// When it is refused, or nobody answers.
    pub fn gives(&self, command: &str, body: &Value) -> Result<Value> {
        static GIVEN: AtomicU32 = AtomicU32::new(0);
        let key = format!("test-{}-{}", std::process::id(), GIVEN.fetch_add(1, Ordering::Relaxed));
        let reply = self.command(command, body, &key)?;
        ensure!(reply.status == 200, "{command} {body}: {reply:?}");
        Ok(reply.json()["answer"].clone())
    }

    pub fn send(&self, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Result<Reply> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((name, value)) = &self.who {
            request = request.header(*name, value);
        }
        reply(request.send(body)?)
    }
}

fn reply(mut answer: ureq::http::Response<ureq::Body>) -> Result<Reply> {
    let values = |name: &str| -> Vec<String> {
        answer.headers().get_all(name).iter().filter_map(|v| v.to_str().ok()).map(String::from).collect()
    };
    let kind = values("content-type").into_iter().next().unwrap_or_default();
    let pair = |cookie: String| cookie.split(';').next().unwrap_or_default().to_owned();
    let cookies = values("set-cookie").into_iter().map(pair).collect();
    let retry_after = values("retry-after").into_iter().next();
    let status = answer.status().as_u16();
    let text = answer.body_mut().with_config().limit(64 << 20).read_to_string()?;
    Ok(Reply { status, kind, text, cookies, retry_after })
}

/// The time so many hours from now, as commands take it.
pub fn in_hours(hours: i64) -> Result<String> {
    Ok(jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_hours(hours))?.to_string())
}
