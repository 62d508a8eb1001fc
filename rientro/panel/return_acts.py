"""What the desk does with one return: each view parses, takes one step of a flow, and goes back to the page."""

from functools import partial

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from rientro.flows.add_parcel import add_parcel
from rientro.flows.approve_return import approve_return
from rientro.flows.cancel_return import cancel_return
from rientro.flows.mark_delivered import mark_delivered
from rientro.flows.receive_return import ReceivedItem, receive_return
from rientro.flows.reject_return import reject_return
from rientro.flows.request_void import request_void
from rientro.flows.retry_label import retry_label
from rientro.kit.errors import Missing
from rientro.models import Label, Return, ReturnItem
from rientro.panel.choice_words import choices_in_words
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.pictures import show_pictures
from rientro.panel.return_page import newest_label, return_of, steps_of


class ReceiveForm(forms.Form):
    """One item in the box."""

    use_required_attribute = False

    quantity = forms.IntegerField(min_value=0, label=lazy("Units here"))
    grade = forms.ChoiceField(
        choices=partial(choices_in_words, ReturnItem.Grade.choices),
        required=False,
        label=lazy("Condition"),
    )
    disposition = forms.ChoiceField(
        choices=partial(choices_in_words, ReturnItem.Disposition.choices),
        required=False,
        label=lazy("Goes to"),
    )

    def __init__(self, *args: object, item: ReturnItem, **kwargs: object) -> None:
        kwargs.setdefault("prefix", f"item{item.pk}")
        start = {
            "quantity": item.received_quantity or item.quantity,
            "grade": item.grade or ReturnItem.Grade.NEW.value,
            "disposition": item.disposition or ReturnItem.Disposition.RESTOCK.value,
        }
        super().__init__(*args, initial=start, **kwargs)  # type: ignore[arg-type,misc]
        self.item = item
        self.fields["quantity"].widget.attrs |= {
            "class": "input num",
            "max": item.quantity,
            "inputmode": "numeric",
        }
        for name in ("grade", "disposition"):
            self.fields[name].widget.attrs["class"] = "select"

    def found(self) -> ReceivedItem:
        said = self.cleaned_data
        return ReceivedItem(
            item_id=self.item.pk,
            quantity=said["quantity"],
            grade=said["grade"] if said["quantity"] else "",
            disposition=said["disposition"] if said["quantity"] else "",
        )


@door()
@require_POST
def approve(request: PanelRequest, number: str) -> HttpResponse:
    ret = _ret(request, number)
    attempt(
        request,
        lambda: approve_return(ret=ret, actor=request.actor, now=request.now),
        done=_("Approved. The shopper is told by mail, and the label follows."),
    )
    return redirect("panel:return", number)


@door()
@require_POST
def reject(request: PanelRequest, number: str) -> HttpResponse:
    ret, words = _ret(request, number), request.POST.get("words", "")
    attempt(
        request,
        lambda: reject_return(ret=ret, words=words, actor=request.actor, now=request.now),
        done=_("Rejected. The shopper gets your words by mail."),
    )
    return redirect("panel:return", number)


@door()
@require_POST
def cancel(request: PanelRequest, number: str) -> HttpResponse:
    ret = _ret(request, number)
    attempt(
        request,
        lambda: cancel_return(ret=ret, actor=request.actor, now=request.now),
        done=_("Cancelled. A label that was bought is given back to the carrier and credited."),
    )
    return redirect("panel:return", number)


@door(act="receive")
@require_POST
def deliver(request: PanelRequest, number: str) -> HttpResponse:
    ret = _ret(request, number)
    attempt(
        request,
        lambda: mark_delivered(ret=ret, actor=request.actor, now=request.now),
        done=_("Marked as delivered."),
    )
    return redirect("panel:return", number)


@door()
@require_POST
def retry(request: PanelRequest, number: str) -> HttpResponse:
    ret = _ret(request, number)
    attempt(
        request,
        lambda: retry_label(
            ret=ret, actor=request.actor, now=request.now, printed="printed" in request.POST
        ),
        done=_("A new label has been asked for. It takes a few seconds."),
    )
    return redirect("panel:return", number)


@door()
@require_POST
def void(request: PanelRequest, number: str) -> HttpResponse:
    """Give a label back while nobody has used it; the return stays open. Of several, the one that is named."""
    ret = return_of(request, number)
    named = request.POST.get("label", "")
    label = _label_of(ret, named) if named else newest_label(ret)
    if label is None:
        raise Missing(_("This label is not there."))
    attempt(
        request,
        lambda: request_void(label=label, actor=request.actor, now=request.now),
        done=_(
            "The carrier is asked to take the label back. It is credited when the carrier agrees."
        ),
    )
    return redirect("panel:return", number)


@door()
@require_POST
def add(request: PanelRequest, number: str) -> HttpResponse:
    """Another parcel, for what does not fit into the first."""
    ret = _ret(request, number)
    attempt(
        request,
        lambda: add_parcel(ret=ret, actor=request.actor, now=request.now),
        done=_("One parcel more. Its label takes a few seconds, once the return is approved."),
    )
    return redirect("panel:return", number)


def _label_of(ret: Return, named: str) -> Label | None:
    labels = (label for parcel in ret.parcels.all() for label in parcel.labels.all())
    return next((label for label in labels if str(label.pk) == named), None)


@door(look="receive", act="receive")
@require_http_methods(["GET", "POST"])
def receive(request: PanelRequest, number: str) -> HttpResponse:
    """The box on the table: how many units of each item are here, in what state, and where they go."""
    ret = return_of(request, number)
    items = list(ret.items.all())
    rows = [ReceiveForm(request.POST or None, item=item) for item in items]
    sound = [row.is_valid() for row in rows]  # each says what is wrong with it
    if request.method == "POST" and all(sound):
        found = [row.found() for row in rows]
        complete = all(f.quantity == item.quantity for f, item in zip(found, items, strict=True))
        if attempt(
            request,
            lambda: receive_return(ret=ret, items=found, actor=request.actor, now=request.now),
            done=_("Counted, and all of it is here.")
            if complete
            else _("Counted. What is missing stays open."),
        ):
            return redirect("panel:return", number)
    show_pictures(request.merchant, [item.order_line for item in items])
    context = {"ret": ret, "rows": rows, "steps": steps_of(request, ret)}
    return render(request, "panel/receive.html", context)


def _ret(request: PanelRequest, number: str) -> Return:
    return request.merchant.returns.get_or_missing(number=number)
