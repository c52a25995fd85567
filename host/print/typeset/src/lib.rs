//! A paper becomes a PDF.
//!
//! Flow: JSON on stdin is read as a [`Paper`], checked against its limits, tidied ([`changzhi_print`]), and handed to typst as a file of
//! data beside one fixed template; typst lays it out and writes a tagged PDF. The template is the only source there is: this world
//! has two files, no packages, no clock and no network, and a text of a page is never evaluated.
//!
//! The PDF keeps to PDF/UA-1 where it can (title, language, order of reading, heads of tables); when a text has characters that no
//! font here has, that cannot be promised, and it is written tagged all the same without the promise.
//!
//! Price: each call looks through all fonts and lays out from nothing.

mod desk;
mod fonts;
mod widths;

pub use fonts::Fonts;

use changzhi_print::{Fault, Paper, Stamp, limits};
use desk::Desk;
use serde_json::{Value, json};
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp, pdf};

/// The PDF of a paper as JSON.
///
/// # Errors
/// [`Fault`]: what is wrong with the paper or with the fonts.
pub fn typeset(json: &[u8], fonts: Fonts) -> Result<Vec<u8>, Fault> {
    if json.len() > limits::BYTES {
        let (count, limit) = (json.len() as u64, limits::BYTES as u64);
        return Err(Fault::Beyond { what: "bytes".into(), count, limit });
    }
    let mut paper: Paper = serde_json::from_slice(json).map_err(|e| Fault::Unreadable { why: e.to_string() })?;
    paper.check()?;
    paper.tidy();
    let families = fonts.families(paper.formal, paper.has_han())?;
    let date = paper.date.and_then(timestamp);
    let (data, wide) = data(&paper)?;
    let job = json!({ "paper": data, "fonts": families, "wide": wide });
    let desk = Desk::new(fonts, job.to_string().into_bytes())?;
    let document = typst::compile::<PagedDocument>(&desk).output.map_err(|e| layout(&e))?;
    let pages = document.pages().len() as u64;
    if pages > limits::PAGES {
        return Err(Fault::Beyond { what: "pages".into(), count: pages, limit: limits::PAGES });
    }
    let ident = ident(&desk);
    let options = |standards| PdfOptions {
        ident: Smart::Custom(ident.clone()),
        creator: Smart::Custom(Some("Changzhi".into())),
        timestamp: date,
        standards,
        ..PdfOptions::default()
    };
    let accessible = PdfStandards::new(&[PdfStandard::Ua_1]).unwrap_or_default();
    match pdf(&document, &options(accessible)) {
        Ok(bytes) => Ok(bytes),
        Err(_) => pdf(&document, &options(PdfStandards::default())).map_err(|e| layout(&e)),
    }
}

/// Of what is on the paper: two papers that differ are two documents, and one that does not is the same.
fn ident(desk: &Desk) -> String {
    format!("changzhi-{:032x}", typst::utils::hash128(&desk.data()))
}

/// The paper as the template reads it, with the widths of its columns; and whether it is laid across.
fn data(paper: &Paper) -> Result<(Value, bool), Fault> {
    let mut data = serde_json::to_value(paper).map_err(|e| Fault::Unreadable { why: e.to_string() })?;
    let mut wide = false;
    let blocks = data.get_mut("blocks").and_then(Value::as_array_mut).into_iter().flatten();
    for (block, data) in paper.blocks.iter().zip(blocks) {
        if let (changzhi_print::Block::Table { columns, rows }, Some(data)) = (block, data.as_object_mut()) {
            let widths = widths::of(columns, rows);
            wide |= widths::is_wide(&widths);
            data.insert("widths".into(), json!(widths));
        }
    }
    Ok((data, wide))
}

fn timestamp(s: Stamp) -> Option<Timestamp> {
    Datetime::from_ymd_hms(s.year, s.month, s.day, s.hour, s.minute, s.second).map(Timestamp::new_utc)
}

fn layout(errors: &[SourceDiagnostic]) -> Fault {
    let why: Vec<String> = errors.iter().take(3).map(|e| e.message.to_string()).collect();
    Fault::Layout { why: why.join("; ") }
}
