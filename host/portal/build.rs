//! The files pages load, compressed once and embedded.
//!
//! Two folders are made, each named by what is in it, so that a browser may keep its files for ever: `own` (assets/js, the
//! stylesheet, the icons) and `npm` (a whitelist of dist files of the packages in web/). Modules find one another by relative
//! names; where one of ours loads a package it writes `/assets/npm/FILE`, which becomes the folder's real name here. Nothing is
//! bundled or minified: brotli does that work.
//!
//! Price: a missing package stops the build, with the line that brings it. What is compressed is kept in OUT_DIR by its hash,
//! so an edit compresses one file.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// What of the packages is served: the name here, the path under node_modules.
const NPM: [(&str, &str); 5] = [
    ("htmx.js", "htmx.org/dist/htmx.esm.min.js"),
    ("maplibre-gl.mjs", "maplibre-gl/dist/maplibre-gl.mjs"),
    ("maplibre-gl-worker.mjs", "maplibre-gl/dist/maplibre-gl-worker.mjs"),
    ("maplibre-gl.css", "maplibre-gl/dist/maplibre-gl.css"),
    ("echarts.mjs", "echarts/dist/echarts.esm.min.mjs"),
];

/// One stylesheet, so that a page needs one request: tokens and frame first, then what builds on them.
const CSS: [&str; 8] = ["portal", "views", "live", "shell", "files", "tabs", "room", "ring"];

/// Stylesheets of pages without the portal's frame.
const ALONE: [&str; 1] = ["sos"];

struct File {
    name: String,
    bytes: Vec<u8>,
}

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    if let Err(error) = make(&root, &out) {
        eprintln!("error: {error}");
        process::exit(1);
    }
}

fn make(root: &Path, out: &Path) -> Result<(), String> {
    for watched in ["assets", "web/package-lock.json", "build.rs"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    let npm = packages(root)?;
    let npm_folder = folder(&npm);
    let own = own(root, &npm_folder)?;
    let own_folder = folder(&own);
    let mut table = String::from("/// Every file pages may load.\npub(super) static FILES: &[Embedded] = &[\n");
    for (folder, files) in [(&npm_folder, &npm), (&own_folder, &own)] {
        for file in files {
            entry(&mut table, folder, file, out)?;
        }
    }
    let _ = writeln!(table, "];\n/// The folder of our own files.\npub(crate) const OWN: &str = {own_folder:?};");
    let _ = writeln!(table, "/// The folder of the packages' files.\n#[cfg(test)]\nconst NPM: &str = {npm_folder:?};");
    write(&out.join("assets.rs"), table.as_bytes())
}

fn packages(root: &Path) -> Result<Vec<File>, String> {
    let modules = root.join("web/node_modules");
    let take = |(name, path): (&str, &str)| {
        let file = modules.join(path);
        println!("cargo::rerun-if-changed={}", file.display());
        let bytes = fs::read(&file).map_err(|_| {
            format!("{} is not there. Run: npm ci --prefix host/portal/web (`cargo xtask up` does it)", file.display())
        })?;
        Ok(File { name: name.to_owned(), bytes: without_map(bytes) })
    };
    NPM.into_iter().map(take).collect()
}

/// Source maps are not served: without its last line nobody asks for one.
fn without_map(bytes: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&bytes);
    match text.rfind("\n//# sourceMappingURL=") {
        Some(at) => text.get(..at).unwrap_or_default().as_bytes().to_vec(),
        None => bytes,
    }
}

fn own(root: &Path, npm_folder: &str) -> Result<Vec<File>, String> {
    let assets = root.join("assets");
    let mut files = Vec::new();
    for (sub, ending) in [("js", "js"), ("icons", "svg"), ("icons", "png")] {
        let dir = assets.join(sub);
        let listed = fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let paths = listed.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == ending));
        for path in paths {
            let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let bytes = if ending == "js" {
                let text = String::from_utf8(bytes).map_err(|e| format!("{}: {e}", path.display()))?;
                bare_script(&text).replace("/assets/npm/", &format!("/assets/{npm_folder}/")).into_bytes()
            } else {
                bytes
            };
            files.push(File { name, bytes });
        }
    }
    let style = |part: &str| {
        let path = assets.join("css").join(format!("{part}.css"));
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok::<_, String>(bare_style(&text).into_bytes())
    };
    let mut css = Vec::new();
    for part in CSS {
        css.extend(style(part)?);
    }
    for part in ALONE {
        files.push(File { name: format!("{part}.css"), bytes: style(part)? });
    }
    files.push(File { name: "portal.css".into(), bytes: css });
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// A script of ours without the lines that are for people only: a poor phone need not load them. Only whole lines go, so that nothing
/// but a comment can: no template of ours has a line that begins like one.
fn bare_script(text: &str) -> String {
    let is_comment = |line: &&str| {
        let line = line.trim();
        line.starts_with("//") || (line.starts_with("/**") && line.ends_with("*/"))
    };
    let mut out = String::with_capacity(text.len());
    for line in text.lines().filter(|l| !is_comment(l) && !l.trim().is_empty()) {
        out.push_str(line.trim_start());
        out.push('\n');
    }
    out
}

/// A style without its comments.
fn bare_style(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Named by names and contents of all its files.
fn folder(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.name.as_bytes());
        hash.update(Sha256::digest(&file.bytes));
    }
    hex(&hash.finalize()).chars().take(16).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn entry(table: &mut String, folder: &str, file: &File, out: &Path) -> Result<(), String> {
    let hash = hex(&Sha256::digest(&file.bytes));
    let kept = out.join("kept");
    fs::create_dir_all(&kept).map_err(|e| format!("{}: {e}", kept.display()))?;
    let plain = kept.join(&hash);
    write(&plain, &file.bytes)?;
    let brotli = once(&kept.join(format!("{hash}.br")), || brotli(&file.bytes))?;
    let gzip = once(&kept.join(format!("{hash}.gz")), || gzip(&file.bytes))?;
    let _ = writeln!(
        table,
        "    Embedded {{ folder: {folder:?}, name: {:?}, plain: include_bytes!({plain:?}), brotli: include_bytes!({brotli:?}), gzip: include_bytes!({gzip:?}) }},",
        file.name
    );
    Ok(())
}

fn once(path: &Path, make: impl FnOnce() -> Result<Vec<u8>, String>) -> Result<PathBuf, String> {
    if !path.is_file() {
        write(path, &make()?)?;
    }
    Ok(path.to_owned())
}

/// Whole or not at all: a build that is stopped leaves no half file behind its final name.
fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, path)).map_err(|e| format!("{}: {e}", path.display()))
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut out, 64 << 10, 11, 22);
    writer.write_all(bytes).and_then(|()| writer.flush()).map_err(|e| e.to_string())?;
    drop(writer);
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).and_then(|()| writer.finish()).map_err(|e| e.to_string())
}
