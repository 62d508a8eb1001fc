"""The tenancy layer on the real tables: each statement names the merchant, and PostgreSQL knows who it is."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Count, Exists, F, OuterRef, Sum
from django.test.utils import CaptureQueriesContext

from rientro.kit import scope
from rientro.kit.errors import Missing
from rientro.kit.tenancy import NoMerchant, acting_for, merchant_transaction
from rientro.models import Brand, Order, OrderLine, Return, ReturnReason
from tests import makers


def setting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('rientro.merchant', true)")
        return cursor.fetchone()[0]


@pytest.fixture
def theirs(merchant):
    """Another merchant's order, with a line and a return."""
    other = makers.make_merchant()
    with acting_for(other.pk):
        ret = makers.make_return()
    return ret.order


# --- who the merchant is


def test_a_row_adopts_the_current_merchant(merchant):
    assert makers.make_order().merchant_id == merchant.pk


def test_many_rows_adopt_the_current_merchant(merchant):
    brand = makers.make_brand()

    made = ReturnReason.objects.bulk_create(
        [ReturnReason(brand=brand, code=f"reason-{n}") for n in range(3)]
    )

    assert {row.merchant_id for row in made} == {merchant.pk}


@pytest.mark.django_db
def test_without_a_merchant_a_query_is_a_bug_and_says_so():
    with pytest.raises(NoMerchant, match="acting_for"):
        Order.objects.count()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_a_query_is_a_bug_and_says_so():
    made = makers.make_merchant()

    with acting_for(made.pk), pytest.raises(NoMerchant, match="transaction"):
        Order.objects.count()
    with acting_for(made.pk), pytest.raises(NoMerchant, match="transaction"):
        Brand.objects.create(name="x", slug="x", created_at=makers.NOW)


def test_postgresql_is_told_of_a_change_of_merchant_inside_one_transaction(merchant):
    assert setting() == str(merchant.pk)

    other = makers.make_merchant()
    with acting_for(other.pk):
        assert setting() == str(other.pk)

    assert setting() == str(merchant.pk)


def test_a_rolled_back_savepoint_does_not_leave_the_wrong_merchant(merchant):
    other = makers.make_merchant()
    with pytest.raises(ZeroDivisionError), acting_for(other.pk), transaction.atomic():
        makers.make_brand()
        raise ZeroDivisionError

    assert setting() == str(merchant.pk)
    assert Brand.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_merchant_does_not_outlive_its_transaction():
    made = makers.make_merchant()
    with merchant_transaction(made.pk):
        assert setting() == str(made.pk)

    assert setting() in ("", None)
    assert scope.merchant_or_none() is None


# --- what is seen


def test_another_merchants_rows_are_in_no_answer(merchant, theirs):
    mine = makers.make_order()

    assert list(Order.objects.values_list("pk", flat=True)) == [mine.pk]
    assert not Order.objects.filter(pk=theirs.pk).exists()
    assert Order.objects.filter(number=theirs.number).first() is None
    assert OrderLine.objects.aggregate(units=Sum("quantity")) == {"units": 2}


def test_what_is_not_mine_is_missing_like_what_is_not_there(merchant, theirs):
    messages = set()
    for wanted in (theirs.pk, 10**12, "not a number"):
        with pytest.raises(Missing) as caught:
            Order.objects.get_or_missing(pk=wanted)
        messages.add(caught.value.message)

    assert messages == {"Not found."}


def test_an_update_reaches_no_other_merchants_row(merchant, theirs):
    assert Order.objects.filter(pk=theirs.pk).update(city="Roma") == 0
    assert Order.objects.update(city="Roma") == 0
    with acting_for(theirs.merchant_id):
        assert Order.objects.get().city == "Torino"


def test_a_delete_reaches_no_other_merchants_row(merchant, theirs):
    assert OrderLine.objects.all().delete()[0] == 0
    with acting_for(theirs.merchant_id):
        assert OrderLine.objects.count() == 1


# --- what is sent


