//! Shapes on the globe in degrees of WGS84: rings, circles, and whether they hold or touch each other.
//!
//! Lines between points are straight in longitude and latitude, as CAP and GeoJSON have it; nothing here crosses the antimeridian.

use std::fmt;

/// Points of one ring whose crossings are looked for: the search is quadratic.
const CROSSINGS_MAX: usize = 2_000;
/// Metres of a degree of latitude.
const DEGREE: f64 = 111_320.0;

/// A point, latitude first as CAP writes it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    pub lat: f64,
    pub lon: f64,
}

impl Point {
    /// `None` beyond the globe.
    pub fn new(lat: f64, lon: f64) -> Option<Point> {
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)).then_some(Point { lat, lon })
    }

    /// `lat,lon`.
    pub fn parse(text: &str) -> Option<Point> {
        let (lat, lon) = text.split_once(',')?;
        Point::new(number(lat)?, number(lon)?)
    }
}

/// A decimal number; no `inf`, no `NaN`, no exponent.
fn number(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b"+-.".contains(&b));
    plain.then(|| text.parse().ok()).flatten().map(|n: f64| if n == 0.0 { 0.0 } else { n })
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.lat, self.lon)
    }
}

/// A ring: the first point is said again as the last.
#[derive(Clone, PartialEq, Debug)]
pub struct Ring(pub Vec<Point>);

impl Ring {
    /// `lat,lon lat,lon …`. Nothing is checked beyond the points themselves: see [`Ring::flaw`].
    pub fn parse(text: &str) -> Option<Ring> {
        text.split_ascii_whitespace().map(Point::parse).collect::<Option<Vec<_>>>().filter(|p| !p.is_empty()).map(Ring)
    }

    /// A rectangle of two opposite corners, or any other list of points closed when it is not.
    pub fn of_extent(points: &[Point]) -> Ring {
        if let [a, b] = points {
            let (south, north, west, east) = (a.lat.min(b.lat), a.lat.max(b.lat), a.lon.min(b.lon), a.lon.max(b.lon));
            let corner = |lat, lon| Point { lat, lon };
            return Ring(vec![
                corner(south, west),
                corner(south, east),
                corner(north, east),
                corner(north, west),
                corner(south, west),
            ]);
        }
        let mut ring = points.to_vec();
        if let (Some(first), Some(last)) = (points.first(), points.last())
            && first != last
        {
            ring.push(*first);
        }
        Ring(ring)
    }

    /// Why it is no polygon; `None` when it is one.
    pub fn flaw(&self) -> Option<&'static str> {
        if self.0.len() < 4 {
            return Some("a polygon has at least four points, the last the same as the first");
        }
        if self.0.first() != self.0.last() {
            return Some("the last point is not the same as the first");
        }
        if self.0.len() > CROSSINGS_MAX {
            return Some("a polygon of more than 2,000 points is not checked");
        }
        if self.crosses_itself() {
            return Some("the polygon crosses itself");
        }
        (self.area() == 0.0).then_some("the polygon encloses nothing")
    }

    fn sides(&self) -> impl Iterator<Item = (Point, Point)> + Clone + '_ {
        self.0.iter().copied().zip(self.0.iter().copied().skip(1))
    }

    /// Twice the signed area in square degrees: positive when it runs counter-clockwise on a map with north up.
    pub fn area(&self) -> f64 {
        self.sides().map(|(a, b)| a.lon * b.lat - b.lon * a.lat).sum()
    }

    fn crosses_itself(&self) -> bool {
        let count = self.0.len().saturating_sub(1);
        for (i, (a, b)) in self.sides().enumerate() {
            if a == b {
                return true;
            }
            for (j, (c, d)) in self.sides().enumerate().skip(i + 1) {
                let neighbours = j == i + 1 || (i == 0 && j + 1 == count);
                // Neighbours share a corner; they cross when one runs back over the other.
                let wrong = if neighbours {
                    let (far, near) = if j == i + 1 { (d, a) } else { (c, b) };
                    let (from, to) = if j == i + 1 { ((a, b), (c, d)) } else { ((c, d), (a, b)) };
                    side(from.0, from.1, to.1) == 0.0 && (between(a, b, far) || between(c, d, near))
                } else {
                    cross(a, b, c, d)
                };
                if wrong {
                    return true;
                }
            }
        }
        false
    }

    /// True inside, and on a side.
    pub fn holds(&self, at: Point) -> bool {
        let mut inside = false;
        for (a, b) in self.sides() {
            if side(a, b, at) == 0.0 && between(a, b, at) {
                return true;
            }
            if (a.lat > at.lat) != (b.lat > at.lat)
                && at.lon < (b.lon - a.lon) * (at.lat - a.lat) / (b.lat - a.lat) + a.lon
            {
                inside = !inside;
            }
        }
        inside
    }

    /// True when they share a point.
    pub fn touches(&self, other: &Ring) -> bool {
        let corner = |of: &Ring, ring: &Ring| of.0.first().is_some_and(|p| ring.holds(*p));
        corner(self, other)
            || corner(other, self)
            || self.sides().any(|(a, b)| other.sides().any(|(c, d)| cross(a, b, c, d)))
    }
}

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, point) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{point}")?;
        }
        Ok(())
    }
}

