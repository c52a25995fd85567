//! What an import tells its people.

use crate::Said;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::PathBuf;

/// A row that did not come in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rejected {
    pub line: u64,
    /// Empty when the row has no key.
    pub key: String,
    pub reason: Said,
}

/// The counts of one run. `seen = new + same + changed + rejected_count` when the run was not stopped.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub source: String,
    pub file: PathBuf,
    pub seen: u64,
    pub new: u64,
    pub same: u64,
    pub changed: u64,
    pub rejected_count: u64,
    /// The first [`Report::REJECTED_KEPT`]; all of them with their raw input are in the quarantine file.
    pub rejected: Vec<Rejected>,
    /// An earlier run of this source was cut short; this one went on where it stopped.
    pub resumed: bool,
    pub dry_run: bool,
    /// Why the run stopped before the end of the file.
    pub stopped: Option<Said>,
    /// Rejected rows with their raw input, one JSON object a line.
    pub quarantine: Option<PathBuf>,
}

impl Report {
    pub const REJECTED_KEPT: usize = 10_000;

    /// For people. `zh…` is Chinese, anything else English.
    pub fn text(&self, locale: &str) -> String {
        let zh = locale.starts_with("zh");
        let mut out = String::new();
        let file = self.file.display();
        let dry = match (self.dry_run, zh) {
            (false, _) => "",
            (true, true) => "（试运行，未写入）",
            (true, false) => " (dry run, nothing written)",
        };
        let (seen, new, same, changed, rejected) = (self.seen, self.new, self.same, self.changed, self.rejected_count);
        // Writing to a String cannot fail.
        let _ = if zh {
            writeln!(
                out,
                "导入 {}：{file}{dry}\n读到 {seen}　新增 {new}　相同 {same}　变更 {changed}　拒收 {rejected}",
                self.source
            )
        } else {
            writeln!(
                out,
                "Import {}: {file}{dry}\nseen {seen}, new {new}, same {same}, changed {changed}, rejected {rejected}",
                self.source
            )
        };
        if self.resumed {
            out.push_str(if zh {
                "接着上次中断处继续。\n"
            } else {
                "An earlier run was cut short; this one went on.\n"
            });
        }
        for r in self.rejected.iter().take(20) {
            let reason = r.reason.in_locale(locale);
            let _ = if zh {
                writeln!(out, "  第 {} 行：{reason}", r.line)
            } else {
                writeln!(out, "  line {}: {reason}", r.line)
            };
        }
        if self.rejected_count > 20 {
            let more = self.rejected_count - 20;
            let _ =
                if zh { writeln!(out, "  …… 另有 {more} 行") } else { writeln!(out, "  … and {more} more") };
        }
        if let Some(kept) = &self.quarantine {
            let kept = kept.display();
            let _ = if zh {
                writeln!(out, "拒收的行及原文在 {kept}，改正后可再次导入。")
            } else {
                writeln!(out, "Rejected rows are kept as they came in {kept}; mend them and import again.")
            };
        }
        if let Some(why) = &self.stopped {
            let why = why.in_locale(locale);
            let _ = if zh {
                writeln!(out, "提前停止：{why}。再次运行即可继续。")
            } else {
                writeln!(out, "Stopped early: {why}. Run it again to go on.")
            };
        }
        out
    }
}
