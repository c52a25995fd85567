//! The tree of places: city, districts and zones, streets, communities, grids, facilities.

use super::deployment::Deployment;
use super::geometry::Rect;
use super::names::Names;
use super::rng::Rng;
use changzhi_model::{Point, Value as Model};
use serde_json::{Map, Value};

/// A place of the generated city.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    /// `division`, `grid` or `facility`
    pub kind: &'static str,
    /// Level of a division (functional zones stand on the level of districts), or what a facility is.
    pub category: &'static str,
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
    pub position: Point,
    pub extent: Option<Rect>,
}

impl Place {
    /// An entry of the host's `create-places`.
    pub fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("kind".into(), self.kind.into());
        body.insert("category".into(), self.category.into());
        body.insert("code".into(), self.code.clone().into());
        body.insert("name".into(), self.name.clone().into());
        if let Some(parent) = &self.parent {
            body.insert("parent".into(), parent.clone().into());
        }
        body.insert("position".into(), Model::Point(self.position).to_json());
        if let Some(rect) = self.extent {
            body.insert("extent".into(), rect.corners().into());
        }
        body
    }
}

const FACILITIES: [(&str, &str, usize); 4] =
    [("hospital", "医院", 16), ("school", "学校", 30), ("station", "车站", 6), ("market", "市场", 12)];

pub(super) fn generate(deployment: &Deployment, seed: u64) -> Vec<Place> {
    let mut rng = Rng::new(seed, 1);
    let city = &deployment.city;
    let whole = Rect {
        west: city.lon - city.half_width,
        east: city.lon + city.half_width,
        south: city.lat - city.half_height,
        north: city.lat + city.half_height,
    };
    let mut places = vec![division("city", city.code.clone(), city.zh.clone(), None, whole)];
    let districts: Vec<_> = deployment.districts.iter().chain(&deployment.zones).collect();
    let streets_each = rng.share(city.streets, districts.len());
    let mut communities_each = rng.share(city.communities, city.streets).into_iter();
    let mut grids_each = rng.share(city.grids, city.communities).into_iter();
    let (mut street_names, mut community_names) = (Names::new(&mut rng), Names::new(&mut rng));
    let cuts = whole.cut(districts.len(), &mut rng);
    let mut tail = Vec::new();
    for ((district, rect), streets) in districts.into_iter().zip(cuts).zip(streets_each) {
        places.push(division("district", district.code.clone(), district.zh.clone(), Some(&city.code), rect));
        for (s, rect) in rect.cut(streets, &mut rng).into_iter().enumerate() {
            let street = format!("{}{:03}", district.code, s + 1);
            let suffix = if district.zh.ends_with('县') { "镇" } else { "街道" };
            let name = street_names.next() + suffix;
            tail.push(division("street", street.clone(), name, Some(&district.code), rect));
            for (c, rect) in rect.cut(communities_each.next().unwrap_or(1), &mut rng).into_iter().enumerate() {
                let community = format!("{street}{:03}", c + 1);
                let name = community_names.next() + "社区";
                let grids = rect.cut(grids_each.next().unwrap_or(1), &mut rng);
                tail.push(division("community", community.clone(), name.clone(), Some(&street), rect));
                for (g, rect) in grids.into_iter().enumerate() {
                    tail.push(Place {
                        kind: "grid",
                        ..division(
                            "grid",
                            format!("{community}{:03}", g + 1),
                            format!("{name}第{}网格", g + 1),
                            Some(&community),
                            rect,
                        )
                    });
                }
            }
        }
    }
    places.append(&mut tail);
    facilities(&mut places, &mut rng);
    places
}

fn division(category: &'static str, code: String, name: String, parent: Option<&String>, rect: Rect) -> Place {
    Place {
        kind: "division",
        category,
        code,
        name,
        parent: parent.cloned(),
        position: rect.centre(),
        extent: Some(rect),
    }
}

fn facilities(places: &mut Vec<Place>, rng: &mut Rng) {
    let grids: Vec<Place> = places.iter().filter(|p| p.kind == "grid").cloned().collect();
    let mut names = Names::new(rng);
    for (category, suffix, count) in FACILITIES {
        for n in 0..count {
            let Some(grid) = rng.pick(&grids) else { return };
            let at = grid.extent.map_or(grid.position, |r| r.point(rng));
            places.push(Place {
                kind: "facility",
                category,
                code: format!("demo-{category}-{:02}", n + 1),
                name: names.next() + suffix,
                parent: Some(grid.code.clone()),
                position: at,
                extent: None,
            });
        }
    }
}
