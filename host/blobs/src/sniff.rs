//! What bytes are, by what they begin with.

/// What may be attached.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    Jpeg,
    Png,
    /// Taken, and kept as JPEG or PNG.
    Webp,
    Pdf,
}

impl Kind {
    /// The media type it is served with.
    pub const fn media_type(self) -> &'static str {
        match self {
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
            Kind::Webp => "image/webp",
            Kind::Pdf => "application/pdf",
        }
    }

    /// The end of a file name.
    pub const fn extension(self) -> &'static str {
        match self {
            Kind::Jpeg => "jpg",
            Kind::Png => "png",
            Kind::Webp => "webp",
            Kind::Pdf => "pdf",
        }
    }

    pub const fn is_picture(self) -> bool {
        !matches!(self, Kind::Pdf)
    }

    /// The kind of a media type this crate serves.
    pub fn of_media_type(name: &str) -> Option<Kind> {
        [Kind::Jpeg, Kind::Png, Kind::Webp, Kind::Pdf].into_iter().find(|k| k.media_type() == name)
    }
}

/// Why a file is not taken. Each is said to the sender in words with the way to mend it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    #[error("the file is empty")]
    Empty,
    #[error("the file has more than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("HEIC and AVIF pictures are not taken: send JPEG (on the phone: Camera, Formats, Most compatible)")]
    Heic,
    #[error("the file is markup (SVG, HTML, XML): it may hold a program; send JPEG or PNG")]
    Markup,
    #[error("the file is none of JPEG, PNG, WebP and PDF")]
    Unknown,
    #[error("the file is broken or broke off")]
    Broken,
    #[error("the picture has more than {limit} pixels")]
    TooManyPixels { limit: u64 },
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Brands of ISO base media files that hold pictures.
const HEIF: [&[u8]; 9] = [b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"];
/// A PDF says where it ends in its last bytes.
const PDF_TAIL: usize = 1024;

/// What the bytes are; the name somebody gave them is never asked.
///
/// # Errors
/// Why they are not taken.
pub fn sniff(bytes: &[u8]) -> Result<Kind, Refused> {
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(Kind::Jpeg);
    }
    if bytes.starts_with(PNG) {
        return Ok(Kind::Png);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Kind::Webp);
    }
    if bytes.starts_with(b"%PDF-1.") || bytes.starts_with(b"%PDF-2.") {
        let tail = bytes.get(bytes.len().saturating_sub(PDF_TAIL)..).unwrap_or(bytes);
        let ends = tail.windows(5).any(|w| w == b"%%EOF");
        return if ends { Ok(Kind::Pdf) } else { Err(Refused::Broken) };
    }
    if bytes.get(4..8) == Some(b"ftyp") && HEIF.iter().any(|brand| bytes.get(8..12) == Some(*brand)) {
        return Err(Refused::Heic);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<') {
        return Err(Refused::Markup);
    }
    Err(Refused::Unknown)
}
