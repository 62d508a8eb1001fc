import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.network import UNKNOWN, client_address, network_of


@pytest.mark.parametrize(
    ("case", "header", "proxies", "expected"),
    [
        ("no proxy of ours: the header is anybody's", "6.6.6.6", 0, "10.0.0.9"),
        ("one proxy wrote the last entry", "6.6.6.6, 203.0.113.7", 1, "203.0.113.7"),
        ("two proxies", "6.6.6.6, 203.0.113.7, 10.1.1.1", 2, "203.0.113.7"),
        ("fewer entries than proxies did not come through them", "203.0.113.7", 2, "10.0.0.9"),
        ("no header at all", "", 1, "10.0.0.9"),
        ("blanks and commas", " , 203.0.113.7 , ", 1, "203.0.113.7"),
    ],
)
def test_client_address(case, header, proxies, expected):
    assert client_address("10.0.0.9", header, trusted_proxies=proxies) == expected


@given(forged=st.lists(st.ip_addresses(v=4).map(str), max_size=20))
def test_a_forged_header_in_front_changes_nothing(forged):
    header = ", ".join([*forged, "203.0.113.7"])

    assert client_address("10.0.0.9", header, trusted_proxies=1) == "203.0.113.7"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::5]", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("localhost", UNKNOWN),
        ("203.0.113.7:443", UNKNOWN),
        ("", UNKNOWN),
        ("x" * 10_000, UNKNOWN),
    ],
)
def test_network_of(address, expected):
    assert network_of(address) == expected


@given(address=st.ip_addresses(v=4), last=st.integers(0, 255))
def test_neighbours_share_a_network(address, last):
    neighbour = ".".join([*str(address).split(".")[:3], str(last)])

    assert network_of(str(address)) == network_of(neighbour)


@given(text=st.text(max_size=100))
def test_whatever_is_sent_a_key_of_bounded_length_comes_out(text):
    assert 0 < len(network_of(text)) <= 80
