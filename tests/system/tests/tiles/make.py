# An archive of vector tiles, written by the format's own authors' library: file to write. Prints what each tile must come back as.
import gzip, hashlib, json, sys

import mapbox_vector_tile
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

DEPTH = 7  # 21,845 tiles: more than the first folder of an archive holds


def name(z, x, y):
    """Long for some and short for others: tiles of one length would fit into the first folder."""
    digest = hashlib.sha256(f"{z}/{x}/{y}".encode()).hexdigest()
    return digest[: int(digest[:2], 16) % 60]


def content(z, x, y):
    ring = [[(0, 0), (4096, 0), (4096, 4096), (0, 4096), (0, 0)]]
    land = {"name": "land", "features": [{"geometry": {"type": "Polygon", "coordinates": ring}, "properties": {"is": name(z, x, y)}}]}
    way = {"type": "LineString", "coordinates": [(x % 4096, 0), (4096, y % 4096)]}
    return mapbox_vector_tile.encode([land, {"name": "roads", "features": [{"geometry": way, "properties": {}}]}])


with open(sys.argv[1], "wb") as file:
    writer, told = Writer(file), {}
    every = [(z, x, y) for z in range(DEPTH + 1) for x in range(2**z) for y in range(2**z)]
    for z, x, y in sorted(every, key=lambda t: zxy_to_tileid(*t)):
        tile = content(z, x, y)
        told[f"{z}/{x}/{y}"] = hashlib.sha256(tile).hexdigest()
        writer.write_tile(zxy_to_tileid(z, x, y), gzip.compress(tile, mtime=0))
    layers = [{"id": "land", "fields": {}}, {"id": "roads", "fields": {}}]
    writer.finalize(
        {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_zoom": 0,
            "max_zoom": DEPTH,
            "min_lon_e7": -1800000000,
            "min_lat_e7": -850000000,
            "max_lon_e7": 1800000000,
            "max_lat_e7": 850000000,
            "center_zoom": 3,
            "center_lon_e7": 1158900000,
            "center_lat_e7": 286800000,
        },
        {"vector_layers": layers, "name": "test"},
    )
print(json.dumps(told))
