"""What carriers really answered, or say that they answer: one file each, with its date and where it is from."""

import json
from pathlib import Path
from typing import Any

from tests.carriers.fakes.server import Answer

FOLDER = Path(__file__).parent / "recordings"


def recording(carrier: str, name: str) -> dict[str, Any]:
    """``date``, ``source``, ``request``, ``status``, ``answer``, and a ``note`` of what was left out."""
    told: dict[str, Any] = json.loads((FOLDER / carrier / f"{name}.json").read_text())
    return told


def answer(carrier: str, name: str, **changes: Any) -> Answer:
    """The recorded answer, to be given by a fake; ``changes`` to its words are the test's own."""
    told = recording(carrier, name)
    words = told["answer"] | changes if changes else told["answer"]
    return Answer(told["status"], words)
