"""/api/v2/tracking/{tracking_number}: where a parcel on its way back has been seen, oldest first."""

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.history import history_of
from rientro.api.ids import parcel_id
from rientro.api.operations import operation
from rientro.api.v2.parcel_out import tracking_url
from rientro.api.v2.parcels import returns_of
from rientro.kit.errors import Missing
from rientro.models import Parcel

SCAN = record(
    {
        "carrier_update_timestamp": STRING,
        "parcel_status_history_id": STRING,
        "parent_status": STRING,
        "carrier_code": STRING,
        "carrier_message": STRING,
    }
)
TRACKING = named(
    "Tracking",
    record(
        {
            "parcel_id": STRING,
            "carrier_code": STRING,
            "created_at": STRING,
            "carrier_tracking_url": maybe(STRING),
            "sendcloud_tracking_url": STRING,
            "is_return": BOOLEAN,
            "is_to_service_point": BOOLEAN,
            "is_mail_box": BOOLEAN,
            "expected_delivery_date": maybe(STRING),
            "statuses": many(SCAN),
        },
        order_number=STRING,
        scans=INTEGER,
    ),
)


def parcel_by_number(call: Call, tracking_number: str) -> Parcel:
    """The parcel of this key's returns with that tracking number. Raises Missing."""
    ret = returns_of(call).filter(parcels__tracking_number=tracking_number).first()
    if ret is None or not tracking_number:
        raise Missing("No Parcel matches the given query.")
    return next(one for one in ret.parcels.all() if one.tracking_number == tracking_number)


@operation(
    "v2_get_tracking",
    "Tracking",
    scope="read:parcel",
    answers={200: TRACKING, 404: "V2Error"},
)
@transaction.atomic
def _one(call: Call, tracking_number: str) -> HttpResponse:
    """What happened to a parcel, oldest first: the return, its label, and every scan."""
    parcel = parcel_by_number(call, tracking_number)
    return json_response(
        {
            "parcel_id": str(parcel_id("parcel", parcel.pk)),
            "carrier_code": parcel.carrier_code,
            "created_at": _moment(parcel.created_at),
            "carrier_tracking_url": None,
            "sendcloud_tracking_url": tracking_url(parcel.ret),
            "is_return": True,
            "is_to_service_point": False,
            "is_mail_box": False,
            "expected_delivery_date": None,
            "statuses": [one.out(_moment(one.at)) for one in history_of(parcel.ret, parcel)],
        }
    )


def _moment(moment: object) -> str:
    return str(moment)  # 2022-01-25 16:42:03.277703+00:00, as Sendcloud writes it here


single = methods(GET=_one)
