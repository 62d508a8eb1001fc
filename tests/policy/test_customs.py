import pytest

from rientro.policy.customs import area_of, crosses_customs


@pytest.mark.parametrize(
    ("origin", "destination", "crosses"),
    [
        ("IT", "IT", False),
        ("IT", "DE", False),
        ("MC", "FR", False),
        ("CH", "LI", False),
        ("CH", "IT", True),
        ("GB", "IE", True),
        ("GB", "IM", False),
        ("GB", "JE", True),
        ("JE", "GG", True),
        ("NO", "SE", True),
        ("US", "US", False),
        ("US", "PR", False),
        ("IT", "SM", False),
        ("DE", "SM", True),
        ("FI", "AX", True),
        ("FR", "RE", True),
        ("DK", "FO", True),
    ],
)
def test_a_border_needs_a_declaration(origin, destination, crosses):
    assert crosses_customs(origin, destination) is crosses
    assert crosses_customs(destination, origin) is crosses


@pytest.mark.parametrize(
    ("here", "there", "crosses"),
    [
        pytest.param(("ES", "35001"), ("ES", "28001"), True, id="canaries-mainland"),
        pytest.param(("ES", "35001"), ("ES", "38400"), False, id="canaries-canaries"),
        pytest.param(("ES", "07001"), ("IT", "20144"), False, id="balearics"),
        pytest.param(("ES", "51001"), ("ES", "28001"), True, id="ceuta"),
        pytest.param(("ES", "52001"), ("ES", "51001"), True, id="melilla-ceuta"),
        pytest.param(("DE", "78266"), ("DE", "20095"), True, id="buesingen-germany"),
        pytest.param(("DE", "78266"), ("CH", "8200"), False, id="buesingen-switzerland"),
        pytest.param(("DE", "D-27498"), ("DE", "20095"), True, id="heligoland"),
        pytest.param(("IT", "23041"), ("IT", "20144"), True, id="livigno"),
        pytest.param(("IT", "22061"), ("IT", "20144"), True, id="campione-italy"),
        pytest.param(("CH", "6911"), ("IT", "22061"), False, id="campione-by-its-swiss-code"),
        pytest.param(("IT", "47890"), ("IT", "20144"), False, id="san-marino-italy"),
        pytest.param(("IT", "47890"), ("DE", "20095"), True, id="san-marino-germany"),
        pytest.param(("FI", "22100"), ("FI", "00100"), True, id="aland"),
        pytest.param(("AX", "22100"), ("FI", "22100"), False, id="aland-by-its-own-code"),
        pytest.param(("FR", "97400"), ("FR", "75001"), True, id="reunion"),
        pytest.param(("FR", "97400"), ("RE", "97400"), False, id="reunion-by-its-own-code"),
        pytest.param(("FR", "98000"), ("IT", "20144"), False, id="monaco"),
        pytest.param(("GR", "630 86"), ("GR", "10431"), True, id="athos"),
        pytest.param(("GB", "BT1 1AA"), ("IE", "D02"), False, id="northern-ireland-union"),
        pytest.param(("GB", "BT1 1AA"), ("GB", "SW1A 1AA"), False, id="northern-ireland-britain"),
        pytest.param(("GB", "BT1 1AA"), ("CH", "8001"), True, id="northern-ireland-switzerland"),
        pytest.param(("GB", "IM1 1AA"), ("GB", "SW1A 1AA"), False, id="man"),
        pytest.param(("GB", "JE2 3AB"), ("GB", "SW1A 1AA"), True, id="jersey-by-british-code"),
        pytest.param(("GB", "GY1 1AA"), ("GG", "GY1 1AA"), False, id="guernsey-twice"),
        pytest.param(("CH", "7563"), ("CH", "8001"), True, id="samnaun"),
        pytest.param(("US", "00901"), ("US", "10001"), False, id="puerto-rico"),
        pytest.param(("US", "00801"), ("US", "10001"), True, id="virgin-islands"),
        pytest.param(("CH", ""), ("IT", ""), True, id="no-codes"),
    ],
)
def test_parts_of_countries_stand_apart(here, there, crosses):
    for (origin, one), (destination, other) in ((here, there), (there, here)):
        told = crosses_customs(origin, destination, origin_postal=one, destination_postal=other)
        assert told is crosses


def test_every_odd_code_is_in_one_area_only():
    assert area_of("FR", "97150") == "MF"
    assert area_of("FR", "97133") == "BL"
    assert area_of("fr", "971 10") == "GP"
    assert area_of("XX", "1") == "XX"
