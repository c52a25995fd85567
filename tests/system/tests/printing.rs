//! Pages on paper, by the real host and the real typesetter: `cargo xtask typeset --dev` puts it beside the host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, target};
use std::process::{Command, Stdio};

const DEMO: Start = Start { demo: true, snapshot_every: None, env: &[] };

/// What `pdftotext` reads; `None`, with words, where it is not there.
fn words(pdf: &[u8]) -> Option<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let read = Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").stdin(Stdio::null()).output();
    let Ok(read) = read else {
        eprintln!("skipped: what is on the paper is not read; to have it: apt-get install poppler-utils");
        return None;
    };
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    Some(String::from_utf8(read.stdout).unwrap().split_whitespace().collect())
}

#[test]
fn pages_of_the_demo_city_come_out_as_pdf_in_both_languages() {
    if !target().join("debug/changzhi-typeset").is_file() {
        eprintln!("skipped: no typesetter beside the host; to have it: cargo xtask typeset --dev");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&dir.path().join("city"), DEMO).unwrap();
    let visitor = Client::sign_in(host.addr, "admin", &host.password("admin").unwrap()).unwrap();
    let print = |path: &str| {
        let (status, kind, pdf) = visitor.file(path).unwrap();
        assert_eq!((status, kind.as_str()), (200, "application/pdf"), "{path}: {}", String::from_utf8_lossy(&pdf));
        assert!(pdf.starts_with(b"%PDF-"), "{path}");
        words(&pdf)
    };
    let page = visitor.get("/gallery/talk").unwrap().text;
    assert!(page.contains("_export=pdf"), "the page offers none: {}", host.log());
    for (path, want) in [
        ("/gallery/talk?_export=pdf", "人民调解协议书"),
        ("/gallery/talk?_export=pdf&lang=en", "Mediationagreement"),
        ("/gallery/tables?_export=pdf", "打印人admin"),
        ("/gallery/forms?_export=pdf&lang=en", "Page1of"),
        ("/gallery/charts?_export=pdf", "第1页，共"),
    ] {
        if let Some(text) = print(path) {
            assert!(text.contains(want), "{path} has no {want}: {text}");
        }
    }
    host.close().unwrap();
}
