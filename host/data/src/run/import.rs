//! The run itself.

use super::flight::{Flight, Sent};
use super::report::{Rejected, Report};
use super::sink::{Answer, Known, Sink, Submit};
use crate::mapping::{Draft, Mapping, PlaceWish};
use crate::read::{Limits, Progress, ReadError, ReadOptions, Row, read};
use crate::said::Said;
use changzhi_model::EntityId;
use hashbrown::HashMap;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// How often an unavailable plugin is asked again before the run stops.
const TRIES: u32 = 8;

/// One import, ready to run.
#[derive(Clone, Debug)]
pub struct Import {
    pub mapping: Mapping,
    pub file: PathBuf,
    /// Where the report, the quarantine and the mark of an unfinished run are kept; nothing is kept when `None`.
    pub out: Option<PathBuf>,
    /// Read, map and look up, but submit nothing.
    pub dry_run: bool,
    /// Commands under way at once.
    pub in_flight: usize,
    pub limits: Limits,
}

/// Why a run did not happen, or ended without a report.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("{}: cannot be written: {error}; give another output folder or mend its permissions", file.display())]
    Write { file: PathBuf, error: std::io::Error },
}

impl Import {
    pub fn new(mapping: Mapping, file: impl Into<PathBuf>) -> Import {
        Import { mapping, file: file.into(), out: None, dry_run: false, in_flight: 512, limits: Limits::default() }
    }

    /// Reads the file to its end. `tick` is called for each row with the rows done; bytes are in `progress`.
    /// A file that cannot be read further ends the run with what came before it in the report (`stopped`).
    pub fn run(&self, sink: &dyn Sink, progress: &Progress, tick: &mut dyn FnMut(u64)) -> Result<Report, ImportError> {
        let files = self.out.as_deref().map(|out| Files::new(out, &self.mapping.source, &self.file)).transpose()?;
        let report = Report {
            source: self.mapping.source.clone(),
            file: self.file.clone(),
            resumed: files.as_ref().is_some_and(|f| f.unfinished),
            dry_run: self.dry_run,
            quarantine: None,
            ..Report::default()
        };
        let mut run = Run {
            import: self,
            sink,
            report,
            files,
            flight: Flight::new(),
            places: HashMap::new(),
            lines: HashMap::new(),
            checked: false,
            failed: None,
            tick,
            ticked: 0,
        };
        let options =
            ReadOptions { delimiter: self.mapping.delimiter, sheet: self.mapping.sheet.clone(), limits: self.limits };
        let ended = read(&self.file, &options, progress, &mut |row| run.row(row));
        run.drain();
        if let Err(e) = ended {
            if run.report.seen == 0 {
                run.finish(false)?;
                return Err(e.into());
            }
            run.stop(Said::new(e.in_locale("zh-CN"), e.in_locale("en")));
        }
        let complete = run.report.stopped.is_none();
        run.finish(complete)
    }
}

struct Run<'a> {
    import: &'a Import,
    sink: &'a dyn Sink,
    report: Report,
    files: Option<Files>,
    flight: Flight,
    /// By code.
    places: HashMap<String, EntityId>,
    /// First line of each key and what it said.
    lines: HashMap<[u8; 16], (u64, [u8; 16])>,
    checked: bool,
    failed: Option<ImportError>,
    tick: &'a mut dyn FnMut(u64),
    ticked: u64,
}

