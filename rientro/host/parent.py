"""A process of the house ends when the one that started it is gone, however that came about.

Linux tells the child by a signal; elsewhere a thread asks once a second.
"""

import ctypes
import os
import signal
import sys
import threading
import time

VARIABLE = "RIENTRO_PARENT"
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(parent: int | None = None, sign: signal.Signals = signal.SIGTERM) -> None:
    """From here on, the end of ``parent`` (else of the process named in RIENTRO_PARENT) is ours too."""
    if parent is None:
        told = os.environ.get(VARIABLE, "")
        if not told.isdigit():
            return
        parent = int(told)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
    else:
        threading.Thread(target=_ask, args=(parent, sign), daemon=True).start()
    # It may have gone between our start and the line above: then nobody would tell us any more.
    if os.getppid() != parent:
        os.kill(os.getpid(), sign)


def _ask(parent: int, sign: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), sign)
