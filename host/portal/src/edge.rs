//! The edge of the host, where coordinates leave WGS84: base maps of this country are drawn in GCJ-02 or BD-09.
//!
//! Nothing inside the host is ever in another datum. What is laid over such a base map is converted on its way out, what is picked
//! on one is converted on its way in, and that is all these functions are for.

mod base_map;
mod datum;

mod pmtiles;
mod tiles;

pub use base_map::{BaseMap, BaseMapError};
pub use datum::{Datum, bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02};
pub use pmtiles::{Archive, ArchiveError, TileKind};
pub(crate) use tiles::tile;