/// A centre and a radius in kilometres.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Circle {
    pub centre: Point,
    pub km: f64,
}

impl Circle {
    /// `lat,lon km`.
    pub fn parse(text: &str) -> Option<Circle> {
        let mut parts = text.split_ascii_whitespace();
        let (centre, km) = (Point::parse(parts.next()?)?, number(parts.next()?)?);
        (parts.next().is_none() && km >= 0.0).then_some(Circle { centre, km })
    }

    /// On a plane laid at its centre; good to some percent for the sizes alerts have.
    fn metres(&self, at: Point) -> (f64, f64) {
        let narrow = self.centre.lat.to_radians().cos();
        ((at.lon - self.centre.lon) * DEGREE * narrow, (at.lat - self.centre.lat) * DEGREE)
    }

    pub fn holds(&self, at: Point) -> bool {
        let (x, y) = self.metres(at);
        x.hypot(y) <= self.km * 1_000.0
    }

    /// True when they share a point.
    pub fn touches(&self, ring: &Ring) -> bool {
        ring.holds(self.centre)
            || ring.sides().any(|(a, b)| {
                let ((ax, ay), (bx, by)) = (self.metres(a), self.metres(b));
                let (dx, dy) = (bx - ax, by - ay);
                let long = dx * dx + dy * dy;
                let t = if long == 0.0 { 0.0 } else { (-(ax * dx + ay * dy) / long).clamp(0.0, 1.0) };
                (ax + t * dx).hypot(ay + t * dy) <= self.km * 1_000.0
            })
    }

    /// Its line as a ring of so many corners, counter-clockwise; a circle of nothing is a small one of ten metres.
    pub fn ring(&self, corners: u16) -> Ring {
        let narrow = self.centre.lat.to_radians().cos().max(0.01);
        let radius = (self.km * 1_000.0).max(10.0) / DEGREE;
        let at = |n: u16| {
            let turn = f64::from(n % corners.max(3)) / f64::from(corners.max(3)) * std::f64::consts::TAU;
            let (lat, lon) = (self.centre.lat + radius * turn.sin(), self.centre.lon + radius * turn.cos() / narrow);
            Point { lat: lat.clamp(-90.0, 90.0), lon: lon.clamp(-180.0, 180.0) }
        };
        Ring((0..=corners.max(3)).map(at).collect())
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.centre, self.km)
    }
}

/// Left of the line from a to b: above zero; on it: zero.
fn side(a: Point, b: Point, c: Point) -> f64 {
    (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon)
}

/// Of a point on the line: whether it lies between the two.
fn between(a: Point, b: Point, c: Point) -> bool {
    (a.lon.min(b.lon)..=a.lon.max(b.lon)).contains(&c.lon) && (a.lat.min(b.lat)..=a.lat.max(b.lat)).contains(&c.lat)
}

