//! Extents of places: a ring of points, or two corners of a box.
//!
//! Contract: `lon,lat lon,lat …` in WGS84; two points are opposite corners of a box, three or more a ring that closes
//! itself. A ring does not cross the antimeridian. Points on an edge belong to one of two neighbours, not both (half-open rule).

use changzhi_model::Point;

/// Most points of a ring.
const POINTS_MAX: usize = 10_000;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ring {
    pub points: Vec<Point>,
    pub low: [f64; 2],
    pub high: [f64; 2],
    /// Square degrees, shrunk by latitude: only compared.
    pub area: f64,
}

/// Why a text is no extent of a place; `None` when it is one: `lon,lat lon,lat …` in WGS84 degrees, two opposite corners of
/// a box or a ring of at least three points.
pub fn extent_problem(text: &str) -> Option<String> {
    Ring::parse(text).err()
}

impl Ring {
    pub fn parse(text: &str) -> Result<Ring, String> {
        let mut points = Vec::new();
        for pair in text.split_whitespace() {
            let point = pair.split_once(',').and_then(|(lon, lat)| {
                Some(Point { lon: lon.parse().ok()?, lat: lat.parse().ok()? }).filter(|p| p.is_valid())
            });
            points
                .push(point.ok_or_else(|| format!("{:?} is not lon,lat", pair.chars().take(40).collect::<String>()))?);
            if points.len() > POINTS_MAX {
                return Err(format!("more than {POINTS_MAX} points"));
            }
        }
        if let [a, b] = points.as_slice() {
            let (a, b) = (*a, *b);
            points = vec![a, Point { lon: b.lon, lat: a.lat }, b, Point { lon: a.lon, lat: b.lat }];
        }
        Ring::of(points).ok_or_else(|| "two corners or at least three points, not all on a line".into())
    }

    pub fn of(points: Vec<Point>) -> Option<Ring> {
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for p in &points {
            low = [low[0].min(p.lon), low[1].min(p.lat)];
            high = [high[0].max(p.lon), high[1].max(p.lat)];
        }
        let twice: f64 = edges(&points).map(|(a, b)| a.lon * b.lat - b.lon * a.lat).sum();
        let area = twice.abs() / 2.0 * ((low[1] + high[1]) / 2.0).to_radians().cos();
        (points.len() >= 3 && area > 0.0).then_some(Ring { points, low, high, area })
    }

    /// Even-odd rule.
    pub fn holds(&self, at: Point) -> bool {
        let crossings = edges(&self.points).filter(|(a, b)| {
            (a.lat > at.lat) != (b.lat > at.lat)
                && at.lon < (b.lon - a.lon) * (at.lat - a.lat) / (b.lat - a.lat) + a.lon
        });
        crossings.count() % 2 == 1
    }
}

fn edges(points: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    points.iter().copied().zip(points.iter().copied().cycle().skip(1))
}
