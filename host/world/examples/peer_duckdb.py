"""The same grouping in DuckDB over a resident table: peer_duckdb.py EVENTS.csv. Needs the PyPI package duckdb."""
import json
import sys
import time

import duckdb

con = duckdb.connect()
con.execute("set threads = 2")
con.execute(
    "create table e as select column0::usmallint as place, column1::utinyint as category, "
    "(epoch_ms(column2::bigint * 1000) + interval 8 hour)::timestamp as happened from read_csv(?, header = false)",
    [sys.argv[1]],
)
times = []
for _ in range(3):
    start = time.perf_counter()
    con.execute(
        "create or replace temp table r as select place, category, year(happened) * 12 + month(happened) as m, count(*) as n "
        "from e group by all"
    )
    times.append(time.perf_counter() - start)
cells, events = con.execute("select count(*), sum(n) from r").fetchone()
print(json.dumps({"best_s": min(times), "cells": cells, "events": int(events)}))