/// Whether two lines share a point.
fn cross(a: Point, b: Point, c: Point, d: Point) -> bool {
    let (abc, abd, cda, cdb) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
    let on = |v: f64, from, to, p| v == 0.0 && between(from, to, p);
    ((abc > 0.0) != (abd > 0.0) && (cda > 0.0) != (cdb > 0.0) && abc != 0.0 && abd != 0.0 && cda != 0.0 && cdb != 0.0)
        || on(abc, a, b, c)
        || on(abd, a, b, d)
        || on(cda, c, d, a)
        || on(cdb, c, d, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(text: &str) -> Ring {
        Ring::parse(text).unwrap()
    }

    #[test]
    fn a_polygon_is_closed_has_four_points_and_does_not_cross_itself() {
        assert_eq!(ring("0,0 0,1 1,1 1,0 0,0").flaw(), None);
        assert_eq!(ring("38.47,-120.14 38.34,-119.95 38.52,-119.74 38.62,-119.89 38.47,-120.14").flaw(), None);
        assert!(ring("0,0 0,1 1,1").flaw().unwrap().contains("four"));
        assert!(ring("0,0 0,1 1,1 1,0").flaw().unwrap().contains("first"));
        assert!(ring("0,0 1,1 0,1 1,0 0,0").flaw().unwrap().contains("crosses"), "a bow tie");
        assert!(ring("0,0 0,2 0,1 1,1 0,0").flaw().is_some(), "it runs back over its own side");
        assert!(ring("0,0 0,1 0,2 0,0").flaw().is_some(), "it encloses nothing");
        assert!(ring("0,0 0,2 1,1 2,2 2,0 1,1 0,0").flaw().is_some(), "it touches itself in a corner");
    }

    #[test]
    fn numbers_that_are_none_and_points_beyond_the_globe_do_not_read() {
        for text in
            ["", "1", "1,2,3 1", "NaN,0 1,1", "inf,0", "91,0", "0,181", "1e3,0", "0, 1", "40.85,-118.09, +40.86"]
        {
            assert_eq!(Ring::parse(text), None, "{text}");
        }
        for text in ["1,2", "1,2 -1", "1,2 3 4", "1,2 x", "91,2 3"] {
            assert_eq!(Circle::parse(text), None, "{text}");
        }
        assert!(Circle::parse("32.9525,-115.5527 0").is_some());
    }

    #[test]
    fn rings_and_circles_touch_what_they_share_a_point_with() {
        let square = ring("0,0 0,1 1,1 1,0 0,0");
        assert!(
            square.touches(&ring("0.5,0.5 0.5,2 2,2 0.5,0.5"))
                && square.touches(&ring("0.2,0.2 0.2,0.3 0.3,0.3 0.2,0.2"))
        );
        assert!(
            ring("-1,0.4 2,0.4 2,0.6 -1,0.6 -1,0.4").touches(&square),
            "a band across it holds none of its corners"
        );
        assert!(!square.touches(&ring("2,2 2,3 3,3 2,2")));
        let near = Circle::parse("0.5,1.5 60").unwrap();
        assert!(near.touches(&square) && !Circle::parse("0.5,1.5 50").unwrap().touches(&square));
        assert!(Circle::parse("0.5,0.5 0.1").unwrap().touches(&square), "a small one inside");
        assert!(near.ring(32).flaw().is_none() && near.ring(32).area() > 0.0);
    }

    #[test]
    fn an_extent_of_two_corners_is_a_rectangle() {
        let p = |lat, lon| Point { lat, lon };
        assert!(Ring::of_extent(&[p(1.0, 1.0), p(0.0, 0.0)]).holds(p(0.5, 0.5)));
        assert_eq!(Ring::of_extent(&[p(0.0, 0.0), p(0.0, 1.0), p(1.0, 1.0)]).flaw(), None);
    }
}
