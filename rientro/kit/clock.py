"""The one clock of the house. Doors and jobs ask it once and pass ``now`` down; policy never reads it.

A demo may move it: the file named by RIENTRO_CLOCK_FILE holds a JSON number, the offset in seconds.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_seen: tuple[int, float] | None = None  # (mtime_ns, offset) of the last read


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + timedelta(seconds=offset_s())


def offset_s() -> float:
    """How many seconds this clock is ahead of the machine's. Zero outside a demo."""
    global _seen
    name = os.environ.get("RIENTRO_CLOCK_FILE")
    if not name:
        return 0.0
    try:
        changed = os.stat(name).st_mtime_ns
    except OSError:
        return 0.0
    if _seen is None or _seen[0] != changed:
        _seen = (changed, _read(Path(name)))
    return _seen[1]


def _read(path: Path) -> float:
    try:
        return float(json.loads(path.read_text() or "0"))
    except (OSError, ValueError, TypeError):
        return 0.0
