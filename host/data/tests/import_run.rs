//! Import runs against a city that is played by a table: counts, order, idempotency, faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_data::{Answer, Import, ImportError, Known, Mapping, PlaceWish, Progress, Report, Said, Sink, Submit};
use changzhi_model::EntityId;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

const MAP: &str = r#"
[source]
name = "test"
plugin = "services"
command = "import-report"
key = "id"
known = "services.report"
[place]
city = { code = "x-city", zh = "市", en = "City" }
area = { column = "area", default = "?" }
[fields]
title = { column = "title", required = true }
category = { column = "kind", map = { n = "noise", w = "waste" } }
"#;

#[derive(Default)]
struct Table {
    /// reference → digest, revision
    rows: HashMap<String, (String, u64)>,
    requests: HashMap<String, String>,
    places: Vec<PlaceWish>,
    submitted: u64,
}

type Job = (Submit, Box<dyn FnOnce(Answer) + Send>);

/// Answers from another thread, in no order of its own: the newest first.
struct FakeCity {
    table: Mutex<Table>,
    work: mpsc::Sender<Job>,
    todo: Mutex<Option<mpsc::Receiver<Job>>>,
    /// Commands answered before the city is killed.
    lives: Mutex<u64>,
    /// Answers of "unavailable" before it works.
    resting: Mutex<u32>,
}

impl FakeCity {
    fn new() -> FakeCity {
        let (work, todo) = mpsc::channel();
        FakeCity {
            table: Mutex::default(),
            work,
            todo: Mutex::new(Some(todo)),
            lives: Mutex::new(u64::MAX),
            resting: Mutex::new(0),
        }
    }

    fn answer(&self, command: &Submit) -> Answer {
        let mut resting = self.resting.lock().unwrap();
        if *resting > 0 {
            *resting -= 1;
            return Answer::Unavailable { reason: "rests".into(), retry_after: Duration::from_millis(1) };
        }
        let mut lives = self.lives.lock().unwrap();
        if *lives == 0 {
            return Answer::Failed("killed".into());
        }
        *lives -= 1;
        let body = |name: &str| command.body[name].as_str().unwrap().to_owned();
        if body("title") == "refuse me" {
            return Answer::Refused(Said::new("不行", "no"));
        }
        assert!(command.body["place"].as_u64().is_some());
        let mut table = self.table.lock().unwrap();
        table.submitted += 1;
        if let Some(outcome) = table.requests.get(&command.request) {
            return Answer::Done { outcome: outcome.clone(), replayed: true };
        }
        let (reference, digest) = (body("reference"), body("digest"));
        let outcome = match table.rows.get(&reference) {
            None => "new",
            Some((known, _)) if *known == digest => "same",
            Some(_) => "changed",
        };
        let revision = table.submitted;
        table.rows.insert(reference, (digest, revision));
        table.requests.insert(command.request.clone(), outcome.to_owned());
        Answer::Done { outcome: outcome.into(), replayed: false }
    }

    fn run(&self, import: &Import) -> Result<Report, ImportError> {
        let todo = self.todo.lock().unwrap().take().unwrap();
        std::thread::scope(|scope| {
            let (stop, stopped) = mpsc::channel::<()>();
            let worker = scope.spawn(move || {
                loop {
                    let mut batch = Vec::new();
                    while let Ok(one) = todo.try_recv() {
                        batch.push(one);
                    }
                    if batch.is_empty() {
                        match todo.recv_timeout(Duration::from_millis(2)) {
                            Ok(one) => batch.push(one),
                            Err(_) if stopped.try_recv().is_ok() => return todo,
                            Err(_) => continue,
                        }
                    }
                    for (command, then) in batch.into_iter().rev() {
                        then(self.answer(&command));
                    }
                }
            });
            let mut ticks = Vec::new();
            let report = import.run(self, &Progress::default(), &mut |done| ticks.push(done));
            assert!(ticks.windows(2).all(|w| w[0] < w[1]), "the bar only goes forward");
            stop.send(()).unwrap();
            *self.todo.lock().unwrap() = Some(worker.join().unwrap());
            report
        })
    }
}

