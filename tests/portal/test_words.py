"""Every sentence of the portal and its mails is there in every language of the house, and up to date."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "script" / "messages"


@pytest.fixture(scope="module")
def messages():
    loader = SourceFileLoader("script_messages", str(SCRIPT))
    spec = spec_from_loader("script_messages", loader)
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_sentence_a_shopper_reads_is_translated_and_compiled(messages):
    found = [
        problem
        for language in messages.LANGUAGES
        for problem in messages.problems(language, rooms=messages.SHOPPERS)
    ]

    assert found == []


def test_a_plural_a_context_and_a_filter_argument_are_found(messages, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '{% translate "Done" context "step" %}{{ words|default:_("Pack it") }}'
        "{% blocktranslate count n=items|length %}{{ n }} item{% plural %}{{ n }} items"
        "{% endblocktranslate %}{# {% translate 'not this' %} #}"
    )

    found = [(message, context) for _, message, context in messages._in_template(page)]

    assert found == [
        ("Done", "step"),
        ("Pack it", None),
        (("%(n)s item", "%(n)s items"), None),
    ]
