//! Where things are: a grid of cells of a hundredth of a degree (about a kilometre).
//!
//! Price: 4 bytes an entity with a position and 32 a cell in use; a tree of points would cost ten times that.

use super::Touch;
use bevy_ecs::prelude::Resource;
use changzhi_model::Point;
use hashbrown::HashMap;

const PER_DEGREE: f64 = 100.0;
const AROUND: i32 = 36_000;
/// Metres in one degree of latitude, a little less than on the sphere, so that a box never misses a hit.
const DEGREE_METRES: f64 = 111_000.0;

#[derive(Resource, Default)]
pub(crate) struct Cells {
    cells: HashMap<(i32, i32), Vec<u32>>,
}

fn cell(p: Point) -> (i32, i32) {
    let lon = ((p.lon + 180.0) * PER_DEGREE).floor() as i32;
    (lon.rem_euclid(AROUND), ((p.lat + 90.0) * PER_DEGREE).floor() as i32)
}

impl Cells {
    pub fn note(&mut self, touch: &Touch) {
        let old = touch.before.and_then(|(_, position)| position);
        if old == touch.position {
            return;
        }
        if let Some(p) = old {
            let key = cell(p);
            if let Some(ids) = self.cells.get_mut(&key) {
                ids.retain(|id| *id != touch.after.id);
                if ids.is_empty() {
                    self.cells.remove(&key);
                }
            }
        }
        if let Some(p) = touch.position {
            self.add(touch.after.id, p);
        }
    }

    pub fn add(&mut self, id: u32, at: Point) {
        self.cells.entry(cell(at)).or_default().push(id);
    }

    /// Every id that may be within `metres` of `center`; others may be among them.
    pub fn around(&self, center: Point, metres: f64, mut visit: impl FnMut(u32)) {
        let dlat = metres / DEGREE_METRES + 0.001;
        let top = (center.lat.abs() + dlat).min(90.0).to_radians().cos();
        let dlon = if top < 0.001 { 360.0 } else { dlat / top };
        let (low, high) = ((center.lat - dlat).max(-90.0), (center.lat + dlat).min(90.0));
        let wide = dlon >= 179.0;
        let (from, upto) = (cell(Point { lon: center.lon, lat: low }).1, cell(Point { lon: center.lon, lat: high }).1);
        let west = ((center.lon - dlon + 180.0) * PER_DEGREE).floor() as i64;
        let east = ((center.lon + dlon + 180.0) * PER_DEGREE).floor() as i64;
        let boxed = if wide { i64::MAX } else { (east - west + 1).saturating_mul(i64::from(upto - from + 1)) };
        if boxed > self.cells.len() as i64 {
            self.cells.values().flatten().for_each(|id| visit(*id));
            return;
        }
        for lon in west..=east {
            let lon = lon.rem_euclid(i64::from(AROUND)) as i32;
            for lat in from..=upto {
                self.cells.get(&(lon, lat)).into_iter().flatten().for_each(|id| visit(*id));
            }
        }
    }
}
