"""Median and p90 of a dispatch file by DuckDB: FILE CALLS. Rows whose clocks run backwards take no part."""
import json
import sys

import duckdb

file, calls = sys.argv[1], int(sys.argv[2])
steps = ["received", "entry", "dispatch", "response", "on_scene", "transport", "hospital", "available"]
db = duckdb.connect()
db.execute("set timezone = 'UTC'")
times = ", ".join(f"cast({s}_timestamp as timestamptz) as {s}" for s in steps)
db.execute(
    f"create table f as select row_number() over () as line, call_number as call, unit_id as unit, {times}"
    f" from read_csv('{file}', all_varchar = true)"
)
db.execute(
    "create table r as select * from f where call in"
    f" (select call from (select call, min(line) as first from f group by call) order by first limit {calls})"
)
# Each step against the last one before it that is given.
later = []
for n, step in enumerate(steps[1:], 1):
    before = ", ".join(reversed(steps[:n]))
    later.append(f"coalesce({step} < coalesce({before}), false)")
db.execute(f"create table b as select *, ({' or '.join(later)}) as bad from r")
db.execute("create table g as select * from b where not bad")
db.execute(
    "create table c as select call, min(received) as rung, coalesce(min(entry), min(dispatch)) as taken from g group by call"
)
spans = {
    "rung-taken": "select taken - rung from c",
    "taken-sent": "select dispatch - taken from g join c using (call)",
    "rung-sent": "select dispatch - rung from g join c using (call)",
    "sent-set-out": "select response - dispatch from g",
    "set-out-arrived": "select on_scene - response from g",
    "rung-arrived": "select on_scene - rung from g join c using (call)",
    "sent-done": "select available - dispatch from g where on_scene is not null",
}
out = []
for name, query in spans.items():
    (n, median, p90) = db.execute(
        "select count(s), quantile_disc(s, 0.5), quantile_disc(s, 0.9)"
        f" from (select epoch(x) as s from ({query}) q(x)) where s is not null"
    ).fetchone()
    out.append({"interval": name, "median_s": median, "n": n, "p90_s": p90})
flagged = [{"call": c, "unit": u} for c, u in db.execute("select call, unit from b where bad order by line").fetchall()]
json.dump({"intervals": out, "flagged": flagged}, sys.stdout)