impl Sink for FakeCity {
    fn known(&self, facet: &str, reference: &str) -> Result<Option<Known>, String> {
        assert_eq!(facet, "services.report");
        let table = self.table.lock().unwrap();
        Ok(table.rows.get(reference).map(|(digest, revision)| Known { digest: digest.clone(), revision: *revision }))
    }

    fn place(&self, wish: &PlaceWish, parent: Option<EntityId>) -> Result<EntityId, String> {
        let mut table = self.table.lock().unwrap();
        assert_eq!(parent.is_some(), wish.parent.is_some());
        let at = match table.places.iter().position(|p| p == wish) {
            Some(at) => at,
            None => {
                table.places.push(wish.clone());
                table.places.len() - 1
            }
        };
        Ok(EntityId(at as u64 + 1))
    }

    fn submit(&self, command: Submit, then: Box<dyn FnOnce(Answer) + Send>) {
        self.work.send((command, then)).unwrap();
    }
}

struct Case {
    dir: tempfile::TempDir,
    city: FakeCity,
}

impl Case {
    fn new() -> Case {
        Case { dir: tempfile::tempdir().unwrap(), city: FakeCity::new() }
    }

    fn import(&self, text: &str) -> Import {
        let file = self.dir.path().join("rows.csv");
        std::fs::write(&file, text).unwrap();
        let mut import = Import::new(Mapping::parse(Path::new("map.toml"), MAP).unwrap(), file);
        import.out = Some(self.dir.path().join("out"));
        import.in_flight = 7;
        import
    }

    fn run(&self, text: &str) -> Report {
        self.city.run(&self.import(text)).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("out").join(name)
    }
}

fn rows(n: usize) -> String {
    let lines = (0..n).map(|i| format!("{i},title {i},{},area {}\n", ["n", "w"][i % 2], i % 3));
    std::iter::once("id,title,kind,area\n".to_owned()).chain(lines).collect()
}

fn counts(r: &Report) -> [u64; 5] {
    [r.seen, r.new, r.same, r.changed, r.rejected_count]
}

#[test]
fn the_second_run_adds_nothing_and_asks_for_nothing() {
    let case = Case::new();
    assert_eq!(counts(&case.run(&rows(200))), [200, 200, 0, 0, 0]);
    let submitted = case.city.table.lock().unwrap().submitted;
    assert_eq!(counts(&case.run(&rows(200))), [200, 0, 200, 0, 0]);
    assert_eq!(case.city.table.lock().unwrap().submitted, submitted);
    assert_eq!(case.city.table.lock().unwrap().places.len(), 4, "a city and three areas, each made once");
}

#[test]
fn a_point_is_in_a_grid_of_the_rows_area_and_the_same_spot_in_the_same_grid() {
    let case = Case::new();
    let map = MAP.replace(
        "[fields]\n",
        "grid-metres = 1000\n[fields]\nposition = { type = \"point\", lon = \"lon\", lat = \"lat\" }\n",
    );
    let mut import = case.import(
        "id,title,kind,area,lon,lat\n1,a,n,x,115.8500,28.6800\n2,b,n,x,115.8501,28.6801\n3,c,n,y,115.8500,28.6800\n\
         4,d,n,x,115.9500,28.6800\n5,e,n,x,,\n",
    );
    import.mapping = Mapping::parse(Path::new("map.toml"), &map).unwrap();
    assert_eq!(counts(&case.city.run(&import).unwrap()), [5, 5, 0, 0, 0]);
    let table = case.city.table.lock().unwrap();
    let grids: Vec<_> = table.places.iter().filter(|p| p.kind == "grid").collect();
    let parents: Vec<_> = grids.iter().map(|g| g.parent.as_deref().unwrap()).collect();
    assert_eq!(parents, ["x-city/x", "x-city/y", "x-city/x"], "two rows share a grid, one without a point has none");
    for grid in &grids {
        let body = grid.body();
        assert_eq!((body["kind"].as_str(), body["category"].as_str()), (Some("grid"), Some("grid")));
        assert!(body["position"].is_object() && grid.code.len() <= 64, "{body:?}");
    }
    drop(table);
    assert_eq!(counts(&case.city.run(&import).unwrap()), [5, 0, 5, 0, 0], "the same grids the second time");
}

