"""`python -m rientro.host.sandbox_carrier`."""

import sys

from rientro.host.sandbox_carrier import main

sys.exit(main())
