//! What strangers send: what is taken, what is taken out of it, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_blobs::{Kind, Limits, Refused, clean, sniff};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::{Cursor, Write};

fn picture(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| Rgb([(x * 7) as u8, (y * 5) as u8, 90])))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn decoded(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).unwrap()
}

/// An EXIF block with an orientation and a place: little-endian TIFF with two entries and a GPS word.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(b"GPS 28.6820N 115.8579E NANCHANG-HOME");
    tiff
}

/// The same JPEG with an APP1 block behind its first marker.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut block = b"Exif\0\0".to_vec();
    block.extend(exif(orientation));
    let mut out = jpeg[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(u16::try_from(block.len() + 2).unwrap().to_be_bytes());
    out.extend(block);
    out.extend(&jpeg[2..]);
    out
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    out.extend(kind);
    out.extend(data);
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind);
    sum.update(data);
    out.extend(sum.finalize().to_be_bytes());
    out
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|w| w == word)
}

#[test]
fn a_photo_keeps_its_pixels_and_nothing_that_says_where_it_was_taken() {
    let sent = with_exif(&encoded(&picture(60, 40), ImageFormat::Jpeg), 1);
    assert!(has(&sent, b"GPS") && has(&sent, b"Exif"));
    let kept = clean(&sent, Limits::default()).unwrap();
    assert_eq!(kept.kind, Kind::Jpeg);
    for word in [&b"GPS"[..], b"Exif", b"NANCHANG"] {
        assert!(!has(&kept.bytes, word));
    }
    let there = decoded(&kept.bytes).to_rgb8();
    assert_eq!(there.dimensions(), (60, 40));
    assert!(there.get_pixel(50, 5).0[0].abs_diff((350 % 256) as u8) < 40);
}

#[test]
fn a_photo_held_upright_stays_upright_without_the_word_that_said_so() {
    let kept = clean(&with_exif(&encoded(&picture(60, 40), ImageFormat::Jpeg), 6), Limits::default()).unwrap();
    assert_eq!(decoded(&kept.bytes).to_rgb8().dimensions(), (40, 60));
}

#[test]
fn a_picture_larger_than_is_of_use_is_drawn_smaller() {
    let kept =
        clean(&encoded(&picture(900, 300), ImageFormat::Png), Limits { side: 300, ..Limits::default() }).unwrap();
    assert_eq!(decoded(&kept.bytes).to_rgb8().dimensions(), (300, 100));
}

#[test]
fn png_and_webp_keep_what_is_clear_and_lose_what_is_written_beside() {
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(8, 8, Rgba([1, 2, 3, 7])));
    let mut png = encoded(&clear, ImageFormat::Png);
    let text = chunk(b"tEXt", b"Comment\0taken at home by Zhang San");
    png.splice(33..33, text);
    assert!(has(&png, b"Zhang San"));
    let kept = clean(&png, Limits::default()).unwrap();
    assert!(kept.kind == Kind::Png && !has(&kept.bytes, b"Zhang San"));
    assert_eq!(decoded(&kept.bytes).to_rgba8().get_pixel(1, 1).0, [1, 2, 3, 7]);
    let webp = clean(&encoded(&clear, ImageFormat::WebP), Limits::default()).unwrap();
    assert_eq!(webp.kind, Kind::Png);
    assert_eq!(clean(&encoded(&picture(8, 8), ImageFormat::WebP), Limits::default()).unwrap().kind, Kind::Jpeg);
}

#[test]
fn a_file_that_is_two_things_at_once_is_only_the_picture_afterwards() {
    for (format, kind) in [(ImageFormat::Jpeg, Kind::Jpeg), (ImageFormat::Png, Kind::Png)] {
        let mut sent = encoded(&picture(8, 8), format);
        sent.extend(b"<script>alert(1)</script>PK\x03\x04 a whole archive");
        let kept = clean(&sent, Limits::default()).unwrap();
        assert_eq!(kept.kind, kind);
        assert!(!has(&kept.bytes, b"script") && !has(&kept.bytes, b"archive"));
    }
    let mut comment = encoded(&picture(8, 8), ImageFormat::Jpeg);
    comment.splice(2..2, [&[0xff, 0xfe, 0, 29][..], b"<?php system($_GET['x']); ?>"[..27].as_ref()].concat());
    assert!(!has(&clean(&comment, Limits::default()).unwrap().bytes, b"php"));
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    // 60,000 × 60,000 pixels of nothing, in a few hundred bytes.
    let mut head = 60_000_u32.to_be_bytes().to_vec();
    head.extend(60_000_u32.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&[0; 100_000]).unwrap();
    let bomb = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &head),
        chunk(b"IDAT", &packed.finish().unwrap()),
        chunk(b"IEND", b""),
    ]
    .concat();
    assert!(bomb.len() < 1_000);
    let refused = clean(&bomb, Limits::default()).unwrap_err();
    assert!(matches!(refused, Refused::TooManyPixels { .. } | Refused::Broken), "{refused}");
    // A JPEG that says it is as large, by the four bytes of its frame.
    let mut jpeg = encoded(&picture(8, 8), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert!(matches!(clean(&jpeg, Limits::default()).unwrap_err(), Refused::TooManyPixels { .. } | Refused::Broken));
}

#[test]
fn what_is_not_taken_is_refused_by_its_content_whatever_it_is_called() {
    let refused = |bytes: &[u8]| clean(bytes, Limits::default()).unwrap_err();
    assert_eq!(refused(b""), Refused::Empty);
    assert_eq!(refused(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Refused::Heic);
    assert_eq!(refused(b"\0\0\0\x1cftypavif\0\0\0\0"), Refused::Heic);
    assert_eq!(refused(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), Refused::Markup);
    assert_eq!(refused(b"\xef\xbb\xbf \n<!doctype html><script>1</script>"), Refused::Markup);
    for other in [&b"GIF89a"[..], b"PK\x03\x04", b"MZ\x90", b"\x7fELF", b"just words", b"\0\0\0\x18ftypmp42"] {
        assert_eq!(refused(other), Refused::Unknown, "{other:?}");
    }
    let large = vec![0xff; 11 << 20];
    assert_eq!(refused(&large), Refused::TooLarge { limit: 10 << 20 });
}

#[test]
fn a_broken_picture_is_told_to_be_broken_and_no_byte_of_it_brings_the_host_down() {
    let whole = encoded(&picture(40, 30), ImageFormat::Png);
    for length in (9..whole.len()).step_by(7) {
        assert!(clean(&whole[..length], Limits::default()).is_err(), "cut at {length}");
    }
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let sent = encoded(&picture(24, 24), format);
        for at in 0..sent.len() {
            let mut changed = sent.clone();
            changed[at] ^= 0x55;
            // Some changes still are a picture: then it is one we drew.
            if let Ok(kept) = clean(&changed, Limits { pixels: 1_000_000, ..Limits::default() }) {
                assert_eq!(sniff(&kept.bytes), Ok(kept.kind));
            }
        }
    }
}

#[test]
fn a_paper_is_kept_as_it_is_if_it_is_whole() {
    let paper = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
    assert_eq!(clean(paper, Limits::default()).unwrap().bytes, paper);
    assert_eq!(clean(b"%PDF-1.7\nbroken off", Limits::default()), Err(Refused::Broken));
    assert_eq!(clean(b" %PDF-1.7 %%EOF", Limits::default()), Err(Refused::Unknown), "not at its beginning");
}
