"""Each carrier's tracking codes in ours, in one place.

A code that is new to us still says that somebody saw the parcel: it is in transit. ``delivered`` means that the
return reached the merchant, ``returned_to_sender`` that it went back to the shopper. Sources: the carriers' public
interface descriptions (DHL Parcel DE Tracking, UPS Tracking, FedEx Track, bpost Track & Trace, La Poste Suivi v2,
GLS Track and Trace), as far as known on 2026-11-25; no carrier was asked.
"""

from collections.abc import Mapping

from rientro.policy.lifecycle import CarrierState

C = CarrierState

# ICE codes of an event; its standard-event-code says the same in other letters.
DHL_PARCEL_DE: Mapping[str, CarrierState] = {
    **dict.fromkeys(("VA", "PARCV"), C.LABEL_READY),
    **dict.fromkeys(("SHRCU", "PCKDU", "AE", "ES"), C.HANDED_IN),
    **dict.fromkeys(("SRTED", "ULFMV", "LDTMV", "ARRVD", "AA", "EE", "PO"), C.IN_TRANSIT),
    **dict.fromkeys(("NDELV", "NB", "DMGED"), C.EXCEPTION),
    **dict.fromkeys(("DLVRD", "ZU"), C.DELIVERED),
    **dict.fromkeys(("RETRN", "RT"), C.RETURNED_TO_SENDER),
}

# Shipment Tracking – Unified: statusCode.
DHL: Mapping[str, CarrierState] = {
    "PRE-TRANSIT": C.LABEL_READY,
    "TRANSIT": C.IN_TRANSIT,
    "DELIVERED": C.DELIVERED,
    "FAILURE": C.EXCEPTION,
    "UNKNOWN": C.IN_TRANSIT,
}

# The type of an activity; a few codes say more than their type.
UPS_TYPES: Mapping[str, CarrierState] = {
    **dict.fromkeys(("M", "MV"), C.LABEL_READY),
    "P": C.HANDED_IN,
    **dict.fromkeys(("I", "O", "DO", "DD", "W", "NA"), C.IN_TRANSIT),
    "X": C.EXCEPTION,
    "D": C.DELIVERED,
    "RS": C.RETURNED_TO_SENDER,
}
UPS_CODES: Mapping[str, CarrierState] = {
    **dict.fromkeys(("OR", "XD", "PU"), C.HANDED_IN),
    **dict.fromkeys(("DY", "SD"), C.DELAYED),
    **dict.fromkeys(("RS", "RT"), C.RETURNED_TO_SENDER),
}

FEDEX: Mapping[str, CarrierState] = {
    **dict.fromkeys(("OC", "MD", "EP", "CA", "RD"), C.LABEL_READY),
    **dict.fromkeys(("PU", "PX", "DO"), C.HANDED_IN),
    **dict.fromkeys(("IT", "IX", "AR", "DP", "AF", "OD", "OF", "TR", "HL", "AA"), C.IN_TRANSIT),
    **dict.fromkeys(("CD", "CP", "CC"), C.AT_CUSTOMS),
    **dict.fromkeys(("DY", "DD", "PY"), C.DELAYED),
    **dict.fromkeys(("DE", "SE"), C.EXCEPTION),
    "DL": C.DELIVERED,
    **dict.fromkeys(("RS", "RT"), C.RETURNED_TO_SENDER),
}

# By the letter of a code of three, where the code itself is not listed.
BPOST: Mapping[str, CarrierState] = {
    **dict.fromkeys(("A", "A0"), C.LABEL_READY),
    **dict.fromkeys(("R", "T", "L", "I"), C.IN_TRANSIT),
    "C": C.AT_CUSTOMS,
    "N": C.DELAYED,
    **dict.fromkeys(("B", "S", "R11", "R12", "T03"), C.EXCEPTION),
    "U": C.DELIVERED,
}

COLISSIMO: Mapping[str, CarrierState] = {
    "DR1": C.LABEL_READY,
    **dict.fromkeys(("PC1", "PC2"), C.HANDED_IN),
    **dict.fromkeys(("ET1", "ET2", "ET3", "ET4", "EP1", "MD2", "AG1"), C.IN_TRANSIT),
    **dict.fromkeys(("DO1", "DO2", "DO3"), C.AT_CUSTOMS),
    **dict.fromkeys(("PB1", "PB2", "ND1", "DI3"), C.EXCEPTION),
    "RE1": C.RETURNED_TO_SENDER,
    **dict.fromkeys(("DI0", "DI1"), C.DELIVERED),
    "DI2": C.RETURNED_TO_SENDER,  # delivered to its sender
}

# The status of a parcel as a whole.
GLS: Mapping[str, CarrierState] = {
    **dict.fromkeys(("PLANNEDPICKUP", "PREADVICE", "CANCELED"), C.LABEL_READY),
    "INPICKUP": C.HANDED_IN,
    **dict.fromkeys(("INTRANSIT", "INWAREHOUSE", "INDELIVERY", "NOTPICKEDUP"), C.IN_TRANSIT),
    "NOTDELIVERED": C.EXCEPTION,
    **dict.fromkeys(("DELIVERED", "DELIVEREDPS", "FINAL"), C.DELIVERED),
}

# The codes of single events, whole or by their first half.
GLS_EVENTS: Mapping[str, CarrierState] = {
    **dict.fromkeys(("INTIAL.PREADVICE", "EPSEND"), C.LABEL_READY),
    **dict.fromkeys(("CLLCTD", "PICKOK"), C.HANDED_IN),
    **dict.fromkeys(("INBOUD", "OUTBOD", "OUTDEL", "FOWARD", "LOADED", "INTIAL"), C.IN_TRANSIT),
    **dict.fromkeys(("CLEAR", "CUDACA"), C.AT_CUSTOMS),
    **dict.fromkeys(("NOTDEL", "NTDEL2", "NOUTDL", "REFUSD", "CUSTPB", "CANCEL"), C.EXCEPTION),
    "DELIVD": C.DELIVERED,
    **dict.fromkeys(("RETCUS", "RETURN"), C.RETURNED_TO_SENDER),
}


def state_in(table: Mapping[str, CarrierState], *codes: str) -> CarrierState:
    """The state of the first of ``codes`` that the table knows; in transit when it knows none."""
    for code in codes:
        found = table.get(code.strip().upper())
        if found:
            return found
    return C.IN_TRANSIT