#[test]
fn a_changed_row_changes_and_changing_it_back_changes_again() {
    let case = Case::new();
    let (a, b) = (rows(10), rows(10).replace("title 4", "other title"));
    assert_eq!(counts(&case.run(&a))[1], 10);
    for text in [&b, &a, &b] {
        assert_eq!(counts(&case.run(text)), [10, 0, 9, 1, 0]);
    }
}

#[test]
fn a_killed_run_goes_on_where_it_stopped() {
    let case = Case::new();
    *case.city.lives.lock().unwrap() = 60;
    let cut = case.run(&rows(150));
    assert!(cut.stopped.is_some() && !cut.resumed);
    assert!(case.path("test-rows.csv.unfinished").exists());
    *case.city.lives.lock().unwrap() = u64::MAX;
    let rest = case.run(&rows(150));
    assert!(rest.resumed && rest.stopped.is_none());
    assert_eq!((rest.new, rest.same), (90, 60));
    assert!(!case.path("test-rows.csv.unfinished").exists());
    assert_eq!(case.city.table.lock().unwrap().rows.len(), 150);
}

#[test]
fn a_plugin_that_rests_is_asked_again() {
    let case = Case::new();
    *case.city.resting.lock().unwrap() = 5;
    assert_eq!(counts(&case.run(&rows(20))), [20, 20, 0, 0, 0]);
}

#[test]
fn rejected_rows_are_told_in_order_and_kept_as_they_came() {
    let case = Case::new();
    let text = "id,title,kind,area\n1,fine,n,a\n2,refuse me,n,a\n3,no such kind,x,a\n,no key,n,a\n5,ragged\n6,,n,a\n1,fine,n,a\n1,twice,n,a\n";
    let report = case.run(text);
    assert_eq!(counts(&report), [8, 1, 1, 0, 6]);
    let lines: Vec<u64> = report.rejected.iter().map(|r| r.line).collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 9]);
    let kept = std::fs::read_to_string(report.quarantine.as_ref().unwrap()).unwrap();
    let kept: Vec<serde_json::Value> = kept.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(kept.len(), 6);
    assert!(kept.iter().any(|k| k["line"] == 6 && k["raw"] == "5,ragged"));
    assert!(report.rejected[1].reason.en.contains("add it, or a default"));
    for (locale, words) in [("zh-CN", ["第 4 行", "拒收 6"]), ("en", ["line 4", "rejected 6"])] {
        let text = report.text(locale);
        assert!(words.iter().all(|w| text.contains(w)), "{text}");
    }
    let saved: Report =
        serde_json::from_slice(&std::fs::read(case.path("test-rows.csv.report.json")).unwrap()).unwrap();
    assert_eq!(saved, report);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(report.quarantine.unwrap()).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "raw input is nobody else's to read");
    }
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let case = Case::new();
    let import = Import { dry_run: true, ..case.import(&rows(30)) };
    let report = case.city.run(&import).unwrap();
    assert_eq!(counts(&report), [30, 30, 0, 0, 0]);
    let table = case.city.table.lock().unwrap();
    assert_eq!((table.submitted, table.places.len()), (0, 0));
}

#[test]
fn a_file_without_the_columns_of_the_mapping_is_stopped_before_its_first_row() {
    let case = Case::new();
    let report = case.run("id,headline,kind,area\n1,x,n,a\n2,y,n,a\n");
    assert_eq!(counts(&report), [0; 5]);
    assert!(report.stopped.unwrap().en.contains("\"title\""));
}

#[test]
fn a_file_that_breaks_off_keeps_what_came_before_and_a_missing_one_is_an_error() {
    let case = Case::new();
    let mut bytes = rows(50).into_bytes();
    bytes.extend_from_slice(b"50,\xc3\xfb,n,a\n");
    let import = case.import("");
    std::fs::write(&import.file, bytes).unwrap();
    let report = case.city.run(&import).unwrap();
    assert!(report.stopped.unwrap().en.contains("GB18030"));
    assert_eq!(report.new, report.seen);
    let missing = Import { file: case.dir.path().join("none.csv"), ..import };
    assert!(matches!(case.city.run(&missing), Err(ImportError::Read(_))));
}
