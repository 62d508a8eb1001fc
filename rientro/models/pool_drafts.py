"""Uploaded labels that wait to be looked at: what is still wrong with each."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from rientro.kit.sentences import Sentence
from rientro.models.documents import StoredDocument
from rientro.models.label_pool import OWN_LABELS, LabelUpload, PoolLabel
from rientro.models.parcels import Parcel
from rientro.policy.tracking_numbers import tracking_problem

TWICE = Sentence("Another label of this upload has the same number.")
IN_POOL = Sentence("A label with this number is in the pool already.")
SAME_PAPER = Sentence("This very label is in the pool already, with another number.")
GIVEN_OUT = Sentence("A return has had a label with this number.")
EXPIRED = Sentence("This label has expired.")


def drafts_of(upload: LabelUpload) -> list[PoolLabel]:
    """The labels of ``upload`` that are not in the pool yet, in their order."""
    rows = PoolLabel.objects.filter(upload=upload, state=PoolLabel.State.DRAFT.value)
    return list(rows.order_by("place"))


def problems_of(labels: Sequence[PoolLabel], *, today: date) -> dict[int, Sentence]:
    """{id of a draft: why it cannot go into the pool yet}; those without a problem are not named."""
    numbers = Counter(label.tracking_number for label in labels)
    kept = PoolLabel.objects.exclude(state=PoolLabel.State.DRAFT.value)
    in_pool = set(
        kept.filter(tracking_number__in=numbers).values_list("tracking_number", flat=True)
    )
    papers = set(
        kept.filter(paper__in=[label.paper_id for label in labels]).values_list(
            "paper_id", flat=True
        )
    )
    given = Parcel.objects.filter(carrier_code=OWN_LABELS, tracking_number__in=list(numbers))
    given_out = set(given.values_list("tracking_number", flat=True))
    found: dict[int, Sentence] = {}
    for label in labels:
        number = label.tracking_number
        problem = tracking_problem(number)
        for is_so, words in (
            (numbers[number] > 1, TWICE),
            (number in in_pool, IN_POOL),
            (number in given_out, GIVEN_OUT),
            (label.paper_id in papers, SAME_PAPER),
            (label.expires_on is not None and label.expires_on < today, EXPIRED),
        ):
            if problem is None and is_so:
                problem = words
        if problem is not None:
            found[label.pk] = problem
    return found


def drop_drafts(labels: Sequence[PoolLabel]) -> int:
    """Delete drafts and the files that only they have; says how many."""
    papers = {label.paper_id for label in labels}
    papers |= {label.thumb_id for label in labels if label.thumb_id}
    count = PoolLabel.objects.filter(
        pk__in=[label.pk for label in labels], state=PoolLabel.State.DRAFT.value
    ).delete()[0]
    for column in ("paper_id", "thumb_id"):
        used = PoolLabel.objects.filter(**{f"{column}__in": papers})
        papers -= set(used.values_list(column, flat=True))
    StoredDocument.objects.filter(pk__in=papers).delete()
    return count


def forget_drafts(*, before: datetime) -> int:
    """Labels that were uploaded before that moment and never put into the pool."""
    idle = PoolLabel.objects.filter(state=PoolLabel.State.DRAFT.value, created_at__lt=before)
    return drop_drafts(list(idle))
