//! Cutting a box into boxes: no gaps, no overlaps, exactly as many as asked.

use super::rng::Rng;
use changzhi_model::Point;

/// A box in WGS84 degrees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rect {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Rect {
    pub fn centre(&self) -> Point {
        Point { lon: round((self.west + self.east) / 2.0), lat: round((self.south + self.north) / 2.0) }
    }

    /// Two opposite corners, as the world reads extents: `lon,lat lon,lat`.
    pub fn corners(&self) -> String {
        format!("{},{} {},{}", self.west, self.south, self.east, self.north)
    }

    /// Half-open, so that a point lies in one box only.
    pub fn holds(&self, at: Point) -> bool {
        (self.west..self.east).contains(&at.lon) && (self.south..self.north).contains(&at.lat)
    }

    /// Cut across its longer side until there are `n`; every cut is moved a little, so that it looks grown.
    pub(super) fn cut(self, n: usize, rng: &mut Rng) -> Vec<Rect> {
        let mut parts = Vec::with_capacity(n);
        let mut open = vec![(self, n.max(1))];
        while let Some((rect, n)) = open.pop() {
            if n == 1 {
                parts.push(rect);
                continue;
            }
            let first = n / 2;
            let share = first as f64 / n as f64 * rng.between(0.88, 1.12);
            let wide = (rect.east - rect.west) * rect.south.to_radians().cos() > rect.north - rect.south;
            let (a, b) = if wide {
                let at = round(rect.west + (rect.east - rect.west) * share);
                (Rect { east: at, ..rect }, Rect { west: at, ..rect })
            } else {
                let at = round(rect.south + (rect.north - rect.south) * share);
                (Rect { north: at, ..rect }, Rect { south: at, ..rect })
            };
            open.push((a, first));
            open.push((b, n - first));
        }
        // Numbered from west to east, in rows from north to south, as grids are.
        let row = (self.north - self.south) / (n as f64).sqrt().max(1.0);
        let band = |r: &Rect| ((self.north - r.centre().lat) / row) as i64;
        parts.sort_by(|x, y| band(x).cmp(&band(y)).then(x.west.total_cmp(&y.west)).then(y.north.total_cmp(&x.north)));
        parts
    }

    pub(super) fn point(&self, rng: &mut Rng) -> Point {
        Point {
            lon: round(rng.between(self.west, self.east)).clamp(self.west, self.east),
            lat: round(rng.between(self.south, self.north)).clamp(self.south, self.north),
        }
    }
}

/// Seven decimals are a centimetre, and the same number on every machine.
pub(super) fn round(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}
