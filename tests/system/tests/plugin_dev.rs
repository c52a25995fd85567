//! A plugin author at work: `xtask plugin dev` beside the running host, with saves that compile and one that does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, xtask};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A plugin is built with every optimisation, on a machine that does other things.
const BUILD: Duration = Duration::from_secs(600);

/// `plugin dev`, and the lines it says. Killed by its id when dropped.
struct Dev {
    child: Child,
    lines: Receiver<String>,
}

impl Dev {
    fn start(root: &Path, url: &str, password: &str) -> Dev {
        let root = root.to_str().unwrap();
        let mut command = xtask(["--root", root, "plugin", "dev", "parks", "--url", url]).unwrap();
        let mut child = command.env("CHANGZHI_PASSWORD", password).stderr(Stdio::piped()).spawn().unwrap();
        let err = child.stderr.take().unwrap();
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        Dev { child, lines }
    }

    /// The next line that says what became of a save, and everything before it.
    fn next(&self) -> (String, String) {
        let (end, mut before) = (Instant::now() + BUILD, String::new());
        loop {
            let line = self.lines.recv_timeout(end.saturating_duration_since(Instant::now()));
            let line = line.unwrap_or_else(|e| panic!("plugin dev says nothing more ({e}) after:\n{before}"));
            if line.contains("swapped: ") {
                return (line.trim().to_owned(), before);
            }
            before.push_str(&line);
            before.push('\n');
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The title the plugin's view has just now.
fn title(client: &Client) -> String {
    let reply = client.get("/api/v1/parks/items").unwrap();
    assert_eq!(reply.status, 200, "{reply:?}");
    let page = &reply.json()["page"];
    page["title"].to_string()
}

#[test]
fn a_save_is_swapped_into_the_running_host_and_one_that_does_not_compile_leaves_the_old_version() {
    let dir = tempfile::tempdir().unwrap();
    let scratch = dir.path().join("scratch");
    for args in [
        vec!["plugin", "scratch", scratch.to_str().unwrap()],
        vec!["--root", scratch.to_str().unwrap(), "plugin", "new", "parks"],
    ] {
        let made = xtask(&args).unwrap().output().unwrap();
        assert!(made.status.success(), "{args:?}: {}", String::from_utf8_lossy(&made.stderr));
    }
    let host = Host::start(&dir.path().join("city"), Start { demo: true, ..Start::default() }).unwrap();
    let client = host.client(&host.token("admin").unwrap());
    assert_eq!(client.get("/api/v1/parks/items").unwrap().status, 404, "nothing of it is there yet");

    let dev = Dev::start(&scratch, &format!("http://{}", host.addr), &host.password("admin").unwrap());
    let (first, before) = dev.next();
    assert!(first.starts_with("swapped: ") && first.contains("parks"), "{before}{first}");
    assert!(title(&client).contains("\"items\""), "{}", title(&client));

    let source = scratch.join("plugins/parks/src/lib.rs");
    let text = std::fs::read_to_string(&source).unwrap();
    let save = |text: &str| std::fs::write(&source, text).unwrap();
    let second = text.replace("Page::new(\"items\")", "Page::new(\"item\")");
    assert_ne!(text, second);
    save(&second);
    let (swapped, before) = dev.next();
    assert!(swapped.starts_with("swapped: "), "{before}{swapped}");
    assert!(title(&client).contains("\"item\""), "the new version answers: {}", title(&client));

    save(&format!("{second}\nfn half_written( {{"));
    let (refused, before) = dev.next();
    assert!(refused.starts_with("not swapped: "), "{before}{refused}");
    assert!(before.contains("error") && before.contains("src/lib.rs"), "the compiler's words are shown: {before}");
    assert!(title(&client).contains("\"item\""), "the old version still answers");

    save(&text);
    let (mended, before) = dev.next();
    assert!(mended.starts_with("swapped: "), "{before}{mended}");
    assert!(title(&client).contains("\"items\""), "{}", title(&client));
    drop(dev);
    host.close().unwrap();
}
