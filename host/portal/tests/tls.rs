//! Encryption of the portal's own: HTTP/2 with a real client, and wrong files told by name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_portal::{PortalOptions, Tls, TlsFile};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::Host;

/// A certificate for this machine and its key, as an operator has them.
fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (cert, key)
}

/// `None`, said on the terminal, where there is no curl.
fn curl(cert: &Path, args: &[&str]) -> Option<String> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "20", "--noproxy", "*", "--cacert"]).arg(cert).args(args);
    match command.output() {
        Ok(out) if out.status.success() => Some(String::from_utf8_lossy(&out.stdout).into_owned()),
        Ok(out) => panic!("curl {args:?}: {} {}", out.status, String::from_utf8_lossy(&out.stderr)),
        Err(_) => {
            use std::io::Write;
            let _ = std::io::stderr().write_all(b"skipped: no HTTP/2 client; on Debian: apt-get install -y curl\n");
            None
        }
    }
}

#[test]
fn a_real_client_speaks_http_2_or_1_1_over_tls_and_nothing_in_the_open() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = certificate(folder.path(), "own");
    let tls = Tls::read(&cert, &key).unwrap();
    let h = Host::start(PortalOptions { certificate: Some(tls), ..PortalOptions::default() });
    let url = format!("https://127.0.0.1:{}", h.addr.port());
    let say = "\n%{http_version} %{http_code}";
    let sign_in = format!("{url}/sign-in");
    let Some(page) = curl(&cert, &["--http2", "-D", "-", "-w", say, &sign_in]) else { return };
    assert!(page.ends_with("\n2 200"), "{page}");
    let head = page.to_lowercase();
    assert!(head.contains("strict-transport-security: max-age=") && head.contains("; secure"), "{page}");
    let old = curl(&cert, &["--http1.1", "-w", say, &sign_in]).unwrap();
    assert!(old.ends_with("\n1.1 200"), "{old}");
    let health = format!("{url}/healthz");
    let many: Vec<&str> = std::iter::repeat_n(health.as_str(), 20).collect();
    let all = curl(&cert, &[&["--http2", "--parallel", "-w", say][..], &many].concat()).unwrap();
    assert_eq!(all.matches("\n2 200").count(), 20, "{all}");
    // A form over HTTP/2 comes from our own page: there is no Host line to compare with, only the address.
    let form = format!("_csrf=x&login=li&password={}", support::town::PASSWORD);
    let origin = format!("Origin: {url}");
    let post =
        curl(&cert, &["--http2", "-w", say, "-H", &origin, "-H", "Cookie: changzhi-form=y", "-d", &form, &sign_in])
            .unwrap();
    assert!(post.ends_with("\n2 403"), "{post}");
    let open = h.send("GET", "/healthz", &[], b"");
    assert_ne!(open.status, 200, "nothing is said in the open");
    h.stop();
}

#[test]
fn a_wrong_file_is_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = certificate(folder.path(), "one");
    let (_, other) = certificate(folder.path(), "two");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no PEM at all\n").unwrap();
    let gone = folder.path().join("gone.pem");
    let wrong = |cert: &Path, key: &Path| Tls::read(cert, key).map(|_| ()).unwrap_err();
    for (error, file, name) in [
        (wrong(&gone, &key), TlsFile::Certificate, "gone.pem"),
        (wrong(&empty, &key), TlsFile::Certificate, "empty.pem"),
        (wrong(&cert, &gone), TlsFile::Key, "gone.pem"),
        (wrong(&cert, &cert), TlsFile::Key, "one.pem"),
        (wrong(&cert, &other), TlsFile::Key, "two.key"),
    ] {
        assert_eq!(error.file, file, "{error}");
        assert!(error.to_string().contains(name) && error.to_string().len() > name.len() + 20, "{error}");
    }
}
