import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.money import Money
from rientro.policy.eligibility import (
    Because,
    Decision,
    LineFacts,
    OrderDates,
    Sentence,
    Terms,
    Verdict,
    decide,
    decide_return,
    sentence_of,
)

ORDERED = date(2026, 2, 20)
DELIVERED = date(2026, 3, 2)  # a Monday
LAST = date(2026, 4, 1)  # 30 days later
LAW = date(2026, 3, 16)  # 14 days later
TERMS = Terms(window_days=30, version="7")
DATES = OrderDates(ordered_on=ORDERED, delivered_on=DELIVERED)
EUR = "EUR"


def line(**changes: object) -> LineFacts:
    return replace(LineFacts(bought=2, dates=DATES), **changes)


def terms(**changes: object) -> Terms:
    return replace(TERMS, **changes)


def accepted(until: date = LAST, because: Because = Because.IN_TIME) -> Decision:
    return Decision(Verdict.ACCEPT, because, until, may_withdraw=True, withdrawal_until=LAW)


def refused(because: Because, until: date = LAST, may_withdraw: bool = True) -> Decision:
    return Decision(Verdict.REFUSE, because, until, may_withdraw, LAW)


def reviewed(because: Because) -> Decision:
    return Decision(Verdict.REVIEW, because, LAST, True, LAW)


@pytest.mark.parametrize(
    ("case", "facts", "asked", "with_terms", "today", "expected"),
    [
        ("one of two, in time", line(), 1, TERMS, DELIVERED, accepted()),
        ("all of them", line(), 2, TERMS, DELIVERED, accepted()),
        (
            "the last day counts",
            line(),
            1,
            TERMS,
            LAST,
            replace(accepted(), may_withdraw=False),
        ),
        (
            "one day late",
            line(),
            1,
            TERMS,
            LAST + timedelta(days=1),
            refused(Because.WINDOW_CLOSED, may_withdraw=False),
        ),
        (
            "a window of no days ends on its first, the law goes on",
            line(),
            1,
            terms(window_days=0),
            DELIVERED + timedelta(days=1),
            accepted(until=LAW, because=Because.WITHDRAWAL_RIGHT),
        ),
        (
            "a short window does not shorten the law",
            line(),
            1,
            terms(window_days=7),
            LAW,
            accepted(until=LAW, because=Because.WITHDRAWAL_RIGHT),
        ),
        (
            "nor does it lengthen it",
            line(),
            1,
            terms(window_days=7),
            LAW + timedelta(days=1),
            refused(Because.WINDOW_CLOSED, until=LAW, may_withdraw=False),
        ),
        (
            "one already back, two asked",
            line(already_back=1),
            2,
            TERMS,
            DELIVERED,
            refused(Because.NOTHING_LEFT),
        ),
        ("one already back, one asked", line(already_back=1), 1, TERMS, DELIVERED, accepted()),
        (
            "everything already back",
            line(already_back=2),
            1,
            TERMS,
            DELIVERED,
            refused(Because.NOTHING_LEFT),
        ),
        ("nothing asked", line(), 0, TERMS, DELIVERED, refused(Because.NOTHING_ASKED)),
        ("less than nothing asked", line(), -1, TERMS, DELIVERED, refused(Because.NOTHING_ASKED)),
        (
            "final sale wins over the window",
            line(final_sale=True),
            1,
            TERMS,
            DELIVERED,
            refused(Because.FINAL_SALE),
        ),
        (
            "a line that the shop took out of the order",
            line(removed=True),
            1,
            TERMS,
            DELIVERED,
            refused(Because.REMOVED),
        ),
        (
            "a cancelled order wins over everything, and nothing is left to withdraw from",
            line(cancelled=True, removed=True, final_sale=True, already_back=2),
            1,
            TERMS,
            DELIVERED,
            refused(Because.CANCELLED, may_withdraw=False),
        ),
        (
            "not shipped from here, switch off",
            line(has_outbound=False),
            1,
            terms(allow_without_outbound=False),
            DELIVERED,
            refused(Because.NO_OUTBOUND),
        ),
        (
            "not shipped from here, switch on",
            line(has_outbound=False),
            1,
            terms(allow_without_outbound=True),
            DELIVERED,
            accepted(),
        ),
        (
            "shipped from here, switch off",
            line(has_outbound=True),
            1,
            terms(allow_without_outbound=False),
            DELIVERED,
            accepted(),
        ),
        (
            "everything is looked at by hand",
            line(),
            1,
            terms(review="all"),
            DELIVERED,
            reviewed(Because.BY_HAND),
        ),
        (
            "a refusal needs no eye",
            line(final_sale=True),
            1,
            terms(review="all"),
            DELIVERED,
            refused(Because.FINAL_SALE),
        ),
        (
            "at the limit of value",
            line(price=Money(5000, EUR)),
            2,
            terms(review="value", review_above=Money(10000, EUR)),
            DELIVERED,
            accepted(),
        ),
        (
            "a cent above the limit",
            line(price=Money(5001, EUR)),
            2,
            terms(review="value", review_above=Money(10001, EUR)),
            DELIVERED,
            reviewed(Because.ABOVE_VALUE),
        ),
        (
            "a limit in another currency cannot say no, so a person looks",
            line(price=Money(100, "USD")),
            1,
            terms(review="value", review_above=Money(10000, EUR)),
            DELIVERED,
            reviewed(Because.ABOVE_VALUE),
        ),
        (
            "no price known",
            line(),
            1,
            terms(review="value", review_above=Money(0, EUR)),
            DELIVERED,
            accepted(),
        ),
        (
            "before it was ordered",
            line(),
            1,
            TERMS,
            ORDERED - timedelta(days=2),
            refused(Because.WINDOW_NOT_OPEN),
        ),
        (
            "a shop's clock may be a day ahead",
            line(),
            1,
            TERMS,
            ORDERED - timedelta(days=1),
            accepted(),
        ),
        (
            "not yet delivered by the books",
            line(),
            1,
            TERMS,
            DELIVERED - timedelta(days=3),
            accepted(),
        ),
    ],
)
def test_decide(case, facts, asked, with_terms, today, expected):
    assert decide(facts, asked=asked, terms=with_terms, today=today) == expected


