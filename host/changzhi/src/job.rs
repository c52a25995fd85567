//! `changzhi job`: long work of a running host, over its API.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::process::ExitCode;
use std::time::Duration;

/// How often a job that is waited for is looked at.
const LOOK: Duration = Duration::from_millis(250);

#[derive(Subcommand)]
pub enum Job {
    /// Start a job and watch it to its end; Ctrl-C leaves it running
    Start {
        /// Plugin and job, as in `decision/monthly-report`
        job: String,
        /// Its parameters as a JSON object
        #[arg(long, default_value = "{}")]
        params: String,
        /// Place it is about (its number), when the role holds in several
        #[arg(long)]
        place: Option<u64>,
        /// Purpose, when one is to be stated
        #[arg(long)]
        purpose: Option<String>,
        /// The same key starts it once for ever
        #[arg(long)]
        key: Option<String>,
        /// Print its id and do not wait
        #[arg(long)]
        detach: bool,
        #[command(flatten)]
        host: Host,
    },
    /// Jobs under way and those that ended last
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        host: Host,
    },
    /// Watch a job to its end
    Watch {
        id: String,
        #[command(flatten)]
        host: Host,
    },
    /// Stop a job after the step under way; its whole steps stay
    Cancel {
        id: String,
        #[command(flatten)]
        host: Host,
    },
}

#[derive(Args)]
pub struct Host {
    /// Address of the host
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// API token (command `host/issue-token`); better given in the environment: others see a command line
    #[arg(long, env = "CHANGZHI_TOKEN", hide_env_values = true)]
    token: String,
}

impl Job {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Job::Start { job, params, place, purpose, key, detach, host } => {
                let params: Value = serde_json::from_str(&params).context("--params is no JSON")?;
                let mut headers = Vec::new();
                headers.extend(place.map(|p| ("X-Place", p.to_string())));
                headers.extend(purpose.map(|p| ("X-Purpose", p)));
                headers.extend(key.map(|k| ("Idempotency-Key", k)));
                let started = host.send("POST", &format!("/api/v1/jobs/{job}"), &headers, Some(&params))?;
                let job = started.get("job").cloned().unwrap_or_default();
                let id = text(&job, "id");
                if detach {
                    println!("{id}");
                    return Ok(ExitCode::SUCCESS);
                }
                eprintln!("{id}");
                host.watch(job)
            }
            Job::List { json, host } => {
                let answer = host.send("GET", "/api/v1/jobs", &[], None)?;
                let jobs = answer.get("jobs").and_then(Value::as_array).cloned().unwrap_or_default();
                if json {
                    println!("{}", serde_json::to_string_pretty(&jobs)?);
                } else {
                    jobs.iter().for_each(|job| println!("{}", line(job)));
                }
                Ok(ExitCode::SUCCESS)
            }
            Job::Watch { id, host } => host.watch(host.send("GET", &format!("/api/v1/jobs/{id}"), &[], None)?),
            Job::Cancel { id, host } => {
                println!("{}", line(&host.send("DELETE", &format!("/api/v1/jobs/{id}"), &[], None)?));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Host {
    /// Follows a job with a bar. Succeeds when the job does.
    fn watch(&self, mut job: Value) -> anyhow::Result<ExitCode> {
        let bar = ProgressBar::new(0)
            .with_style(ProgressStyle::with_template("{prefix} {bar:32} {pos}/{len} {elapsed} {msg}")?);
        bar.set_prefix(format!("{}/{}", text(&job, "plugin"), text(&job, "job")));
        loop {
            bar.set_length(number(&job, "total"));
            bar.set_position(number(&job, "done"));
            bar.set_message(text(&job, "state").to_owned());
            if !matches!(text(&job, "state"), "running" | "stopping" | "waiting") {
                bar.abandon();
                println!("{}", line(&job));
                return Ok(if text(&job, "state") == "done" { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            }
            std::thread::sleep(LOOK);
            job = self.send("GET", &format!("/api/v1/jobs/{}", text(&job, "id")), &[], None)?;
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url.trim_end_matches('/')))
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let unreachable =
            || format!("no host answers at {}: start it with `changzhi up`, or name its address with --url", self.url);
        let mut answer = match body {
            Some(json) => {
                let request = request.header("content-type", "application/json").body(json.to_string())?;
                agent.run(request).with_context(unreachable)?
            }
            None => agent.run(request.body(())?).with_context(unreachable)?,
        };
        let status = answer.status();
        let told = answer.body_mut().read_to_string().context("the host's answer broke off")?;
        let json: Value = serde_json::from_str(&told).unwrap_or_default();
        if !status.is_success() {
            let said: Vec<&str> =
                ["title", "detail", "mend"].iter().map(|k| text(&json, k)).filter(|s| !s.is_empty()).collect();
            bail!("the host refuses with {status}: {}", if said.is_empty() { told } else { said.join(" · ") });
        }
        Ok(json)
    }
}

fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(json: &Value, key: &str) -> u64 {
    json.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn line(job: &Value) -> String {
    let (plugin, name, state) = (text(job, "plugin"), text(job, "job"), text(job, "state"));
    let reason = text(job, "reason");
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    format!("{} {plugin}/{name} {}/{} {state}{why}", text(job, "id"), number(job, "done"), number(job, "total"))
}
