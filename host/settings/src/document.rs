//! The table as documentation, and as a file of the defaults.

use crate::environment::PREFIX;
use crate::settings::Settings;
use crate::table::{Setting, TABLE, is_chosen};
use std::fmt::Write;

/// What holds when nothing is set, in TOML; `None` for those without a value of their own.
fn default_of(setting: &Setting, defaults: &toml::Table) -> Option<String> {
    let mut parts = setting.parts();
    let first = defaults.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part)).map(toml::Value::to_string)
}

fn defaults() -> toml::Table {
    toml::Table::try_from(Settings::default()).unwrap_or_default()
}

/// Every setting as a Markdown table: key, variable, type, default, meaning in both languages, example.
pub fn document() -> String {
    let mut out = format!(
        "# 设置 Settings\n\n\
         默认值 < 文件（TOML）< 环境变量：`{PREFIX}` 加大写键名，`__` 分层。大写部分是自取的名称。\n\
         Defaults < file (TOML) < environment: `{PREFIX}` and the key in capitals, `__` for each dot. Parts in capitals are names you choose.\n\n\
         | 键 key | 类型 type | 默认 default | 含义 meaning | 例 example |\n|---|---|---|---|---|\n"
    );
    let defaults = defaults();
    for setting in TABLE {
        let unset = || setting.unset.map_or(String::new(), |(zh, en)| format!("{zh} / {en}"));
        let default = default_of(setting, &defaults).map_or_else(unset, |value| format!("`{value}`"));
        let Setting { key, kind, zh, en, example, .. } = setting;
        let _ = writeln!(out, "| `{key}` | {} / {} | {default} | {zh}。{en}. | `{example}` |", kind.zh(), kind.en());
    }
    out
}

/// A TOML file with every setting at its default, explained; what has no default stands there as a comment.
pub fn default_file() -> String {
    let mut out = String::from(
        "# 昌治 Changzhi\n# 相对路径以主机的工作目录为起点。 Relative paths start at the host's working folder.\n",
    );
    let defaults = defaults();
    let mut open = String::new();
    for setting in TABLE {
        let (table, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        let chosen = setting.parts().any(is_chosen);
        if table != open {
            let _ = write!(out, "\n{}[{}]\n", if chosen { "# " } else { "" }, table.to_ascii_lowercase());
            open = table.to_owned();
        }
        let _ = writeln!(out, "\n# {}\n# {} ({})", setting.zh, setting.en, setting.kind.en());
        let _ = match default_of(setting, &defaults) {
            Some(value) => writeln!(out, "{name} = {value}"),
            None => writeln!(out, "# {name} = {}", setting.example),
        };
    }
    out
}
