"""Starts bqemulator without the two things of it that do not work for tests; takes its command line.

It loads DuckDB's extension `spatial` at every start, which it would download, and which nothing here uses. And after every statement it copies
each table that the statement changed, for time travel, which nothing here uses either: the copies make a load of a few rows cost the whole table.
"""

from bqemulator.cli import main
from bqemulator.storage.engine import DuckDBEngine
from bqemulator.versioning.snapshots import SnapshotManager

for owner, method in ((DuckDBEngine, "_load_spatial"), (SnapshotManager, "capture")):
    if not callable(getattr(owner, method, None)):
        raise SystemExit(f"bqemulator has no {owner.__name__}.{method} any more: see what replaced it, and change this file.")

capture = SnapshotManager.capture


def capture_on_request(self, *args, kind="AUTO", **named):
    return None if kind == "AUTO" else capture(self, *args, kind=kind, **named)


DuckDBEngine._load_spatial = lambda self: None
SnapshotManager.capture = capture_on_request
main()
