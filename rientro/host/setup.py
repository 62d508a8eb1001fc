"""What has to be done once before the parts start: migrations, grants, collected stylesheets, demo data.

A process of its own, so that the memory it takes is given back.
"""

import argparse
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rientro.host import database
from rientro.host.house import House


def main(arguments: Sequence[str]) -> None:
    """Runs as the owner of the tables."""
    parser = argparse.ArgumentParser(prog="setup")
    parser.add_argument("--quiet", action="store_true")
    asked = parser.parse_args(arguments)
    house = House.from_environment()
    house.enter(owner=True)
    database.migrate(
        house.owner_url,
        house.app_role,
        steps_down=house.steps_down,
        verbosity=0 if asked.quiet else 1,
    )
    collect_static()


def collect_static() -> bool:
    """Put stylesheets and scripts under names that carry their content; False when nothing had changed."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import override_settings

    root = Path(settings.STATIC_ROOT)
    stamp = root / "collected.json"
    state = _state_of_static()
    collected = stamp.exists() and (root / "staticfiles.json").exists()
    if collected and json.loads(stamp.read_text()).get("state") == state:
        return False
    hashed = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=hashed):
        call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(json.dumps({"state": state}))
    return True


def _state_of_static() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        listed: Any = finder.list([])
        for path, storage in sorted(listed, key=lambda found: str(found[0])):
            found = os.stat(storage.path(path))
            digest.update(f"{path}:{found.st_size}:{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
