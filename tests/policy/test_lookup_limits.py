from rientro.policy.lookup_limits import LIMITS, MAIL_LIMITS, of_scope

DAY_S = 86_400


def most_per_day(scope: str) -> float:
    """The tightest budget of ``scope``, as a number of misses per day."""
    return min(limit.most * DAY_S / limit.window_s for limit in of_scope(LIMITS, scope))


def test_one_order_gives_a_guesser_at_most_ten_chances_a_day():
    """A1: of 10,000 postal codes that is 0.1 %."""
    assert most_per_day("order") <= 10


def test_one_order_gives_a_guesser_at_most_five_chances_an_hour():
    assert {(limit.window_s, limit.most) for limit in of_scope(LIMITS, "order")} == {
        (3600, 5),
        (DAY_S, 10),
    }


def test_one_network_gets_at_most_ten_a_minute_and_sixty_an_hour():
    """A2 and A3."""
    found = {(limit.window_s, limit.most) for limit in of_scope(LIMITS, "network")}

    assert found == {(60, 10), (3600, 60)}


def test_a_spray_from_many_networks_trips_within_two_hundred_misses():
    """A4."""
    assert all(limit.most <= 200 for limit in of_scope(LIMITS, "merchant"))
    assert of_scope(LIMITS, "merchant")


def test_every_limit_counts_something_in_some_time():
    for limit in (*LIMITS, *MAIL_LIMITS):
        assert limit.most > 0
        assert limit.window_s > 0
        assert len(limit.scope) <= 16  # the column of the counter


def test_mails_are_limited_as_well():
    assert {limit.scope for limit in MAIL_LIMITS} == {"mail_order", "mail_network"}