@pytest.mark.parametrize(
    ("case", "dates", "last"),
    [
        (
            "no delivery scan: fulfilment and five days",
            OrderDates(ordered_on=ORDERED, fulfilled_on=date(2026, 2, 22)),
            date(2026, 3, 29),
        ),
        (
            "nothing but the order: ten days on",
            OrderDates(ordered_on=ORDERED),
            date(2026, 4, 1),
        ),
    ],
)
def test_without_a_delivery_the_window_starts_later(case, dates, last):
    facts = line(dates=dates)

    on_last = decide(facts, asked=1, terms=TERMS, today=last)
    after = decide(facts, asked=1, terms=TERMS, today=last + timedelta(days=1))

    # The law's clock never began, so the shopper may still withdraw, and is told so.
    assert on_last == Decision(Verdict.ACCEPT, Because.IN_TIME, last, True, None)
    assert after == Decision(Verdict.REFUSE, Because.WINDOW_CLOSED, last, True, None)


def test_a_sale_in_a_store_knows_no_withdrawal():
    facts = line(channel="store")

    found = decide(facts, asked=1, terms=terms(window_days=7), today=DELIVERED + timedelta(days=8))

    assert found == Decision(Verdict.REFUSE, Because.WINDOW_CLOSED, date(2026, 3, 9), False, None)


def test_a_refusal_of_the_brand_does_not_hide_the_right_of_the_law():
    found = decide(line(final_sale=True), asked=1, terms=TERMS, today=DELIVERED)

    assert (found.verdict, found.may_withdraw, found.withdrawal_until) == (
        Verdict.REFUSE,
        True,
        LAW,
    )


def test_the_trace_names_rule_version_and_inputs_in_json():
    found = decide(
        line(price=Money(4990, EUR)),
        asked=1,
        terms=terms(fee=Money(490, EUR), review="value", review_above=Money(20000, EUR)),
        today=DELIVERED,
    )

    assert json.loads(json.dumps(found.trace)) == {
        "rule": "eligibility",
        "version": 2,
        "verdict": "accept",
        "because": "in_time",
        "today": "2026-03-02",
        "asked": 1,
        "bought": 2,
        "already_back": 0,
        "final_sale": False,
        "removed": False,
        "cancelled": False,
        "has_outbound": True,
        "channel": "web",
        "price": "49.90 EUR",
        "window": {"starts_on": "2026-03-02", "ends_on": "2026-04-01", "basis": "delivery"},
        "withdrawal": {
            "applies": True,
            "starts_on": "2026-03-03",
            "ends_on": "2026-03-16",
        },
        "terms": {
            "window_days": 30,
            "fulfilment_buffer_days": 5,
            "order_buffer_days": 10,
            "allow_without_outbound": True,
            "review": "value",
            "review_above": "200.00 EUR",
            "fee": "4.90 EUR",
            "version": "7",
        },
    }


