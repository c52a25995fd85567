"""Reads a calendar file as an office's program does; prints what is in it, as JSON."""
import json
import sys

import icalendar

with open(sys.argv[1], "rb") as file:
    raw = file.read()
assert b"\n" not in raw.replace(b"\r\n", b""), "lines end with CRLF"
assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "no line is longer than 75 octets"
calendar = icalendar.Calendar.from_ical(raw)
assert calendar["VERSION"] == "2.0" and calendar["PRODID"]
events = list(calendar.walk("VEVENT"))
assert not any(event.errors for event in events), [event.errors for event in events]
print(json.dumps([
    {
        "uid": str(event["UID"]),
        "begin": event.decoded("DTSTART").isoformat(),
        "end": event.decoded("DTEND").isoformat(),
        "stamp": event.decoded("DTSTAMP").tzinfo is not None,
        "sequence": int(event["SEQUENCE"]),
        "summary": str(event["SUMMARY"]),
        "place": str(event.get("LOCATION", "")),
        "url": str(event["URL"]),
    }
    for event in events
]))
