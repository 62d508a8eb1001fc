"""When the interpreter looks for garbage in circles: Django makes little of it, and an import many live rows."""

import gc

YOUNG = 20_000  # objects before the youngest are looked through; CPython's own 700 costs an import a quarter


def look_less() -> None:
    """Leave alone what is loaded by now, and look through what comes less often. Call once, after loading."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