@pytest.mark.parametrize(
    ("case", "ask"),
    [
        ("filter", lambda: list(Order.objects.filter(city="Torino"))),
        ("exclude over a join", lambda: list(Order.objects.exclude(lines__sku="x"))),
        ("join", lambda: list(OrderLine.objects.filter(order__city="Torino"))),
        ("select_related", lambda: list(Return.objects.select_related("order__brand"))),
        ("prefetch", lambda: list(Order.objects.prefetch_related("lines", "returns__items"))),
        ("annotate", lambda: list(Order.objects.annotate(n=Count("lines")))),
        ("aggregate", lambda: Order.objects.aggregate(Sum("total_minor"))),
        ("values", lambda: list(Order.objects.values("city").annotate(n=Count("id")))),
        (
            "exists",
            lambda: list(
                Order.objects.filter(Exists(Return.objects.filter(order_id=OuterRef("pk"))))
            ),
        ),
        ("in", lambda: list(Order.objects.filter(brand__in=Brand.objects.filter(name="x")))),
        (
            "union",
            lambda: list(Order.objects.filter(city="a").union(Order.objects.filter(city="b"))),
        ),
        ("lock", lambda: list(Order.objects.select_for_update(of=("self",)).filter(city="Torino"))),
        ("update", lambda: Order.objects.filter(city="Torino").update(city=F("state"))),
        ("delete", lambda: OrderLine.objects.filter(sku="nothing").delete()),
        ("get_or_create", lambda: ReturnReason.objects.get_or_create(code="too-small")),
        ("first of none", lambda: Order.objects.none().first()),
    ],
)
def test_every_statement_names_the_merchant(case, ask, merchant):
    makers.make_return()

    with CaptureQueriesContext(
        connection,
    ) as seen:
        ask()

    statements = [query["sql"] for query in seen if "rientro_" in query["sql"]]
    assert [sql for sql in statements if f'merchant_id" = {merchant.pk}' not in sql] == []


def test_a_join_is_made_on_the_merchant_too(merchant):
    sql = str(OrderLine.objects.filter(order__city="Torino").query)

    assert '"rientro_orderline"."merchant_id" = "rientro_order"."merchant_id"' in sql


def test_saving_a_row_never_sets_its_merchant(merchant):
    order = makers.make_order()
    order.city = "Roma"

    with CaptureQueriesContext(connection) as seen:
        order.save()

    assignments = seen[0]["sql"].split(" WHERE ")[0]
    assert '"merchant_id" =' not in assignments
    assert Order.objects.get().city == "Roma"


def test_a_related_row_is_asked_for_with_the_merchant(merchant):
    line = OrderLine.objects.get(pk=makers.make_order().lines.get().pk)

    with CaptureQueriesContext(connection) as seen:
        assert line.order.city == "Torino"

    assert f'"merchant_id" = {merchant.pk}' in seen[0]["sql"]


# --- references


def test_a_reference_to_another_merchants_row_is_refused_by_the_database(merchant, theirs):
    with pytest.raises(IntegrityError, match="order_line_order_fk"), transaction.atomic():
        OrderLine.objects.create(order_id=theirs.pk, line_key="x", name="x", quantity=1)


def test_a_reference_to_another_merchants_row_is_refused_by_the_form(merchant, theirs):
    line = OrderLine(merchant=merchant, order_id=theirs.pk, line_key="x", name="x", quantity=1)

    with pytest.raises(ValidationError):
        line.validate_constraints(exclude=set())


def test_deleting_a_row_takes_its_own_with_it(merchant):
    order = makers.make_order(lines=[{}, {}])

    order.delete()

    assert OrderLine.objects.count() == 0


def test_every_relation_between_tenant_tables_carries_the_merchant():
    from django.apps import apps

    from rientro.kit.tenancy import ScopedRow, TenantForeignKey

    plain = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("rientro").get_models()
        if issubclass(model, ScopedRow)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and issubclass(field.related_model, ScopedRow)
        and not isinstance(field, TenantForeignKey)
    ]

    assert plain == []
