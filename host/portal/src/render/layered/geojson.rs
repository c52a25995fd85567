//! What is on the maps of a page, as GeoJSON (RFC 7946, WGS84): for the interactive map and for other programs.

use super::{Content, project};
use crate::edge::Datum;
use crate::render::Painter;
use crate::render::tree::{self, Twig};
use crate::shape::{NodeKind, Page, Point};
use serde_json::{Value as Json, json};

/// One collection for a page; each feature says which map it is on. `_datum` in the address asks for the datum of a base map: the
/// only place where coordinates leave WGS84.
pub(crate) fn of(p: &Painter<'_>, page: &Page) -> Json {
    let mut features = Vec::new();
    collect(p, &tree::of(&page.nodes), &mut features);
    json!({"type": "FeatureCollection", "features": features})
}

fn collect(p: &Painter<'_>, twigs: &[Twig<'_>], out: &mut Vec<Json>) {
    for twig in twigs.iter().filter(|t| t.beyond.is_none()) {
        if matches!(twig.node.kind, NodeKind::Map) {
            map(p, twig, out);
        } else {
            collect(p, &twig.under, out);
        }
    }
}

fn map(p: &Painter<'_>, twig: &Twig<'_>, out: &mut Vec<Json>) {
    let id = twig.html_id();
    let c = Content::of(twig);
    let datum = p.here.value("_datum").and_then(Datum::of).unwrap_or_default();
    let place = |at: &Point| {
        let (lon, lat) = datum.out(at.lon, at.lat);
        json!([lon, lat])
    };
    for a in &c.areas {
        let mut ring: Vec<Json> = a.ring.iter().map(place).collect();
        if ring.first() != ring.last() {
            ring.extend(ring.first().cloned());
        }
        let open = a.open.as_ref().map(|call| p.view_address(call));
        out.push(json!({
            "type": "Feature", "id": a.key, "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"map": id, "kind": "area", "name": p.text(a.label), "level": a.level, "value": a.value, "open": open},
        }));
    }
    for t in &c.tracks {
        let line: Vec<Json> = t.line.iter().map(place).collect();
        out.push(json!({
            "type": "Feature", "id": t.key, "geometry": {"type": "LineString", "coordinates": line},
            "properties": {"map": id, "kind": "track", "name": p.text(t.label), "of": t.of},
        }));
    }
    for (n, l) in c.layers.iter().enumerate() {
        let name = p.text(&l.label);
        for s in l.points.iter().filter(|s| project::is_on_globe(&s.at)) {
            let open = s.open.as_ref().map(|call| p.view_address(call));
            out.push(json!({
                "type": "Feature", "id": s.key, "geometry": {"type": "Point", "coordinates": place(&s.at)},
                "properties": {"map": id, "kind": "spot", "layer": n, "layer-name": name, "shape": l.shape, "token": l.token,
                    "name": p.text(&s.label), "open": open},
            }));
        }
    }
}
