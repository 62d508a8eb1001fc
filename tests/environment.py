"""What the settings read, set before Django is loaded (pytest loads this by -p; see pyproject.toml)."""

import os
import tempfile
from pathlib import Path

for name in [name for name in os.environ if name.startswith(("RIENTRO_", "DATABASE_"))]:
    if name not in {"RIENTRO_PG_BIN", "RIENTRO_TEST_CLUSTER"}:
        del os.environ[name]
os.environ |= {
    "RIENTRO_SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
    "RIENTRO_DATA": tempfile.mkdtemp(prefix="rientro-test-"),
    "RIENTRO_BASE_URL": "http://testserver",
    "RIENTRO_ALLOW_PRIVATE_TARGETS": "1",
    "RIENTRO_API_LIMITS": "off",
    "DJANGO_SETTINGS_MODULE": "rientro.config.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's loop runs in the thread of the test
}
ROOT = Path(__file__).resolve().parents[1]
(
    Path(os.environ["RIENTRO_DATA"]) / "static"
).mkdir()  # WhiteNoise warns of a folder that is missing
