"""A return without a label of ours, moved by a machine: under which number it travels, and that it was sent."""

from typing import Any

from rientro.api.describe import STRING, maybe, named, record
from rientro.api.door import Call, methods
from rientro.api.reading import Reader
from rientro.api.rientro_v1.common import stop_if_wrong
from rientro.api.rientro_v1.return_acts import step
from rientro.carriers.registry import UnknownCarrier, known
from rientro.flows.mark_sent import mark_sent
from rientro.flows.tell_number import OwnParcel, tell_number
from rientro.models import Return

NUMBER = named("OwnTrackingNumber", record({"tracking_number": STRING}, carrier=maybe(STRING)))


def _tell(ret: Return, call: Call, reader: Reader) -> Any:
    number, carrier = reader.text("tracking_number"), reader.text("carrier")
    if "tracking_number" not in reader.told:
        reader.wrong("tracking_number", "This field is required.")
    stop_if_wrong(reader)
    told = OwnParcel(number=number, carrier_name=_called(carrier), carrier_code=carrier)
    return tell_number(ret=ret, told=told, actor=call.actor, now=call.now)


def _called(carrier: str) -> str:
    """A code is shown to people by its carrier's name; words stay as they are."""
    try:
        return known(carrier).name
    except UnknownCarrier:
        return carrier


number = methods(
    POST=step(
        "rientro_tell_return_number",
        """Write down under which number a return travels that has no label of ours.

        ``carrier`` is the code of a connected carrier, which is then asked where the parcel is, or a name in words.
        The number may be corrected until its first scan; an empty one takes it away. Safe to repeat.
        """,
        _tell,
        body=NUMBER,
    )
)
sent = methods(
    POST=step(
        "rientro_mark_return_sent",
        "Say that a return without a label of ours is on its way, where no carrier can say so. Safe to repeat.",
        lambda ret, call, reader: mark_sent(ret=ret, actor=call.actor, now=call.now),
    )
)
