"""A gate before a part: it loads while the house is still being set up, and serves when that is done."""

import os

VARIABLE = "RIENTRO_GATE"


class Gate:
    """One pipe. A part that is started with its reading end waits in ``pass_through`` for the opening."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()

    def open(self) -> None:
        """Let the waiting part through; who comes later finds no gate."""
        os.write(self._writing, b".")
        self.close()

    def close(self) -> None:
        """For good: who waits ends. Harmless after ``open``."""
        for end in (self.reading, self._writing):
            if end >= 0:
                os.close(end)
        self.reading = self._writing = -1


def pass_through() -> None:
    """Wait at the gate this process was started with, if any. Ends the process when it will never open."""
    told = os.environ.pop(VARIABLE, "")
    if told.isdigit() and not os.read(int(told), 1):
        raise SystemExit(1)
