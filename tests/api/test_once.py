"""Fifty requests at once with one idempotency key have one effect, round after round."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client

from rientro.kit.tenancy import merchant_transaction
from rientro.models import Charge, LabelPurchase, Return, ShippingRule
from tests.api.examples import BODIES
from tests.api.world import descriptions, sandbox_process, world

__all__ = ["sandbox_process", "world"]
AT_ONCE = 50
FEW, MANY = 5, 50


def fifty_at_once(world, operation_id, body, key):
    """(status, body, was it a repeat) of each of fifty answers."""
    path = world.path(descriptions()[operation_id][0])
    start = Barrier(AT_ONCE)
    headers = {"authorization": world.authorization, "idempotency-key": key}

    def ask(_):
        try:
            start.wait(30)
            answer = Client(raise_request_exception=False).post(
                path, json.dumps(body), content_type="application/json", headers=headers
            )
            return answer.status_code, answer.content, "Idempotent-Replayed" in answer
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, range(AT_ONCE)))


def one_effect(answers):
    """One answer was made; the others repeat it, or say that the first is still running."""
    made = [answer for answer in answers if answer[0] == 201]
    assert [status for status, _, _ in answers if status not in (201, 409)] == []
    assert len({body for _, body, _ in made}) == 1
    assert [again for _, _, again in made].count(False) == 1


def count(world, model):
    with merchant_transaction(world.merchant.pk):
        return model.objects.count()


def rounds_of_a_rule(world, rounds):
    before = count(world, ShippingRule)
    for number in range(rounds):
        body = BODIES["v3_create_shipping_rule"](world) | {"name": f"Rule {number}"}
        one_effect(fifty_at_once(world, "v3_create_shipping_rule", body, f"rule-{number}"))
        assert count(world, ShippingRule) == before + number + 1
        world.ask("DELETE", newest_rule(world))
        before -= 1


def newest_rule(world):
    with merchant_transaction(world.merchant.pk):
        return f"/api/v3/shipping-rules/rules/{ShippingRule.objects.order_by('-pk')[0].pk}"


def rounds_of_a_label(world, operation_id, rounds):
    world.run_jobs()
    before = [count(world, model) for model in (Return, LabelPurchase, Charge)]
    sold = len(world.customer.labels())

    for number in range(rounds):
        body = BODIES[operation_id](world)
        del body["external_reference"]  # the key alone has to hold them apart
        one_effect(fifty_at_once(world, operation_id, body, f"{operation_id}-{number}"))
    world.run_jobs()

    after = [count(world, model) for model in (Return, LabelPurchase, Charge)]
    assert after == [number + rounds for number in before]
    assert len(world.customer.labels()) == sold + rounds


def test_a_rule_is_made_once(world):
    rounds_of_a_rule(world, FEW)


@pytest.mark.parametrize("operation_id", ["v3_create_return", "v3_announce_return"])
def test_a_label_is_bought_once(world, operation_id):
    rounds_of_a_label(world, operation_id, FEW)


@pytest.mark.deep
def test_a_rule_is_made_once_in_fifty_rounds(world):
    rounds_of_a_rule(world, MANY)


@pytest.mark.deep
@pytest.mark.parametrize("operation_id", ["v3_create_return", "v3_announce_return"])
def test_a_label_is_bought_once_in_fifty_rounds(world, operation_id):
    rounds_of_a_label(world, operation_id, MANY)
