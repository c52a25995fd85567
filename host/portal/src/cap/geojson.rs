//! One message as GeoJSON (RFC 7946): longitude first, outer rings counter-clockwise, WGS84, with its bounding box.
//!
//! Each area is a feature. A circle is a ring of 64 corners with its centre and radius beside it, one of radius 0 a point; an area that
//! is only named by codes has no geometry, which says that it is somewhere and not where.

use changzhi_cap::{Alert, Area, Circle, Info, Point, Ring};
use serde_json::{Map, Value as Json, json};

const CORNERS: u16 = 64;

pub(super) fn document(alert: &Alert) -> Json {
    let mut all: Vec<Point> = Vec::new();
    let mut features = Vec::new();
    if let Some(info) = alert.infos.first() {
        for (n, area) in info.areas.iter().enumerate() {
            let english = alert.infos.iter().skip(1).find(|i| i.language.starts_with("en"));
            features.push(feature(alert, info, english, area, n, &mut all));
        }
    }
    let bounds = |of: fn(&Point) -> f64| {
        let values = || all.iter().map(of);
        (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
    };
    if all.is_empty() {
        return json!({"type": "FeatureCollection", "features": features});
    }
    let ((west, east), (south, north)) = (bounds(|p| p.lon), bounds(|p| p.lat));
    json!({"type": "FeatureCollection", "features": features, "bbox": [west, south, east, north]})
}

fn feature(alert: &Alert, info: &Info, english: Option<&Info>, area: &Area, n: usize, all: &mut Vec<Point>) -> Json {
    let mut shapes: Vec<Json> = Vec::new();
    let mut polygons: Vec<Json> = Vec::new();
    for ring in area.polygons.iter().cloned().chain(drawn(&area.circles)) {
        all.extend(&ring.0);
        polygons.push(json!([outer(&ring)]));
    }
    for circle in area.circles.iter().filter(|c| c.km == 0.0) {
        all.push(circle.centre);
        shapes.push(json!({"type": "Point", "coordinates": [circle.centre.lon, circle.centre.lat]}));
    }
    match polygons.len() {
        0 => {}
        1 => shapes.push(json!({"type": "Polygon", "coordinates": polygons.pop()})),
        _ => shapes.push(json!({"type": "MultiPolygon", "coordinates": polygons})),
    }
    let geometry = match shapes.len() {
        0 => Json::Null,
        1 => shapes.pop().unwrap_or(Json::Null),
        _ => json!({"type": "GeometryCollection", "geometries": shapes}),
    };
    let codes: Vec<Json> =
        area.geocodes.iter().map(|pair| json!({"valueName": pair.name, "value": pair.value})).collect();
    let circles: Vec<Json> =
        area.circles.iter().map(|c| json!({"center": [c.centre.lon, c.centre.lat], "km": c.km})).collect();
    let mut said: Map<String, Json> = Map::new();
    let mut put = |name: &str, value: Option<String>| drop(said.insert(name.to_owned(), json!(value)));
    put("identifier", Some(alert.identifier.clone()));
    put("sender", Some(alert.sender.clone()));
    put("sent", Some(alert.sent.to_string()));
    put("status", Some(alert.status.to_string()));
    put("msgType", Some(alert.message.to_string()));
    put("event", Some(info.event.clone()));
    put("urgency", Some(info.urgency.to_string()));
    put("severity", Some(info.severity.to_string()));
    put("certainty", Some(info.certainty.to_string()));
    put("colour", changzhi_cap::Colour::of(info.severity).map(|c| c.name.to_owned()));
    put("onset", info.onset.map(|m| m.to_string()));
    put("expires", info.expires.map(|m| m.to_string()));
    put("headline", info.headline.clone());
    put("headlineEn", english.and_then(|i| i.headline.clone()));
    put("areaDesc", Some(area.desc.clone()));
    said.insert("geocodes".into(), Json::Array(codes));
    said.insert("circles".into(), Json::Array(circles));
    json!({"type": "Feature", "id": format!("{}#{}", alert.identifier, n + 1), "geometry": geometry, "properties": said})
}

fn drawn(circles: &[Circle]) -> impl Iterator<Item = Ring> + '_ {
    circles.iter().filter(|c| c.km > 0.0).map(|c| c.ring(CORNERS))
}

/// Counter-clockwise, longitude first.
fn outer(ring: &Ring) -> Vec<[f64; 2]> {
    let mut points: Vec<[f64; 2]> = ring.0.iter().map(|p| [p.lon, p.lat]).collect();
    if ring.area() < 0.0 {
        points.reverse();
    }
    points
}
