//! The host that runs while a plugin is developed, as an administrator reaches it.

use crate::Who;
use anyhow::{Context, Result, bail};
use ureq::http::Response;
use ureq::{Agent, Body};

/// Where it answers, and who asks.
pub struct Host {
    url: String,
    who: Who,
    agent: Agent,
}

impl Host {
    pub fn at(url: &str, who: Who) -> Host {
        let agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        Host { url: url.trim_end_matches('/').to_owned(), who, agent }
    }

    /// Puts the component in force, or swaps it in. Returns what the host says of it.
    pub fn install(&self, name: &str, component: &[u8]) -> Result<String> {
        let who = self.who()?;
        let request = self.agent.post(format!("{}/api/admin/plugins/{name}", self.url));
        let request = request.header(who.0, &who.1).header("sec-fetch-site", "same-origin");
        let mut answer = self.answered(request.header("content-type", "application/wasm").send(component))?;
        let text = answer.body_mut().read_to_string().unwrap_or_default();
        if !answer.status().is_success() {
            bail!("the host refused it with {}: {text}", answer.status());
        }
        Ok(text)
    }

    /// The header that says who asks. A password signs in anew for each install: the host may have been restarted.
    fn who(&self) -> Result<(&'static str, String)> {
        if let Some(token) = &self.who.token {
            return Ok(("authorization", format!("Bearer {token}")));
        }
        let mut form = self.answered(self.agent.get(format!("{}/sign-in", self.url)).call())?;
        let cookies = cookies(&form);
        let page = form.body_mut().read_to_string()?;
        let csrf = page.split_once("name=\"_csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        let csrf = csrf.with_context(|| format!("{} has no sign-in form", self.url))?;
        let password = self.who.password.as_deref().unwrap_or_default();
        let fields = [("_csrf", csrf), ("login", self.who.login.as_str()), ("password", password)];
        let request = self.agent.post(format!("{}/sign-in", self.url)).header("cookie", &cookies.join("; "));
        let answer = self.answered(request.send_form(fields))?;
        let names = ["changzhi=", "__Host-changzhi="];
        let session = self::cookies(&answer).into_iter().find(|c| names.iter().any(|name| c.starts_with(name)));
        match session {
            Some(session) => Ok(("cookie", session)),
            None => bail!("{} is not let in: `cargo xtask up` prints login and password once", self.who.login),
        }
    }

    fn answered(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>> {
        answer.with_context(|| format!("no host answers at {}: start it with `cargo xtask up`, or say --url", self.url))
    }
}

fn cookies(answer: &Response<Body>) -> Vec<String> {
    let all = answer.headers().get_all("set-cookie").iter().filter_map(|v| v.to_str().ok());
    all.filter_map(|cookie| cookie.split(';').next().map(str::to_owned)).collect()
}
