"""The sheet for a parcel that the shopper sends: the address to stick on, three steps, and the packing slip."""

from babel.dates import format_date

from rientro.documents import compiler
from rientro.documents.facts import LabelFacts
from rientro.documents.fitting import size_that_fits
from rientro.documents.layout import label_words, locale_of, sheet_words
from rientro.documents.logo import prepared
from rientro.documents.words import words_for

ADDRESS_PT = (20.0, 18.0, 16.0, 14.0, 12.0, 10.0, 8.0, 6.0, 4.2)


def draw_slip(facts: LabelFacts) -> bytes:
    """A PDF on A4 without any postage. Its bars say the number of the return; ``tracking_number`` is not printed.

    Raises NoBarcode for a number that bars cannot say.
    """
    language, words = words_for(facts.language)
    until = words["own_step_3_more"]
    if facts.hand_in_by:
        day = format_date(facts.hand_in_by, "long", locale=locale_of(language))
        until = words["own_step_3_until"].format(date=day)
    told = label_words(facts) | sheet_words(facts)
    told |= {
        "own_postage": True,
        "title": f"{words['slip']} {told['return_number']}",
        "address_size": size_that_fits(
            told["receiver"], width_mm=92, height_mm=58, sizes=ADDRESS_PT, bold=True
        ),
        "steps": [
            [words["own_step_1"], words["own_step_1_more"]],
            [words["own_step_2"], words["own_step_2_more"]],
            [words["own_step_3"], until],
        ],
        "keep": [pair for pair in told["keep"] if pair[0] != words["tracking"]],
    }
    logo = prepared(facts.logo) if facts.logo else None
    return compiler.pdf("a4", told, pictures={"logo": logo.png} if logo else {})
