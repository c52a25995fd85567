//! Every setting: key, type, default, meaning, example.

/// What a value must be, with its bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Text,
    Address,
    Flag,
    Count { min: u64, max: u64 },
    OneOf(&'static [&'static str]),
}

/// One setting. `default` is as written in TOML.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub(crate) kind: Kind,
    pub default: &'static str,
    pub meaning: &'static str,
    pub example: &'static str,
}

impl Key {
    /// The type in words, with its bounds.
    pub fn kind(&self) -> String {
        match self.kind {
            Kind::Text => "text".into(),
            Kind::Address => "address:port".into(),
            Kind::Flag => "true or false".into(),
            Kind::Count { min, max } => format!("whole number from {min} to {max}"),
            Kind::OneOf(words) => format!("one of {}", words.join(", ")),
        }
    }
}

const fn key(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Key {
    Key { name, kind, default, meaning, example }
}

const fn count(min: u64, max: u64) -> Kind {
    Kind::Count { min, max }
}

pub(crate) const LOG_LEVELS: &[&str] = &["error", "warn", "info", "debug", "trace"];
pub(crate) const LOG_FORMATS: &[&str] = &["text", "json"];
/// A county's set is `[sets.NAME]` with these two lists.
pub(crate) const SET_KEYS: [&str; 2] = ["plugins", "divisions"];

/// Every setting but the sets, in the order of the file.
pub const KEYS: &[Key] = &[
    key(
        "data",
        Kind::Text,
        "\"changzhi-data\"",
        "\"/var/lib/changzhi\"",
        "Folder of journal, keys, store and snapshots.",
    ),
    key("listen", Kind::Address, "\"127.0.0.1:8080\"", "\"0.0.0.0:80\"", "Address the portal listens on."),
    key(
        "demo",
        Kind::Flag,
        "false",
        "true",
        "Starts with a generated demo city and its sign-ins. Never for real data.",
    ),
    key(
        "plugins",
        Kind::Text,
        "\"plugins\"",
        "\"/usr/lib/changzhi/plugins\"",
        "Folder of the plugins' components (*.wasm).",
    ),
    key(
        "cache",
        Kind::Text,
        "\"changzhi-cache\"",
        "\"/var/cache/changzhi\"",
        "Folder of compiled plugins. May be emptied at any time.",
    ),
    key("log.level", Kind::OneOf(LOG_LEVELS), "\"info\"", "\"debug\"", "What is logged, this level and above."),
    key("log.format", Kind::OneOf(LOG_FORMATS), "\"text\"", "\"json\"", "Log lines for people or for programs."),
    key(
        "snapshot.every",
        count(1_000, 1_000_000_000),
        "1000000",
        "250000",
        "Transactions between two snapshots of the world.",
    ),
    key("snapshot.keep", count(1, 100), "3", "5", "Snapshots kept."),
    key("session.minutes", count(1, 1_440), "480", "60", "Minutes after which a session must sign in again."),
    key(
        "limits.handle_ms",
        count(1, 60_000),
        "200",
        "500",
        "Longest time a plugin may take for a command, in milliseconds.",
    ),
    key(
        "limits.view_ms",
        count(1, 60_000),
        "500",
        "1000",
        "Longest time a plugin may take for a page, in milliseconds.",
    ),
    key(
        "limits.job_step_ms",
        count(1, 600_000),
        "5000",
        "10000",
        "Longest time for one step of a job, in milliseconds.",
    ),
    key("limits.memory_mib", count(1, 4_096), "128", "256", "Memory of one instance of a plugin, in MiB."),
    key(
        "limits.host_calls",
        count(1, 10_000_000),
        "10000",
        "50000",
        "Calls a plugin may make to the host in one call.",
    ),
    key(
        "limits.output_bytes",
        count(1_024, 1_073_741_824),
        "8388608",
        "16777216",
        "Bytes a plugin may return from one call.",
    ),
    key("limits.changes", count(1, 1_000_000), "10000", "1000", "Changes in one answer to a command."),
    key("limits.nodes", count(1, 1_000_000), "20000", "5000", "Nodes in one page."),
];

/// The settings as a table of text, for the terminal.
pub fn table() -> String {
    let mut out = String::new();
    for k in KEYS {
        out.push_str(&format!(
            "{}\n    {}\n    type: {}; default: {}; example: {}\n",
            k.name,
            k.meaning,
            k.kind(),
            k.default,
            k.example
        ));
    }
    out.push_str(SETS);
    out
}

const SETS: &str = "sets.NAME.plugins, sets.NAME.divisions\n    A county's plugins and the division codes it serves.\n    \
                    type: lists of text; default: none; example: plugins = [\"services\"], divisions = [\"360121\"]\n";

/// The default file: every setting with its meaning, commented out at its default.
pub fn default_file() -> String {
    let mut out = String::from("# Settings of Changzhi. A line without # overrides the default shown.\n");
    let mut section = "";
    for k in KEYS {
        let (table, name) = k.name.split_once('.').unwrap_or(("", k.name));
        if table != section {
            out.push_str(&format!("\n[{table}]\n"));
            section = table;
        }
        out.push_str(&format!(
            "\n# {} ({}; for example {})\n# {name} = {}\n",
            k.meaning,
            k.kind(),
            k.example,
            k.default
        ));
    }
    out.push_str("\n# A county's plugins and the division codes it serves.\n# [sets.nanchang]\n");
    out.push_str("# plugins = [\"services\", \"office\"]\n# divisions = [\"360121\"]\n");
    out
}
