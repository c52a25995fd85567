# The rules SeeClickFix's validator checks on discovery, services and definitions, and that both formats say the same.
import datetime
import json
import sys
import urllib.request
import xml.etree.ElementTree as ET

base = sys.argv[1]


def get(path):
    with urllib.request.urlopen(f"{base}/{path}") as answer:
        return answer.headers["content-type"], answer.read()


kind, body = get("discovery.xml")
assert kind == "text/xml", kind
xml = ET.fromstring(body)
kind, body = get("discovery.json")
assert kind == "application/json", kind
js = json.loads(body)
for name in ("contact", "key_service"):
    assert xml.findtext(name).strip() and xml.findtext(name) == js[name], name
past = lambda text: datetime.datetime.fromisoformat(text) < datetime.datetime.now(datetime.timezone.utc)
assert past(xml.findtext("changeset")) and past(js["changeset"])
endpoints = xml.findall("endpoints/endpoint")
assert len(endpoints) > 1 and len(endpoints) == len(js["endpoints"])
for e in endpoints:
    assert e.findtext("specification").endswith("_v2") and e.findtext("url") and past(e.findtext("changeset")) and e.findtext("type")
    assert "text/xml" in [f.text for f in e.findall("formats/format")] and len(e.findall("formats/format")) > 1
for e in js["endpoints"]:
    assert e["specification"] and e["url"] and past(e["changeset"]) and e["type"] and isinstance(e["formats"], list) and e["formats"]
    services = json.loads(urllib.request.urlopen(e["url"] + "/services.json").read())
    assert isinstance(services, list) and services and all(s["service_code"] for s in services)
tree = ET.fromstring(get("services.xml")[1])
assert tree.tag == "services" and [s.findtext("service_code") for s in tree] == [s["service_code"] for s in services]
for s in services:
    assert isinstance(s["metadata"], bool) and s["type"] == "realtime"
    if s["metadata"]:
        definition = ET.fromstring(get(f"services/{s['service_code']}.xml")[1])
        assert definition.tag == "service_definition" and definition.find("attributes/attribute") is not None
requests = ET.fromstring(get("requests.xml?page_size=5")[1])
assert requests.tag == "service_requests" and all(r.tag == "request" for r in requests)
same = json.loads(get("requests.json?page_size=5")[1])
assert [r.findtext("service_request_id") for r in requests] == [r["service_request_id"] for r in same]
for r, j in zip(requests, same):
    for name, value in j.items():
        assert (r.findtext(name) or "") == ("" if value is None else str(value)) or isinstance(value, float), (name, value)
print("rules ok")
