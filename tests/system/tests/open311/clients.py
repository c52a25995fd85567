# Two published clients against the city: base address, API token.
import itertools
import sys

itertools.ifilter = filter  # three was written for Python 2

from georeport import GeoReport
from three import Three

base, key = sys.argv[1:3]

for form in ("json", "xml"):
    city = GeoReport(base, output_format=form)
    services = city.get_service_list()
    codes = [s["service_code"] for s in services]
    assert "drainage" in codes and len(codes) > 10, codes
    definition = city.get_service_definition("drainage")
    assert definition["service_code"] == "drainage", definition
    found = city.get_service_requests(status="open")
    assert found and all(r["status"] == "open" for r in found), found[:2]
    of_one = city.get_service_requests(service_code=found[0]["service_code"], start_date="2020-01-01T00:00:00Z")
    assert of_one and all(r["service_code"] == found[0]["service_code"] for r in of_one)
    one = city.get_service_request(found[0]["service_request_id"])
    assert one["service_request_id"] == found[0]["service_request_id"], one
    two = city.get_service_requests(service_request_id=",".join(r["service_request_id"] for r in found[:2]))
    assert len(two) == 2, two
    print("georeport", form, "ok")

city = Three(base, api_key=key)
assert len(city.discovery()["endpoints"]) >= 2
assert any(s["service_code"] == "drainage" for s in city.services())
assert city.services("drainage")["attributes"][0]["code"] == "water"
posted = city.post("drainage", address="红谷中大道 1 号", name="Zach Williams", phone="555-5555", description="井盖破损", lat="28.68", long="115.9")
number = posted[0]["service_request_id"]
assert city.request(number)[0]["status"] == "open"
assert city.token(number)[0]["service_request_id"] == number
assert any(r["service_request_id"] == number for r in city.requests("drainage", status="open"))
assert len(city.requests(count=3, page=1)) == 3
assert isinstance(city.requests(between=["01-01-2020", "01-02-2020"]), list)
refused = city.post("drainage", api_key="wrong", address="x")
assert refused[0]["code"] == 403, refused
print("three ok:", number)