impl Run<'_> {
    fn row(&mut self, row: Row) -> ControlFlow<()> {
        self.report.seen += 1;
        self.one(row);
        while let Some((sent, answer)) = self.flight.take(self.flight.len() >= self.import.in_flight.max(1)) {
            self.settle(sent, answer);
        }
        self.tell();
        if self.report.stopped.is_some() || self.failed.is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn one(&mut self, row: Row) {
        if !self.checked && row.tabular {
            self.checked = true;
            if let Some(column) =
                self.import.mapping.columns().into_iter().find(|c| !row.columns().iter().any(|h| h == c))
            {
                let there = row.columns().join(", ");
                self.report.seen -= 1;
                self.stop(Said::new(
                    format!("映射要用的列 {column:?} 不在文件中；文件有：{there}"),
                    format!("the mapping reads column {column:?}, which the file does not have; it has: {there}"),
                ));
                return;
            }
        }
        let draft = match self.import.mapping.apply(&row) {
            Ok(draft) => draft,
            Err(p) => {
                let said = match p.field.as_str() {
                    "row" => p.reason,
                    field => Said::new(format!("{field}：{}", p.reason.zh), format!("{field}: {}", p.reason.en)),
                };
                return self.reject(row.line, String::new(), said, &row.raw);
            }
        };
        match self.seen_before(&draft, row.line) {
            Some(Ok(())) => {
                self.report.same += 1;
                return;
            }
            Some(Err(reason)) => return self.reject(row.line, draft.key, reason, &row.raw),
            None => {}
        }
        let known = match &self.import.mapping.known {
            None => Ok(None),
            Some(facet) => self.sink.known(facet, &draft.reference),
        };
        match known {
            Err(e) => self.stop(Said::new(&e, &e)),
            Ok(Some(known)) if known.digest == draft.digest => self.report.same += 1,
            Ok(known) if self.import.dry_run => match known {
                Some(_) => self.report.changed += 1,
                None => self.report.new += 1,
            },
            Ok(known) => self.send(draft, known, row),
        }
    }

    /// The same key twice in one file: the same again, or one of the two is wrong.
    fn seen_before(&mut self, draft: &Draft, line: u64) -> Option<Result<(), Said>> {
        let key = short(&draft.key);
        let digest = short(&draft.digest);
        match self.lines.get(&key) {
            None => {
                self.lines.insert(key, (line, digest));
                None
            }
            Some((_, first)) if *first == digest => Some(Ok(())),
            Some((first, _)) => Some(Err(Said::new(
                format!("主键 {} 在第 {first} 行已出现，内容不同", draft.key),
                format!("key {} is on line {first} already, with other content", draft.key),
            ))),
        }
    }

    fn send(&mut self, draft: Draft, known: Option<Known>, row: Row) {
        let mapping = &self.import.mapping;
        let mut body = draft.body;
        let mut place = None;
        for wish in draft.places {
            place = match self.place(wish, place) {
                Ok(id) => Some(id),
                Err(e) => {
                    return self.stop(Said::new(format!("无法建立地点：{e}"), format!("a place cannot be made: {e}")));
                }
            };
        }
        if let Some(place) = place {
            body.insert("place".into(), place.0.into());
        }
        if mapping.known.is_some() {
            body.insert("reference".into(), draft.reference.into());
            body.insert("digest".into(), draft.digest.clone().into());
        }
        let revision = known.map_or(0, |k| k.revision);
        let request = format!("import:{}:{}:{}:{revision}", mapping.source, draft.key, draft.digest);
        let command = Submit { plugin: mapping.plugin.clone(), command: mapping.command.clone(), body, request };
        let then = self.flight.add(Sent { line: row.line, key: draft.key, raw: row.raw, command: command.clone() });
        self.sink.submit(command, then);
    }

    fn place(&mut self, wish: PlaceWish, parent: Option<EntityId>) -> Result<EntityId, String> {
        if let Some(id) = self.places.get(&wish.code) {
            return Ok(*id);
        }
        let id = self.sink.place(&wish, parent)?;
        self.places.insert(wish.code, id);
        Ok(id)
    }

    fn settle(&mut self, sent: Sent, answer: Answer) {
        let mut answer = answer;
        let mut tries = 0;
        loop {
            match answer {
                Answer::Done { outcome, replayed } => {
                    match outcome.as_str() {
                        _ if replayed => self.report.same += 1,
                        "same" => self.report.same += 1,
                        "changed" => self.report.changed += 1,
                        _ => self.report.new += 1,
                    }
                    return;
                }
                Answer::Refused(reason) => return self.reject(sent.line, sent.key, reason, &sent.raw),
                Answer::Failed(why) => return self.undone(sent.line, &why),
                Answer::Unavailable { reason, retry_after } => {
                    tries += 1;
                    if tries > TRIES || self.report.stopped.is_some() {
                        return self.undone(sent.line, &reason);
                    }
                    std::thread::sleep(retry_after);
                    let (tell, told) = std::sync::mpsc::channel();
                    self.sink.submit(sent.command.clone(), Box::new(move |a| drop(tell.send(a))));
                    answer = told.recv().unwrap_or_else(|_| Answer::Failed("the city went away".into()));
                }
            }
        }
    }

    /// A row that was read but not brought to an end: not counted as seen, the next run takes it up.
    fn undone(&mut self, line: u64, why: &str) {
        self.report.seen -= 1;
        self.stop(Said::new(format!("第 {line} 行：{why}"), format!("line {line}: {why}")));
    }

    fn reject(&mut self, line: u64, key: String, reason: Said, raw: &str) {
        self.report.rejected_count += 1;
        let rejected = Rejected { line, key, reason };
        if let Some(files) = &mut self.files
            && let Err(error) = files.quarantine(&rejected, raw)
        {
            self.failed.get_or_insert(error);
        }
        if self.report.rejected.len() < Report::REJECTED_KEPT {
            self.report.rejected.push(rejected);
        }
    }

    fn stop(&mut self, why: Said) {
        self.report.stopped.get_or_insert(why);
    }

    fn drain(&mut self) {
        while let Some((sent, answer)) = self.flight.take(true) {
            self.settle(sent, answer);
            self.tell();
        }
    }

    fn tell(&mut self) {
        let done = self.report.new + self.report.same + self.report.changed + self.report.rejected_count;
        if done > self.ticked {
            self.ticked = done;
            (self.tick)(done);
        }
    }

    fn finish(mut self, complete: bool) -> Result<Report, ImportError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        // A row rejected at once is told before an earlier one that was refused by the city.
        self.report.rejected.sort_by_key(|r| r.line);
        if let Some(files) = self.files {
            self.report.quarantine = files.kept.is_some().then(|| files.quarantine.clone());
            files.finish(&self.report, complete)?;
        }
        Ok(self.report)
    }
}

