//! Whose land a boundary of another day holds today.
//!
//! Neighbours share their lines, and two surveys never draw the same one: what only touches is nobody's land. So points are laid over the
//! old boundary, and a division of today has a share when it holds at least one in fifty of them.

use super::area;
use changzhi_cap::{Point, Ring};
use changzhi_sdk::prelude::*;

/// Points on each side of the box around a boundary.
const SIDE: u16 = 20;
/// Of so many points in the boundary one is a share.
const SHARE: usize = 50;

/// Which of these divisions have a share in what the rings enclose; those without a boundary have none.
pub(super) fn of_today(rings: &[Ring], divisions: &[EntityId]) -> Result<Vec<EntityId>, Refusal> {
    let points: Vec<Point> = points(rings);
    let mut out = Vec::new();
    for division in divisions {
        let Some(ring) = area::ring(*division)? else { continue };
        let Some((low, high)) = corners(std::slice::from_ref(&ring)) else { continue };
        let near = |p: &&Point| (low.lat..=high.lat).contains(&p.lat) && (low.lon..=high.lon).contains(&p.lon);
        let held = points.iter().filter(near).filter(|p| ring.holds(**p)).count();
        if held > 0 && held * SHARE >= points.len() {
            out.push(*division);
        }
    }
    Ok(out)
}

/// Points of a lattice that lie within the rings.
fn points(rings: &[Ring]) -> Vec<Point> {
    let Some((low, high)) = corners(rings) else { return Vec::new() };
    // In the middle of its cell: none lies on the outermost line.
    let part = |from: f64, to: f64, n: u16| from + (to - from) * (f64::from(n) + 0.5) / f64::from(SIDE);
    let all = (0..SIDE).flat_map(|x| (0..SIDE).map(move |y| (x, y)));
    let all = all.map(|(x, y)| Point { lat: part(low.lat, high.lat, y), lon: part(low.lon, high.lon, x) });
    all.filter(|p| rings.iter().any(|r| r.holds(*p))).collect()
}

fn corners(rings: &[Ring]) -> Option<(Point, Point)> {
    let mut all = rings.iter().flat_map(|r| &r.0);
    let first = *all.next()?;
    Some(all.fold((first, first), |(low, high), p| {
        let low = Point { lat: low.lat.min(p.lat), lon: low.lon.min(p.lon) };
        (low, Point { lat: high.lat.max(p.lat), lon: high.lon.max(p.lon) })
    }))
}
