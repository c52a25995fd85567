# Every JSON answer against the published schemas: base address, API token, folder of the schemas.
import json
import sys
import urllib.request
from pathlib import Path

import jsonschema

base, _, folder = sys.argv[1:4]
schema = lambda name: json.loads((Path(folder) / f"schema_{name}.json").read_text())


def get(path):
    with urllib.request.urlopen(f"{base}/{path}") as answer:
        return json.loads(answer.read())


services = get("services.json")
for service in services:
    jsonschema.validate(service, schema("service"))
    jsonschema.validate(get(f"services/{service['service_code']}.json"), schema("service-definition"))
requests = get("requests.json?page_size=200&start_date=2020-01-01T00:00:00Z&end_date=2036-01-01T00:00:00Z")
assert len(requests) == 200
for request in requests:
    jsonschema.validate(request, schema("request"), format_checker=jsonschema.FormatChecker())
# The same fields as a city's own answer has.
sample = (Path(folder) / "requests_single.xml").read_text()
for name in requests[0]:
    assert name in ("address_id",) or f"<{name}" in sample, name
print("schemas ok:", len(services), "services,", len(requests), "requests")
