"""What nobody may need any more is forgotten: passes to orders, counted guesses, webhooks that came or went."""

from datetime import datetime, timedelta

from django.db import transaction

from rientro.models.deliveries import Delivery
from rientro.models.import_files import forget_files
from rientro.models.inquiries import forget_inquiries
from rientro.models.integrations import ImportRefusal
from rientro.models.invoice_book import forget_invoice_files
from rientro.models.lookup import LookupCounter, Ticket
from rientro.models.person_file import forget_person_files
from rientro.models.pool_drafts import forget_drafts
from rientro.models.rate_limits import forget_networks
from rientro.models.shop_asks import forget_asked
from rientro.models.shop_links import ShopMessage, ShopPull
from rientro.models.source_books import forget_source_files
from rientro.models.tracking import InboxMessage

TICKET_DAYS = 1  # after it ran out
COUNTER_DAYS = 2  # longer than the longest window that is asked about
FILE_DAYS = 7  # an uploaded file of orders that nobody started, or that stopped
DRAFT_DAYS = 30  # an uploaded label that was never put into the pool
REFUSAL_DAYS = 30  # a refused row holds a person's address as well
SOURCE_FILE_DAYS = 90  # what became of a file that was fetched
INQUIRY_DAYS = 7  # what a page asked a carrier
INBOX_DAYS = 30  # after it was understood; it holds a carrier's words about a person's parcel
NETWORK_DAYS = 1  # after its last wrong key
ASKED_DAYS = 1  # which numbers a shop was asked for
PULL_DAYS = 90  # a line of a shop's import log
PERSONAL = ("data_request", "erase", "erase_shop")  # kept until they are answered
DELIVERY_DAYS = 30  # a webhook's log; its bodies may hold what a merchant wanted to be told


@transaction.atomic
def purge_expired(*, now: datetime) -> int:
    """Delete this merchant's expired tickets (with their codes), old counters, idle files, drafts and webhooks."""
    forget_networks(before=now - timedelta(days=NETWORK_DAYS))
    tickets = Ticket.objects.filter(expires_at__lt=now - timedelta(days=TICKET_DAYS))
    counters = LookupCounter.objects.filter(window_start__lt=now - timedelta(days=COUNTER_DAYS))
    asked = forget_inquiries(before=now - timedelta(days=INQUIRY_DAYS))
    asked += forget_source_files(before=now - timedelta(days=SOURCE_FILE_DAYS))
    asked += forget_asked(before=now - timedelta(days=ASKED_DAYS))
    files = forget_files(before=now - timedelta(days=FILE_DAYS))
    files += forget_drafts(before=now - timedelta(days=DRAFT_DAYS))
    refused = ImportRefusal.objects.filter(run__created_at__lt=now - timedelta(days=REFUSAL_DAYS))
    files += forget_invoice_files(
        before=now - timedelta(days=FILE_DAYS), rows_before=now - timedelta(days=REFUSAL_DAYS)
    )
    inbox = InboxMessage.objects.filter(processed_at__lt=now - timedelta(days=INBOX_DAYS))
    told = Delivery.objects.exclude(state=Delivery.State.WAITING.value)
    told = told.filter(created_at__lt=now - timedelta(days=DELIVERY_DAYS))
    heard = ShopMessage.objects.filter(processed_at__lt=now - timedelta(days=INBOX_DAYS))
    heard = heard.exclude(kind__in=PERSONAL, answered_at=None)
    shown = list(heard.exclude(document=None).values_list("document_id", flat=True))
    pulled = ShopPull.objects.filter(at__lt=now - timedelta(days=PULL_DAYS))
    gone = sum(
        rows.delete()[0] for rows in (tickets, counters, refused, inbox, told, heard, pulled)
    )
    return files + asked + gone + forget_person_files(shown)
