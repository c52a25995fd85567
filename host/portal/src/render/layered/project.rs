//! From degrees to the picture: Web Mercator, fitted to what is on it.

use crate::shape::Point;

/// The picture, in its own units.
pub(super) const WIDTH: f64 = 640.0;
pub(super) const HEIGHT: f64 = 400.0;
/// Room around what is shown.
const MARGIN: f64 = 32.0;
/// Mercator goes no further towards the poles.
const LAT_MAX: f64 = 85.051_128;
/// At least so many degrees are shown: one spot alone is not the whole world, nor a point without surroundings.
const LEAST: f64 = 0.004;

pub(super) fn is_on_globe(at: &Point) -> bool {
    at.lon.is_finite() && at.lat.is_finite() && at.lon.abs() <= 180.0 && at.lat.abs() <= 90.0
}

/// Fits a box of degrees into the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Projection {
    west: f64,
    north: f64,
    scale: f64,
    left: f64,
    top: f64,
}

/// Degrees to the unit of the projection, y downwards.
fn mercator(at: Point) -> (f64, f64) {
    let lat = at.lat.clamp(-LAT_MAX, LAT_MAX).to_radians();
    (at.lon, -(std::f64::consts::FRAC_PI_4 + lat / 2.0).tan().ln().to_degrees())
}

impl Projection {
    pub(super) fn of(points: impl Iterator<Item = Point>) -> Projection {
        let (mut w, mut n, mut e, mut s) = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        for (x, y) in points.map(mercator) {
            (w, n, e, s) = (w.min(x), n.min(y), e.max(x), s.max(y));
        }
        if w > e {
            (w, n, e, s) = (0.0, 0.0, LEAST, LEAST);
        }
        let (wide, high) = ((e - w).max(LEAST), (s - n).max(LEAST));
        let scale = ((WIDTH - 2.0 * MARGIN) / wide).min((HEIGHT - 2.0 * MARGIN) / high);
        let (left, top) = ((WIDTH - (e - w) * scale) / 2.0, (HEIGHT - (s - n) * scale) / 2.0);
        Projection { west: w, north: n, scale, left, top }
    }

    /// Place on the picture, to a tenth of its unit.
    pub(super) fn at(&self, point: Point) -> (f64, f64) {
        let (x, y) = mercator(point);
        let tenth = |n: f64| (n * 10.0).round() / 10.0;
        (tenth((x - self.west) * self.scale + self.left), tenth((y - self.north) * self.scale + self.top))
    }

    /// Metres of ground that a length on the picture stands for, at this latitude.
    pub(super) fn metres(&self, length: f64, lat: f64) -> f64 {
        length / self.scale * 111_319.49 * lat.clamp(-LAT_MAX, LAT_MAX).to_radians().cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lon: f64, lat: f64) -> Point {
        Point { lon, lat }
    }

    #[test]
    fn everything_lies_in_the_picture_and_north_is_up() {
        let points = [point(115.8, 28.6), point(116.0, 28.8), point(115.9, 28.65)];
        let p = Projection::of(points.into_iter());
        for at in points {
            let (x, y) = p.at(at);
            assert!((0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y), "{x} {y}");
        }
        assert!(p.at(points[1]).1 < p.at(points[0]).1 && p.at(points[1]).0 > p.at(points[0]).0);
    }

    #[test]
    fn one_spot_none_and_the_poles_make_a_picture() {
        let one = Projection::of([point(115.9, 28.6)].into_iter());
        let (x, y) = one.at(point(115.9, 28.6));
        assert!((x - WIDTH / 2.0).abs() < 1.0 && (y - HEIGHT / 2.0).abs() < 1.0);
        assert!(Projection::of(std::iter::empty()).at(point(0.0, 0.0)).0.is_finite());
        assert!(Projection::of([point(0.0, 90.0), point(0.0, -90.0)].into_iter()).at(point(0.0, 90.0)).1.is_finite());
        assert!(!is_on_globe(&point(f64::NAN, 0.0)) && !is_on_globe(&point(181.0, 0.0)));
    }

    #[test]
    fn a_degree_of_longitude_is_shorter_further_north() {
        let p = Projection::of([point(0.0, 0.0), point(1.0, 1.0)].into_iter());
        let whole = p.at(point(1.0, 0.0)).0 - p.at(point(0.0, 0.0)).0;
        assert!((p.metres(whole, 0.0) - 111_319.0).abs() < 200.0, "{}", p.metres(whole, 0.0));
        assert!(p.metres(whole, 60.0) < 56_000.0);
    }
}