@pytest.mark.parametrize(
    ("case", "verdicts", "amounts", "with_terms", "expected"),
    [
        ("all fine", ["accept", "accept"], [100, 200], TERMS, ("accept", "in_time")),
        ("one refused", ["accept", "refuse"], [100, 200], TERMS, ("refuse", "final_sale")),
        ("one to look at", ["accept", "review"], [100, 200], TERMS, ("review", "by_hand")),
        (
            "a refusal outweighs a look",
            ["review", "refuse"],
            [1, 1],
            TERMS,
            ("refuse", "final_sale"),
        ),
        (
            "the sum is above though no line is",
            ["accept", "accept"],
            [6000, 6000],
            terms(review="value", review_above=Money(10000, EUR)),
            ("review", "above_value"),
        ),
        (
            "the sum is at the limit",
            ["accept", "accept"],
            [5000, 5000],
            terms(review="value", review_above=Money(10000, EUR)),
            ("accept", "in_time"),
        ),
    ],
)
def test_decide_return(case, verdicts, amounts, with_terms, expected):
    made = {
        "accept": accepted(),
        "review": reviewed(Because.BY_HAND),
        "refuse": refused(Because.FINAL_SALE),
    }

    found = decide_return(
        [made[name] for name in verdicts],
        amounts=[Money(minor, EUR) for minor in amounts],
        terms=with_terms,
    )

    assert (found.verdict, found.because) == expected
    assert found.until == LAST
    json.dumps(found.trace)


def test_the_trace_of_a_return_tells_its_value_and_its_lines():
    line_of_it = decide(line(), asked=1, terms=TERMS, today=DELIVERED)

    found = decide_return([line_of_it], amounts=[Money(4990, EUR)], terms=TERMS)
    unpriced = decide_return([line_of_it], amounts=[], terms=TERMS)

    assert (found.trace["rule"], found.trace["value"]) == ("return", "49.90 EUR")
    assert found.trace["lines"] == [line_of_it.trace]
    assert unpriced.trace["value"] is None


def test_a_return_of_nothing_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="empty"):
        decide_return([], amounts=[], terms=TERMS)


def test_amounts_of_two_currencies_are_never_summed():
    with pytest.raises(ValueError, match="cannot mix"):
        decide_return([accepted()], amounts=[Money(1, EUR), Money(1, "USD")], terms=TERMS)


def test_every_cause_makes_a_sentence_with_the_dates_that_are_known():
    for because in Because:
        found = sentence_of(Decision(Verdict.REFUSE, because, until=LAST))

        assert found == Sentence(because.value, {"until": LAST})


FACTS = st.builds(
    LineFacts,
    bought=st.integers(0, 50),
    dates=st.builds(
        OrderDates,
        ordered_on=st.dates(date(2026, 1, 1), date(2026, 6, 1)),
        fulfilled_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 1)),
        delivered_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    ),
    already_back=st.integers(0, 60),
    final_sale=st.booleans(),
    removed=st.booleans(),
    cancelled=st.booleans(),
    has_outbound=st.booleans(),
    channel=st.sampled_from(["web", "store", "phone", "marketplace"]),
    price=st.none() | st.builds(Money, st.integers(0, 10**6), st.sampled_from(["EUR", "USD"])),
)
ALL_TERMS = st.builds(
    Terms,
    window_days=st.integers(0, 100),
    fulfilment_buffer_days=st.integers(0, 30),
    order_buffer_days=st.integers(0, 30),
    allow_without_outbound=st.booleans(),
    review=st.sampled_from(["none", "all", "value"]),
    review_above=st.none() | st.builds(Money, st.integers(0, 10**6), st.just("EUR")),
)
TODAY = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(facts=FACTS, asked=st.integers(-2, 60), with_terms=ALL_TERMS, today=TODAY)
def test_whatever_is_asked_units_are_never_given_twice_and_the_trace_is_json(
    facts, asked, with_terms, today
):
    found = decide(facts, asked=asked, terms=with_terms, today=today)

    if found.verdict is not Verdict.REFUSE:
        assert 1 <= asked <= facts.bought - facts.already_back
        assert not any((facts.cancelled, facts.removed, facts.final_sale))
        assert found.until is not None
        assert today <= found.until
    assert json.loads(json.dumps(found.trace))["because"] == found.because
    assert found == decide(facts, asked=asked, terms=with_terms, today=today)


@given(facts=FACTS, with_terms=ALL_TERMS, today=TODAY, other=ALL_TERMS)
def test_no_promise_of_the_brand_changes_the_clock_of_the_law(facts, with_terms, today, other):
    one = decide(facts, asked=1, terms=with_terms, today=today)
    two = decide(facts, asked=1, terms=other, today=today)

    assert (one.may_withdraw, one.withdrawal_until) == (two.may_withdraw, two.withdrawal_until)


@given(facts=FACTS, with_terms=ALL_TERMS, today=TODAY, longer=st.integers(0, 100))
def test_a_longer_window_never_turns_a_yes_into_a_no(facts, with_terms, today, longer):
    before = decide(facts, asked=1, terms=with_terms, today=today)
    more = replace(with_terms, window_days=with_terms.window_days + longer)

    after = decide(facts, asked=1, terms=more, today=today)

    assert before.verdict is Verdict.REFUSE or after.verdict is not Verdict.REFUSE
