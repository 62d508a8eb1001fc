"""The codes of parcels that need no paper: a shop of this carrier reads one and prints the label itself."""

import base64
import io
from datetime import datetime, timedelta
from typing import Any

import segno

from rientro.host.sandbox_carrier.store import Row

GOOD_FOR_DAYS = 10
SIZE, QUIET_ZONE = 8, 4  # pixels to the module; modules around (ISO/IEC 18004, 9.1)
BENT = {
    "broken_code": b"\x89PNG\r\n\x1a\n, then nothing",
    "script_code": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
}


def code_out(label: Row, bent: str = "") -> dict[str, Any]:
    """The code of ``label`` in the words of this carrier; ``bent`` names a fault."""
    bought = datetime.fromisoformat(label["created_at"])
    return {
        "content": base64.b64encode(BENT.get(bent) or picture(label)).decode(),
        "content_type": "image/png",
        "link": f"https://sandbox-carrier.invalid/code/{label['id']}",
        "expires_on": (bought + timedelta(days=GOOD_FOR_DAYS)).date().isoformat(),
    }


def picture(label: Row) -> bytes:
    """A PNG of the QR code that this carrier's shops read."""
    out = io.BytesIO()
    said = f"SANDBOX:{label['tracking_number']}"
    segno.make_qr(said, error="m").save(out, kind="png", scale=SIZE, border=QUIET_ZONE)
    return out.getvalue()
