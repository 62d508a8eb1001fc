from datetime import date

from rientro.policy.promises import hand_in_by, refund_around, refund_by

DAY = date(2026, 11, 24)


def test_a_label_is_taken_until_its_last_day():
    assert hand_in_by(DAY, valid_days=14) == date(2026, 12, 8)


def test_a_label_without_an_end_has_none():
    assert hand_in_by(DAY, valid_days=0) is None


def test_the_money_is_promised_from_the_day_of_arrival():
    assert refund_by(DAY, within_days=14) == date(2026, 12, 8)


def test_before_the_parcel_arrives_the_day_is_an_estimate():
    assert refund_around(DAY, within_days=14) == date(2026, 12, 10)
