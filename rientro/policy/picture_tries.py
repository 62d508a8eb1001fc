"""How often is a product's picture asked for?"""

from datetime import datetime, timedelta

PER_LOOK = 50  # pictures of one merchant in one go; a look every ten minutes makes 300 an hour
LOOK_S = 120.0  # one go lasts so long at most
DEADLINE_S = 10.0  # of one picture
EDGE = 640  # pixels of the longer side that we keep
PEACE = timedelta(hours=1)  # for a machine that asks for it, or does not answer
WAITS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))


def next_try(tries: int, *, at: datetime) -> datetime | None:
    """When a picture that was missed ``tries`` times is asked for again; None: never by itself."""
    return at + WAITS[tries - 1] if tries <= len(WAITS) else None
