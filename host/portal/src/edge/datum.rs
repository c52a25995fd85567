//! WGS84, GCJ-02 and BD-09, by the formulas that circulate since 2013 (eviltransform, coordtransform: the same constants).
//!
//! GCJ-02 shifts points within a box around mainland China by a few hundred metres; outside it nothing is shifted. There is no
//! closed inverse: it is found by repeated correction, to better than a centimetre.

/// A datum a base map may be drawn in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Datum {
    #[default]
    Wgs84,
    Gcj02,
    Bd09,
}

impl Datum {
    /// As settings write it.
    pub fn of(word: &str) -> Option<Datum> {
        match word {
            "wgs84" => Some(Datum::Wgs84),
            "gcj02" => Some(Datum::Gcj02),
            "bd09" => Some(Datum::Bd09),
            _ => None,
        }
    }

    /// As settings write it.
    pub const fn word(self) -> &'static str {
        match self {
            Datum::Wgs84 => "wgs84",
            Datum::Gcj02 => "gcj02",
            Datum::Bd09 => "bd09",
        }
    }

    /// Longitude and latitude in this datum of a point in WGS84.
    pub fn out(self, lon: f64, lat: f64) -> (f64, f64) {
        match self {
            Datum::Wgs84 => (lon, lat),
            Datum::Gcj02 => wgs84_to_gcj02(lon, lat),
            Datum::Bd09 => wgs84_to_bd09(lon, lat),
        }
    }

    /// Longitude and latitude in WGS84 of a point in this datum.
    pub fn back(self, lon: f64, lat: f64) -> (f64, f64) {
        match self {
            Datum::Wgs84 => (lon, lat),
            Datum::Gcj02 => gcj02_to_wgs84(lon, lat),
            Datum::Bd09 => bd09_to_wgs84(lon, lat),
        }
    }
}

/// Krasovsky 1940: semi-major axis in metres, and eccentricity squared.
const A: f64 = 6_378_245.0;
const EE: f64 = 0.006_693_421_622_965_943;
const X_PI: f64 = std::f64::consts::PI * 3_000.0 / 180.0;

fn outside(lon: f64, lat: f64) -> bool {
    !(72.004..=137.8347).contains(&lon) || !(0.8293..=55.8271).contains(&lat)
}

fn shift(lon: f64, lat: f64) -> (f64, f64) {
    use std::f64::consts::PI;
    let (x, y) = (lon - 105.0, lat - 35.0);
    let both = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let mut d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt() + both;
    d_lat += (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0;
    d_lat += (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let mut d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt() + both;
    d_lon += (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0;
    d_lon += (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let rad = lat.to_radians();
    let magic = 1.0 - EE * rad.sin() * rad.sin();
    let root = magic.sqrt();
    let d_lat = (d_lat * 180.0) / ((A * (1.0 - EE)) / (magic * root) * PI);
    let d_lon = (d_lon * 180.0) / (A / root * rad.cos() * PI);
    (d_lon, d_lat)
}

pub fn wgs84_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    if outside(lon, lat) {
        return (lon, lat);
    }
    let (x, y) = shift(lon, lat);
    (lon + x, lat + y)
}

pub fn gcj02_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    if outside(lon, lat) {
        return (lon, lat);
    }
    let (mut x, mut y) = (lon, lat);
    for _ in 0..10 {
        let (gx, gy) = wgs84_to_gcj02(x, y);
        let (dx, dy) = (gx - lon, gy - lat);
        if dx.abs() < 1e-9 && dy.abs() < 1e-9 {
            break;
        }
        (x, y) = (x - dx, y - dy);
    }
    (x, y)
}

fn gcj02_to_bd09(lon: f64, lat: f64) -> (f64, f64) {
    let z = lon.hypot(lat) + 0.000_02 * (lat * X_PI).sin();
    let theta = lat.atan2(lon) + 0.000_003 * (lon * X_PI).cos();
    (z * theta.cos() + 0.006_5, z * theta.sin() + 0.006)
}

fn bd09_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    let (mut x, mut y) = (lon - 0.006_5, lat - 0.006);
    for _ in 0..10 {
        let (bx, by) = gcj02_to_bd09(x, y);
        (x, y) = (x - (bx - lon), y - (by - lat));
    }
    (x, y)
}

pub fn wgs84_to_bd09(lon: f64, lat: f64) -> (f64, f64) {
    if outside(lon, lat) {
        return (lon, lat);
    }
    let (x, y) = wgs84_to_gcj02(lon, lat);
    gcj02_to_bd09(x, y)
}

pub fn bd09_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    if outside(lon, lat) {
        return (lon, lat);
    }
    let (x, y) = bd09_to_gcj02(lon, lat);
    gcj02_to_wgs84(x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Degrees of a tenth of a metre, about.
    const NEAR: f64 = 1e-6;

    fn near(a: (f64, f64), b: (f64, f64)) -> bool {
        (a.0 - b.0).abs() < NEAR && (a.1 - b.1).abs() < NEAR
    }

    #[test]
    fn known_points_come_out_as_published() {
        // The test points of eviltransform: Shanghai, Shenzhen, Beijing; WGS84 and GCJ-02.
        let known = [
            ((121.527_210_6, 31.177_427_6), (121.531_541_859, 31.175_303_984)),
            ((113.912_316, 22.543_847), (113.917_176_481, 22.540_796_132)),
            ((116.377_817, 39.911_954), (116.384_047_225, 39.913_345_455)),
        ];
        for (wgs, gcj) in known {
            let out = wgs84_to_gcj02(wgs.0, wgs.1);
            assert!((out.0 - gcj.0).abs() < 1e-5 && (out.1 - gcj.1).abs() < 1e-5, "{out:?} {gcj:?}");
        }
        // coordtransform's example: BD-09 116.404, 39.915 is GCJ-02 116.39762729, 39.90865674.
        let at = bd09_to_gcj02(116.404, 39.915);
        assert!((at.0 - 116.397_627_29).abs() < 2e-5 && (at.1 - 39.908_656_74).abs() < 2e-5, "{at:?}");
    }

    #[test]
    fn there_and_back_is_the_same_place_all_over_the_country() {
        for lon in [74.5, 87.6, 104.06, 113.3, 115.89, 121.47, 134.0] {
            for lat in [18.3, 23.1, 28.68, 31.2, 39.9, 45.8, 53.0] {
                for datum in [Datum::Wgs84, Datum::Gcj02, Datum::Bd09] {
                    let (x, y) = datum.out(lon, lat);
                    assert!(near(datum.back(x, y), (lon, lat)), "{datum:?} {lon} {lat}");
                    assert!(datum == Datum::Wgs84 || (x, y) != (lon, lat));
                }
            }
        }
    }

    #[test]
    fn outside_the_country_nothing_is_shifted() {
        for at in [(-0.1276, 51.5072), (139.6917, 35.6895), (151.2, -33.9)] {
            assert_eq!(wgs84_to_gcj02(at.0, at.1), at);
            assert_eq!(bd09_to_wgs84(at.0, at.1), at);
        }
    }
}
