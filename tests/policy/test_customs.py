import pytest

from rientro.policy.customs import crosses_customs


@pytest.mark.parametrize(
    ("origin", "destination", "crosses"),
    [
        ("IT", "IT", False),
        ("IT", "DE", False),
        ("MC", "FR", False),
        ("CH", "LI", False),
        ("CH", "IT", True),
        ("GB", "IE", True),
        ("NO", "SE", True),
        ("US", "US", False),
    ],
)
def test_a_border_needs_a_declaration(origin, destination, crosses):
    assert crosses_customs(origin, destination) is crosses
    assert crosses_customs(destination, origin) is crosses
