//! Grids for a source that has points and no grids: cells of a lattice over the globe.
//!
//! Contract: a point is in exactly one cell, the same in every run. Cells are `metres` high and, at their own latitude,
//! about as wide. They are centres without extents, so that a deployment's own grids, which have extents, come before them.

use changzhi_model::Point;

/// Metres of a degree of latitude on a sphere of the earth's mean radius, 6,371,008.8 m (IUGG).
const DEGREE: f64 = 111_195.08;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Cell {
    pub row: i64,
    pub column: i64,
    pub centre: Point,
}

pub(super) fn cell(at: Point, metres: u32) -> Cell {
    let high = f64::from(metres) / DEGREE;
    let row = (at.lat / high).floor();
    let lat = (row + 0.5) * high;
    // Near a pole a cell is as wide as a hundredth of the equator allows: nobody lives there.
    let wide = high / lat.to_radians().cos().max(0.01);
    let column = (at.lon / wide).floor();
    let round = |degrees: f64, most: f64| ((degrees * 1e6).round() / 1e6).clamp(-most, most);
    let centre = Point { lon: round((column + 0.5) * wide, 180.0), lat: round(lat, 90.0) };
    Cell { row: row as i64, column: column as i64, centre }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_point_is_within_a_cells_half_diagonal_of_its_centre_and_the_centre_is_in_the_cell(
            lon in -179.0f64..179.0, lat in -80.0f64..80.0, metres in 100u32..10_000,
        ) {
            let at = Point { lon, lat };
            let here = cell(at, metres);
            // A cell narrows towards the pole: its wider edge may be as much as its height further from the pole.
            let slack = 1.0 + f64::from(metres) / DEGREE;
            let half = f64::from(metres) / 2.0 * std::f64::consts::SQRT_2 * slack;
            prop_assert!(at.metres_to(here.centre) <= half * 1.01, "{} m of {half}", at.metres_to(here.centre));
            let again = cell(here.centre, metres);
            prop_assert_eq!((again.row, again.column), (here.row, here.column));
        }
    }
}
