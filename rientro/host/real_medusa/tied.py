"""Become another program that ends with our parent: ``python -m rientro.host.real_medusa.tied PROGRAM ...``."""

import os
import sys

from rientro.host.parent import end_with_parent

if __name__ == "__main__":
    end_with_parent()  # the wish outlives the change of program
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - a program that our parent named
