//! A file as it may be kept: pictures drawn anew, so that nothing but their pixels goes on.

use crate::{Kind, Refused, sniff};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use std::io::Cursor;

/// How large a file may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes, as sent and as kept.
    pub bytes: usize,
    /// Pixels of a picture before it is drawn smaller: what decides how much memory decoding takes, four bytes each.
    pub pixels: u64,
    /// The longer side of what is kept.
    pub side: u32,
}

impl Default for Limits {
    /// 10 MiB, 64 megapixels (more than phones make by themselves), 2,560 pixels.
    fn default() -> Limits {
        Limits { bytes: 10 << 20, pixels: 64_000_000, side: 2_560 }
    }
}

/// A file as it is kept. Its type is never [`Kind::Webp`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clean {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

/// Good enough for a street at night, a tenth of what a phone writes.
const QUALITY: u8 = 85;

/// Looks at the content, refuses what is not taken, and draws pictures anew: upright as their orientation says, no larger than
/// the limits, without any metadata.
///
/// # Errors
/// Why the file is not taken.
pub fn clean(bytes: &[u8], limits: Limits) -> Result<Clean, Refused> {
    if bytes.len() > limits.bytes {
        return Err(Refused::TooLarge { limit: limits.bytes });
    }
    let kind = sniff(bytes)?;
    let format = match kind {
        Kind::Pdf => return Ok(Clean { kind, bytes: bytes.to_vec() }),
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::Webp => ImageFormat::WebP,
    };
    let picture = decode(bytes, format, limits)?;
    let clear = picture.color().has_alpha() && picture.to_rgba8().pixels().any(|p| p.0.last() != Some(&u8::MAX));
    // A drawing stays sharp as PNG; a photo as PNG would be ten times its size, and has no clear parts to lose.
    if clear || kind == Kind::Png {
        let mut out = Cursor::new(Vec::new());
        let drawn = if clear {
            DynamicImage::ImageRgba8(picture.to_rgba8())
        } else {
            DynamicImage::ImageRgb8(picture.to_rgb8())
        };
        drawn.write_to(&mut out, ImageFormat::Png).map_err(|_| Refused::Broken)?;
        let bytes = out.into_inner();
        if bytes.len() <= limits.bytes {
            return Ok(Clean { kind: Kind::Png, bytes });
        }
        if clear {
            return Err(Refused::TooLarge { limit: limits.bytes });
        }
    }
    let mut out = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut out, QUALITY);
    picture.to_rgb8().write_with_encoder(encoder).map_err(|_| Refused::Broken)?;
    if out.len() > limits.bytes {
        return Err(Refused::TooLarge { limit: limits.bytes });
    }
    Ok(Clean { kind: Kind::Jpeg, bytes: out })
}

fn decode(bytes: &[u8], format: ImageFormat, limits: Limits) -> Result<DynamicImage, Refused> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::default();
    bounds.max_alloc = Some(limits.pixels.saturating_mul(8));
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(|_| Refused::Broken)?;
    // Before a pixel of it is decoded: a few bytes may say they are a picture as large as a wall.
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(Refused::TooManyPixels { limit: limits.pixels });
    }
    if width == 0 || height == 0 {
        return Err(Refused::Broken);
    }
    let turned = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| Refused::Broken)?;
    if width.max(height) > limits.side {
        picture = picture.thumbnail(limits.side, limits.side);
    }
    picture.apply_orientation(turned);
    Ok(picture)
}
