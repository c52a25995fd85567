# The index and the messages as others read them: feedparser, cap-tools, capparselib; what was served against the schema.
# Arguments: base address, schema of CAP 1.2 (or "-"), identifiers of the chain, oldest first.
import json
import logging
import sys
import urllib.error
import urllib.request

import feedparser
from cap_tools import AlertState
from cap_tools.models import Alert, MsgType, Reference, Severity, Status
from capparselib.parsers import CAPParser
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer

logging.disable(logging.INFO)
base, schema, chain = sys.argv[1], sys.argv[2], sys.argv[3:]


def get(path):
    with urllib.request.urlopen(f"{base}{path}") as answer:
        return answer.headers["content-type"], answer.read()


kind, atom = get("/cap/index.atom")
assert kind == "application/atom+xml; charset=utf-8", kind
feed = feedparser.parse(atom)
assert not feed.bozo and feed.version == "atom10", feed
assert feed.feed.id and feed.feed.title and feed.feed.updated and feed.feed.author
sent = [e.updated_parsed for e in feed.entries]
assert sent == sorted(sent, reverse=True), sent
assert feed.feed.updated_parsed == sent[0]
links = {l.type: l.href for e in feed.entries for l in e.links if e.id.endswith(f"/{chain[-1]}.xml")}
assert set(links) == {"application/cap+xml", "application/geo+json"}, links
assert links["application/cap+xml"] == f"{base}/cap/{chain[-1]}.xml"
print("feedparser:", len(feed.entries), "entries")

xsd = etree.XMLSchema(etree.parse(schema)) if schema != "-" else None
state, alerts = AlertState(), []
for identifier in chain:
    kind, body = get(f"/cap/{identifier}.xml")
    assert kind == "application/cap+xml; charset=utf-8", kind
    if xsd:
        xsd.assertValid(etree.fromstring(body))
    alert = XmlParser().from_bytes(body, Alert)
    assert alert.identifier == identifier
    # What it writes of ours, it reads as the same.
    again = XmlParser().from_string(XmlSerializer().render(alert), Alert)
    assert again == alert
    alerts.append(alert)
    parsed = CAPParser(body.decode("utf-8")).as_dict()
    assert len(parsed) == 1 and str(parsed[0]["cap_id"]) == identifier and parsed[0]["cap_scope"] == "Public"
    infos = parsed[0]["cap_info"]
    assert [str(i["cap_language"]) for i in infos] == ["zh-CN", "en"], infos
    area = infos[0]["cap_area"][0]
    assert str(area["geocodes"][0]["valueName"]) == "CPEAS Geographic Code" and area["polygons"], area
print("cap-tools, capparselib:", len(chain), "messages", "valid by the schema" if xsd else "(no schema)")

first, update, cancel = alerts
assert [a.msg_type for a in alerts] == [MsgType.ALERT, MsgType.UPDATE, MsgType.CANCEL]
assert all(a.status == Status.ACTUAL for a in alerts)
assert first.infos[0].severity == Severity.EXTREME and update.infos[0].severity == Severity.SEVERE
state.ingest(first)
state.ingest(update)
assert [a.identifier for a in state.alerts] == [update.identifier]
# Every message of the chain, so that who missed the update does not go on warning. (AlertState.ingest wants to know each of them.)
assert cancel.references_to_list() == [Reference.from_alert(update), Reference.from_alert(first)]

kind, body = get(f"/cap/{chain[0]}.geojson")
assert kind == "application/geo+json", kind
geo = json.loads(body)
ring = geo["features"][0]["geometry"]["coordinates"][0]
west, south, east, north = geo["bbox"]
assert ring[0] == ring[-1] and all(west <= x <= east and south <= y <= north for x, y in ring)
assert sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:])) > 0, "counter-clockwise"
assert 115 < west < east < 117 and 28 < south < north < 30, geo["bbox"]
print("geojson ok")

# Whoever has it already is told so without the bytes.
for path in ("/cap/index.atom", f"/cap/{chain[0]}.xml", f"/cap/{chain[0]}.geojson"):
    with urllib.request.urlopen(f"{base}{path}") as answer:
        tag, cache = answer.headers["etag"], answer.headers["cache-control"]
    assert tag and cache == "public, max-age=30", (tag, cache)
    try:
        urllib.request.urlopen(urllib.request.Request(f"{base}{path}", headers={"If-None-Match": tag}))
        raise AssertionError(path)
    except urllib.error.HTTPError as told:
        assert told.code == 304 and told.read() == b"" and told.headers["etag"] == tag, path
print("etags ok")