/// First 16 bytes of SHA-256: what is kept of a key or a digest to compare it.
fn short(text: &str) -> [u8; 16] {
    use sha2::{Digest, Sha256};
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(Sha256::digest(text.as_bytes())) {
        *to = from;
    }
    out
}

/// The files of a run.
struct Files {
    mark: PathBuf,
    report: PathBuf,
    quarantine: PathBuf,
    kept: Option<BufWriter<File>>,
    unfinished: bool,
}

impl Files {
    fn new(out: &Path, source: &str, file: &Path) -> Result<Files, ImportError> {
        std::fs::create_dir_all(out).map_err(|error| ImportError::Write { file: out.to_path_buf(), error })?;
        let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let named = |end: &str| out.join(format!("{source}-{name}.{end}"));
        let mark = named("unfinished");
        let unfinished = mark.exists();
        std::fs::write(&mark, b"").map_err(|error| ImportError::Write { file: mark.clone(), error })?;
        let quarantine = named("rejected.jsonl");
        // Rows of an earlier run were mended or are rejected again.
        let _ = std::fs::remove_file(&quarantine);
        Ok(Files { mark, report: named("report.json"), quarantine, kept: None, unfinished })
    }

    fn quarantine(&mut self, rejected: &Rejected, raw: &str) -> Result<(), ImportError> {
        let failed = |error| ImportError::Write { file: self.quarantine.clone(), error };
        if self.kept.is_none() {
            self.kept = Some(BufWriter::new(private(&self.quarantine).map_err(failed)?));
        }
        let Some(kept) = &mut self.kept else { return Ok(()) };
        let line = json!({"line": rejected.line, "key": rejected.key, "reason": rejected.reason, "raw": raw});
        writeln!(kept, "{line}").map_err(failed)
    }

    fn finish(mut self, report: &Report, complete: bool) -> Result<(), ImportError> {
        if let Some(kept) = &mut self.kept {
            kept.flush().map_err(|error| ImportError::Write { file: self.quarantine.clone(), error })?;
        }
        let text = serde_json::to_vec_pretty(report)
            .map_err(|e| ImportError::Write { file: self.report.clone(), error: e.into() })?;
        private(&self.report)
            .and_then(|mut f| f.write_all(&text))
            .map_err(|error| ImportError::Write { file: self.report.clone(), error })?;
        if complete {
            std::fs::remove_file(&self.mark).map_err(|error| ImportError::Write { file: self.mark.clone(), error })?;
        }
        Ok(())
    }
}

/// Raw input may hold people's words: readable by the host's own account only.
fn private(file: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(file)
}
