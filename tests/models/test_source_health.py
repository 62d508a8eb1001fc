"""How a place of files is doing, when somebody changes it while it is looked at."""

from typing import Any

import pytest

from rientro.models import FileSource
from rientro.models.source_health import note_look
from tests import makers
from tests.makers import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("merchant")]


@pytest.fixture
def source(merchant: Any) -> FileSource:
    files = makers.make_integration(system="csv")
    return FileSource.objects.create(integration=files, kind="folder", created_at=NOW, next_at=NOW)


def test_a_place_that_is_paused_during_a_look_stays_paused(source):
    FileSource.objects.update(state="paused", next_at=None)

    note_look(source, soon=False, mark="etag 1", at=NOW)

    row = FileSource.objects.get()
    assert (row.state, row.next_at) == ("paused", None)


def test_a_place_that_is_removed_during_a_look_is_not_missed(source):
    gone = FileSource.objects.get()
    FileSource.objects.all().delete()

    note_look(gone, soon=False, mark="", at=NOW)

    assert not FileSource.objects.exists()
