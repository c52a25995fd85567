//! The same tree as data, at the page's own address.

use super::*;

fn ask(h: &Host, cookie: &str, path: &str, accept: &str) -> Reply {
    h.send("GET", path, &[("Cookie", cookie), ("Accept", accept)], b"")
}

#[test]
fn asked_for_json_the_page_is_the_same_bytes_as_the_api() {
    let h = host();
    let cookie = h.browser("li");
    show(&h, table("t", &["a"], vec![vec![words("x")]], None));
    let page = ask(&h, &cookie, "/p/desk/list?lang=en&_profile=wall", "application/json");
    let api = h.api("GET", "/api/v1/desk/list", &[], b"");
    assert_eq!((page.status, &page.body), (200, &api.body));
    assert_eq!(page.header("etag"), api.header("etag"));
    assert!(page.header("vary").is_some_and(|v| v.contains("accept")), "{}", page.head);
    let again = h.send(
        "GET",
        "/p/desk/list",
        &[("Cookie", &cookie), ("Accept", "application/json"), ("If-None-Match", &page.header("etag").unwrap())],
        b"",
    );
    assert_eq!(again.status, 304);
    assert_eq!(ask(&h, "", "/p/desk/list", "application/json").status, 401);
    assert_eq!(
        ask(&h, &cookie, "/p/desk/none", "application/json").header("content-type").as_deref(),
        Some("application/problem+json")
    );
    assert_eq!(ask(&h, &cookie, "/p/desk/private", "application/json").status, 422);
    assert_eq!(ask(&h, &cookie, "/p/desk/private?_purpose=mediation", "application/json").status, 200);
    assert!(ask(&h, &cookie, "/p/desk/list", "text/html,application/json").body.starts_with("<!DOCTYPE html>"));
    h.stop();
}

#[test]
fn asked_for_geojson_it_is_what_stands_on_its_maps() {
    let h = host();
    let cookie = h.browser("li");
    let spot = Spot {
        key: "9".into(),
        at: Point { lon: 115.9, lat: 28.6 },
        label: plain("<b>"),
        open: Some(call("list", vec![])),
    };
    let off = Spot { key: "10".into(), at: Point { lon: 200.0, lat: 28.6 }, label: plain("off"), open: None };
    show(
        &h,
        vec![
            section("s", 1),
            node("m", 3, NodeKind::Map),
            node(
                "l",
                0,
                NodeKind::Layer(Layer {
                    label: plain("l"),
                    shape: "pin".into(),
                    token: "good".into(),
                    points: vec![spot, off],
                }),
            ),
            other("a", 0, "area", "g", vec![arg("ring", text("1,1 2,1 2,2")), arg("level", Value::Int(3))]),
            other("t", 0, "track", "r", vec![arg("of", text("route")), arg("line", text("1,1 2,2"))]),
        ],
    );
    let r = ask(&h, &cookie, "/p/desk/list", "application/geo+json");
    assert_eq!(r.header("content-type").as_deref(), Some("application/geo+json"));
    let json = r.json();
    let features = json["features"].as_array().unwrap();
    assert_eq!(features.len(), 3, "{json}");
    let area = features.iter().find(|f| f["properties"]["kind"] == "area").unwrap();
    assert_eq!(area["geometry"]["coordinates"][0].as_array().unwrap().len(), 4, "a ring is closed");
    let point = features.iter().find(|f| f["properties"]["kind"] == "spot").unwrap();
    assert_eq!(
        (&point["geometry"]["coordinates"][0], &point["properties"]["open"]),
        (&serde_json::json!(115.9), &serde_json::json!("/p/desk/list"))
    );
    h.stop();
}

#[test]
fn another_datum_is_met_at_the_edge_only() {
    use changzhi_portal::edge::{BaseMap, Datum};
    let base = BaseMap::new("/tiles/{z}/{x}/{y}.png", Datum::Gcj02, "a < b", 18).unwrap();
    let h = Host::start(PortalOptions { base_map: Some(base), ..PortalOptions::default() });
    let cookie = h.browser("li");
    let spot = Spot { key: "9".into(), at: Point { lon: 115.9, lat: 28.6 }, label: plain("s"), open: None };
    show(
        &h,
        vec![
            node("m", 1, NodeKind::Map),
            node(
                "l",
                0,
                NodeKind::Layer(Layer {
                    label: plain("l"),
                    shape: "pin".into(),
                    token: "good".into(),
                    points: vec![spot],
                }),
            ),
        ],
    );
    let page = get(&h, &cookie, "/p/desk/list").body;
    assert_eq!(
        count(&page, "gov-map[data-tiles='/tiles/{z}/{x}/{y}.png'][data-datum=gcj02][data-attribution='a < b']"),
        1,
        "{page}"
    );
    assert!(page.contains("115.90000, 28.60000"), "the list stays in WGS84");
    let at = |path: &str| {
        ask(&h, &cookie, path, "application/geo+json").json()["features"][0]["geometry"]["coordinates"].clone()
    };
    assert_eq!(at("/p/desk/list"), serde_json::json!([115.9, 28.6]));
    let shifted = at("/p/desk/list?_datum=gcj02");
    let (lon, lat) = (shifted[0].as_f64().unwrap(), shifted[1].as_f64().unwrap());
    let back = Datum::Gcj02.back(lon, lat);
    assert!(lon > 115.903 && (back.0 - 115.9).abs() < 1e-6 && (back.1 - 28.6).abs() < 1e-6, "{shifted}");
    assert_eq!(at("/p/desk/list?_datum=mars"), serde_json::json!([115.9, 28.6]));
    h.stop();
}
