//! Runs the typesetting program: one paper at a time, each in a process of its own that ends with it.
//!
//! The program sees the paper on its input and the folder of fonts as its argument, and nothing of the host: no environment, no
//! files that were open. What it may take is bounded: [`TIME`] to end in, [`limits::PDF`] bytes to answer with, and its own limits on
//! top. At the end of its time it is killed, so a page that cannot be set costs its time and no more.

use crate::fault::Fault;
use crate::limits;
use crate::paper::Paper;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// The program's name.
const PROGRAM: &str = "changzhi-typeset";
/// What one paper may take.
const TIME: Duration = Duration::from_secs(20);
/// Papers that may wait for their turn.
const WAITING: usize = 8;
/// Of what the program says when it fails.
const SAID: u64 = 16 * 1024;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Others are before it.
    #[error("{WAITING} papers wait to be printed already: try again in a moment")]
    Busy,
    /// It was stopped.
    #[error("setting the page took longer than {} s and was stopped: narrow the range or print in parts", .0.as_secs())]
    Time(Duration),
    /// The program does not run, or ended without a word.
    #[error("{program}: {why}; install it anew beside the host, or name it in the setting print.program")]
    Program { program: String, why: String },
}

/// The way to the program.
#[derive(Debug)]
pub struct Press {
    program: PathBuf,
    fonts: Option<PathBuf>,
    time: Duration,
    turn: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Press {
    /// `program`: the typesetting program; `fonts`: a folder whose fonts come before the system's.
    pub fn new(program: impl Into<PathBuf>, fonts: Option<PathBuf>) -> Press {
        let (turn, waiting) = (Arc::new(Semaphore::new(1)), Arc::default());
        Press { program: program.into(), fonts, time: TIME, turn, waiting }
    }

    /// Another bound of time, for tests.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Press {
        self.time = time;
        self
    }

    /// Where the program lies when nothing else is set: beside the host's own. `None`: it is not there.
    pub fn beside_the_host() -> Option<PathBuf> {
        let found = std::env::current_exe().ok()?.parent()?.join(PROGRAM);
        found.is_file().then_some(found)
    }

    /// The PDF of a paper.
    ///
    /// # Errors
    /// [`PressError`]: what is wrong with the paper or the fonts, or that the program is busy, too slow or not there.
    pub async fn print(&self, paper: Paper) -> Result<Vec<u8>, PressError> {
        paper.check()?;
        let _place = Place::take(&self.waiting).ok_or(PressError::Busy)?;
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| PressError::Busy)?;
        let (program, fonts, time) = (self.program.clone(), self.fonts.clone(), self.time);
        let set = tokio::task::spawn_blocking(move || {
            // Held until the process is gone, also when nobody waits for it any more.
            let _turn = turn;
            run(&program, fonts.as_deref(), &paper, time)
        });
        set.await.unwrap_or_else(|e| Err(self.broken(e.to_string())))
    }

    fn broken(&self, why: String) -> PressError {
        PressError::Program { program: self.program.display().to_string(), why }
    }
}

/// One of those that wait.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Option<Place> {
        let place = Place(Arc::clone(waiting));
        // One is set, the others wait.
        (waiting.fetch_add(1, Ordering::AcqRel) <= WAITING).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn run(program: &Path, fonts: Option<&Path>, paper: &Paper, time: Duration) -> Result<Vec<u8>, PressError> {
    let broken = |why: String| PressError::Program { program: program.display().to_string(), why };
    let json = serde_json::to_vec(paper).map_err(|e| broken(e.to_string()))?;
    let end = Instant::now() + time;
    let mut command = Command::new(program);
    command.args(fonts).env_clear().env("RAYON_NUM_THREADS", "2");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Ended(command.spawn().map_err(|e| broken(e.to_string()))?);
    let (mut to, from, said) = (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take());
    let (tell, told) = channel();
    // The three pipes at once, so that neither side waits for the other; they close when the process is gone.
    std::thread::scope(|threads| {
        threads.spawn(move || to.as_mut().map(|to| to.write_all(&json)));
        let said = threads.spawn(move || read(said, SAID));
        threads.spawn(move || tell.send(read(from, limits::PDF as u64 + 1)));
        let pdf = match told.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(pdf) => pdf.map_err(|e| broken(e.to_string()))?,
            Err(RecvTimeoutError::Timeout) => {
                child.kill();
                return Err(PressError::Time(time));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(broken("its answer could not be read".into())),
        };
        if pdf.len() > limits::PDF {
            child.kill();
            let (count, limit) = (pdf.len() as u64, limits::PDF as u64);
            return Err(Fault::Beyond { what: "bytes".into(), count, limit }.into());
        }
        let Some(status) = child.wait(end) else { return Err(PressError::Time(time)) };
        let said = said.join().ok().and_then(Result::ok).unwrap_or_default();
        if status.success() && pdf.starts_with(b"%PDF-") {
            return Ok(pdf);
        }
        if let Ok(fault) = serde_json::from_slice::<Fault>(&said) {
            return Err(fault.into());
        }
        let said = String::from_utf8_lossy(&said);
        tracing::error!(program = %program.display(), %status, %said, "the typesetting program failed");
        Err(broken(format!("it ended without a PDF ({status})")))
    })
}

fn read(from: Option<impl Read>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if let Some(from) = from {
        from.take(most).read_to_end(&mut out)?;
    }
    Ok(out)
}

/// A process that does not outlive its use.
struct Ended(Child);

impl Ended {
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// How it ended; `None`: it did not, and was killed. It has closed its output, so this is a matter of milliseconds.
    fn wait(&mut self, end: Instant) -> Option<std::process::ExitStatus> {
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(2)),
                _ => {
                    self.kill();
                    return None;
                }
            }
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.kill();
    }
}
