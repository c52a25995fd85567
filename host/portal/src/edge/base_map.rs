//! A base map under our own layers, if the deployment has one.

use super::{Archive, Datum};

/// Raster tiles of an address of this host's own, mostly forwarded by the proxy before it: the pages' policy lets nothing be loaded
/// from elsewhere, and a tile server of somebody else's would learn where our people look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaseMap {
    tiles: String,
    datum: Datum,
    attribution: String,
    max_zoom: u8,
    /// Layers of vector tiles; none of pictures.
    layers: Vec<String>,
}

/// Where the tiles of an archive of the host's own are.
const TILES: &str = "/tiles/{z}/{x}/{y}";

/// A base map that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BaseMapError {
    #[error("{0}: write a path on this host with {{z}}, {{x}} and {{y}} in it, such as /tiles/{{z}}/{{x}}/{{y}}.png")]
    Tiles(String),
    #[error("a zoom of {0}: write one from 1 to 22")]
    Zoom(u8),
}

impl BaseMap {
    /// # Errors
    /// When the tiles are not at a path of this host, or the zoom is out of its range.
    pub fn new(tiles: &str, datum: Datum, attribution: &str, max_zoom: u8) -> Result<BaseMap, BaseMapError> {
        let own = tiles.starts_with('/') && !tiles.starts_with("//") && !tiles.contains(['\\', ' ']);
        if !own || !["{z}", "{x}", "{y}"].iter().all(|part| tiles.contains(part)) {
            return Err(BaseMapError::Tiles(tiles.to_owned()));
        }
        if !(1..=22).contains(&max_zoom) {
            return Err(BaseMapError::Zoom(max_zoom));
        }
        Ok(BaseMap {
            tiles: tiles.to_owned(),
            datum,
            attribution: attribution.to_owned(),
            max_zoom,
            layers: Vec::new(),
        })
    }

    /// Tiles the host serves itself, from a local archive.
    pub fn of_archive(archive: &Archive, datum: Datum, attribution: &str) -> BaseMap {
        BaseMap {
            tiles: TILES.to_owned(),
            datum,
            attribution: attribution.to_owned(),
            max_zoom: archive.max_zoom,
            layers: archive.layers().to_vec(),
        }
    }

    /// Layers of vector tiles, split by spaces; `None`: the tiles are pictures.
    pub fn vector(&self) -> Option<String> {
        (!self.layers.is_empty()).then(|| self.layers.join(" "))
    }

    pub fn tiles(&self) -> &str {
        &self.tiles
    }

    pub const fn datum(&self) -> Datum {
        self.datum
    }

    pub fn attribution(&self) -> &str {
        &self.attribution
    }

    pub const fn max_zoom(&self) -> u8 {
        self.max_zoom
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_come_from_this_host_only() {
        let good = BaseMap::new("/tiles/{z}/{x}/{y}.png", Datum::Gcj02, "©", 18).unwrap();
        assert_eq!((good.tiles(), good.datum(), good.max_zoom()), ("/tiles/{z}/{x}/{y}.png", Datum::Gcj02, 18));
        for evil in [
            "https://tiles.example/{z}/{x}/{y}.png",
            "//tiles.example/{z}/{x}/{y}",
            "/tiles/{z}/{x}.png",
            "tiles/{z}{x}{y}",
            "",
        ] {
            assert!(matches!(BaseMap::new(evil, Datum::Wgs84, "", 18), Err(BaseMapError::Tiles(_))), "{evil}");
        }
        assert_eq!(BaseMap::new("/{z}{x}{y}", Datum::Wgs84, "", 0), Err(BaseMapError::Zoom(0)));
    }
}
