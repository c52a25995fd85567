//! Walls, doors, stairs and room numbers on white paper.

use image::{DynamicImage, ImageError, ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

const WIDTH: u32 = 980;
const HEIGHT: u32 = 560;
const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const WALL: Rgb<u8> = Rgb([38, 50, 64]);
const THIN: Rgb<u8> = Rgb([120, 132, 146]);
/// Of a wall, and of a number's dot.
const THICK: u32 = 5;
const DOT: u32 = 7;
/// Rows of three dots, from the top, for each digit.
const DIGITS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// One floor; its corridor lies between 230 and 330 from the top.
pub(super) struct Sheet(RgbImage);

impl Sheet {
    pub(super) fn new() -> Sheet {
        Sheet(RgbImage::from_pixel(WIDTH, HEIGHT, PAPER))
    }

    fn fill(&mut self, x: u32, y: u32, width: u32, height: u32, colour: Rgb<u8>) {
        for py in y..(y + height).min(HEIGHT) {
            for px in x..(x + width).min(WIDTH) {
                self.0.put_pixel(px, py, colour);
            }
        }
    }

    fn frame(&mut self, x: u32, y: u32, width: u32, height: u32) {
        self.fill(x, y, width, THICK, WALL);
        self.fill(x, y + height, width + THICK, THICK, WALL);
        self.fill(x, y, THICK, height, WALL);
        self.fill(x + width, y, THICK, height, WALL);
    }

    /// The outer walls.
    pub(super) fn outline(&mut self) {
        self.frame(60, 60, 860, 440);
    }

    /// A room with its number and a door to the corridor.
    pub(super) fn room(&mut self, x: u32, y: u32, width: u32, height: u32, number: &str) {
        self.frame(x, y, width, height);
        let wall = if y < 200 { y + height } else { y };
        self.fill(x + width / 2 - 25, wall, 50, THICK, PAPER);
        let wide = 4 * DOT * u32::try_from(number.len()).unwrap_or(0) - DOT;
        for (n, digit) in number.chars().filter_map(|c| c.to_digit(10)).enumerate() {
            let left = x + (width - wide) / 2 + u32::try_from(n).unwrap_or(0) * 4 * DOT;
            self.digit(left, y + height / 2 - 2 * DOT, digit);
        }
    }

    fn digit(&mut self, x: u32, y: u32, digit: u32) {
        let rows = DIGITS.get(digit as usize).copied().unwrap_or_default();
        for (row, dots) in (0_u32..).zip(rows) {
            for column in (0_u32..3).filter(|column| dots & (0b100 >> column) != 0) {
                self.fill(x + column * DOT, y + row * DOT, DOT, DOT, WALL);
            }
        }
    }

    /// A gap in a wall, along it.
    pub(super) fn opening(&mut self, x: u32, y: u32, across: u32, down: u32) {
        self.fill(x, y, across.max(THICK), down.max(THICK), PAPER);
    }

    /// A flight of stairs: steps across the corridor's end.
    pub(super) fn stairs(&mut self, x: u32, y: u32) {
        for step in 0..8 {
            self.fill(x + step * 9, y, 2, 80, THIN);
        }
    }

    pub(super) fn finished(self) -> Result<Vec<u8>, ImageError> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(self.0).write_to(&mut out, ImageFormat::Png)?;
        Ok(out.into_inner())
    }
}
