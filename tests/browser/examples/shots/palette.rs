//! A screenshot with at most 256 colours.
//!
//! Pages have few colours and many shades of their letters' edges: the most frequent ones that are not nearly the same become the
//! palette, everything else the nearest of them. Price: a photograph would suffer; there is none.

use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use std::io::Cursor;

type Colour = [u8; 3];

/// Nearer than this (sum over red, green and blue) is the same.
const SAME: u16 = 6;

/// The picture again, as a smaller PNG.
pub fn reduced(png: &[u8]) -> Result<Vec<u8>> {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let info = reader.next_frame(&mut bytes)?;
    let step = match (info.color_type, info.bit_depth) {
        (png::ColorType::Rgb, png::BitDepth::Eight) => 3,
        (png::ColorType::Rgba, png::BitDepth::Eight) => 4,
        other => bail!("a picture of {other:?}"),
    };
    let pixels: Vec<Colour> = bytes.chunks_exact(step).filter_map(|pixel| pixel.first_chunk::<3>().copied()).collect();
    let palette = palette(&pixels);
    let mut known = HashMap::new();
    let indexes: Vec<u8> = pixels.iter().map(|p| *known.entry(*p).or_insert_with(|| nearest(&palette, *p))).collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, info.width, info.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header()?.write_image_data(&indexes)?;
    Ok(out)
}

fn palette(pixels: &[Colour]) -> Vec<Colour> {
    let mut counts: HashMap<Colour, u32> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut colours: Vec<(Colour, u32)> = counts.into_iter().collect();
    colours.sort_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    let mut chosen: Vec<Colour> = Vec::new();
    for (colour, _) in colours {
        if chosen.len() < 256 && chosen.iter().all(|c| apart(*c, colour) >= SAME) {
            chosen.push(colour);
        }
    }
    chosen
}

fn apart(a: Colour, b: Colour) -> u16 {
    a.iter().zip(b).map(|(a, b)| u16::from(a.abs_diff(b))).sum()
}

fn nearest(palette: &[Colour], colour: Colour) -> u8 {
    let best = palette.iter().enumerate().min_by_key(|(_, c)| apart(**c, colour)).map_or(0, |(at, _)| at);
    u8::try_from(best).unwrap_or(0)
}
