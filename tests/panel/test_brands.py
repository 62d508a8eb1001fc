"""Settings › Brands: the editor, its preview, the corrections, the portal's address and the logo."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from rientro.models import Brand, PortalName, PortalSettings, ReturnReason
from rientro.policy.colours import contrast
from tests.panel.places import place


def form_of(**changes):
    return {
        "name": "Lumen",
        "slug": "lumen",
        "colour_accent": "#c4705c",
        "colour_paper": "#f4f3ee",
        "colour_surface": "#ffffff",
        "colour_ink": "#1d1e1b",
        "colour_head": "#ffffff",
        "colour_foot": "#f4f3ee",
        "font": "serif",
        "heading_weight": "400",
        "roundness": "0.5",
        "languages": ["en", "it"],
        "default_language": "it",
    } | changes


def picture(kind="PNG", size=(600, 200)):
    out = io.BytesIO()
    Image.new("RGB", size, "#7b3328").save(out, kind)
    return SimpleUploadedFile("logo.png", out.getvalue())


def test_a_new_brand_opens_a_portal_with_reasons(owner, merchant):
    owner.post(
        place("brand_new"), form_of(link_shop="https://lumen.example", text_it_find_title="Ciao")
    )

    brand = Brand.objects.get()
    assert (brand.texts, brand.links) == (
        {"it": {"find_title": "Ciao"}},
        {"shop": "https://lumen.example"},
    )
    assert PortalName.objects.get(slug="lumen").brand_id == brand.pk
    assert PortalSettings.objects.get(brand=brand).allow_without_outbound is False
    assert ReturnReason.objects.filter(brand=brand).count() == 7
    assert owner.get("/lumen/").status_code == 200


def test_the_portal_answers_at_its_new_address_only(owner, house):
    old = house.brand.slug

    owner.post(place("brand", house.brand.pk), form_of(slug="new-name"))

    names = PortalName.objects.filter(brand_id=house.brand.pk, merchant_id=house.brand.merchant_id)
    assert [name.slug for name in names] == ["new-name"]
    assert owner.get(f"/{old}/").status_code == 404


@pytest.mark.parametrize("slug", ["panel", "api", "static"])
def test_the_house_keeps_its_own_addresses(owner, merchant, slug):
    answer = owner.post(place("brand_new"), form_of(slug=slug))

    assert "This portal address is taken" in answer.content.decode()
    assert not Brand.objects.exists()


def test_an_address_of_another_merchant_is_taken(owner, house, strangers):
    answer = owner.post(place("brand", house.brand.pk), form_of(slug=strangers.brand.slug))

    assert "This portal address is taken" in answer.content.decode()
    assert PortalName.objects.get(slug=strangers.brand.slug).brand_id == strangers.brand.pk


def test_a_logo_is_drawn_anew(owner, house):
    owner.post(place("brand", house.brand.pk), form_of(logo=picture("JPEG", (2000, 400))))

    house.brand.refresh_from_db()
    kept = Image.open(io.BytesIO(bytes(house.brand.logo.content)))
    assert (kept.format, kept.size) == ("PNG", (800, 160))


def test_what_is_no_picture_is_refused_in_words(owner, house):
    svg = SimpleUploadedFile("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")

    answer = owner.post(place("brand", house.brand.pk), form_of(logo=svg))

    assert "no picture that can be read" in answer.content.decode()


def test_a_logo_is_taken_away(owner, house):
    owner.post(place("brand", house.brand.pk), form_of(logo=picture()))
    owner.post(place("brand", house.brand.pk), form_of(drop_logo="on"))

    house.brand.refresh_from_db()
    assert house.brand.logo_id is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"colour_accent": "red"}, "Write a colour as #0b5a6e"),
        ({"colour_accent": "#12345g"}, "Write a colour as #0b5a6e"),
        ({"languages": ["it"], "default_language": "en"}, "Choose one of the languages above"),
        ({"link_help": "javascript:alert(1)"}, "Enter an address that begins with https://"),
        ({"text_it_pack_note": "{{ secret }}"}, "Nobody fills in"),
        ({"slug": "no spaces please"}, "Enter a valid"),
        ({"name": ""}, "required"),
    ],
)
def test_what_a_brand_cannot_be_stands_beside_the_field(owner, merchant, wrong, words):
    answer = owner.post(place("brand_new"), form_of(**wrong))

    assert words in answer.content.decode()
    assert not Brand.objects.exists()


def test_the_preview_shows_before_and_after_of_a_correction(owner, house):
    answer = owner.post(place("brand_preview"), form_of(brand=house.brand.pk, colour_ink="#f0e0d0"))

    ink = next(fix for fix in answer.context["fixes"] if fix["name"] == "ink")
    assert ink["chosen"] == "#f0e0d0"
    assert contrast(ink["used"], "#f4f3ee") >= 4.5
    assert "Lumen" in answer.content.decode()
    house.brand.refresh_from_db()
    assert house.brand.colour_ink == "#1d1e1b"


def test_the_preview_speaks_the_words_of_the_draft(owner, house):
    answer = owner.post(place("brand_preview"), form_of(text_it_find_title="Qualcosa non va?"))

    assert "Qualcosa non va?" in answer.content.decode()


def test_the_stylesheet_of_a_draft_holds_nothing_but_numbers(owner, house):
    hostile = "}body{display:none}"

    sheet = owner.get(
        place("brand_looks"),
        {"accent": "#c4705c", "font": hostile, "paper": hostile, "round": hostile},
    ).content.decode()

    assert "display" not in sheet
    assert ".brand-draft" in sheet


def test_without_a_script_a_button_draws_the_preview(owner, house):
    answer = owner.post(place("brand", house.brand.pk), form_of(act="preview", name="Tried"))

    assert "accent=%23c4705c" in answer.context["looks"]
    house.brand.refresh_from_db()
    assert house.brand.name == "Sartoria Brina"


def test_a_preview_of_another_merchants_brand_is_not_there(owner, house, strangers):
    assert owner.post(place("brand_preview"), form_of(brand=strangers.brand.pk)).status_code == 404


def test_the_desk_publishes_nothing(as_role, house):
    assert as_role("desk").post(place("brand_new"), form_of()).status_code == 403
    assert as_role("desk").post(place("brand_preview"), form_of()).status_code == 403


def test_the_preview_fills_in_what_a_text_names(owner, house):
    answer = owner.post(
        place("brand_preview"),
        form_of(brand=house.brand.pk, text_it_find_lead="{{ brand }}: {{ window_days }} giorni"),
    )

    assert answer.context["words"]["lead"] == "Lumen: 30 giorni"


def test_a_file_that_is_too_large_is_not_even_read(owner, house):
    huge = SimpleUploadedFile("logo.png", b"\x89PNG" + b"0" * (5 * 1024 * 1024))

    answer = owner.post(place("brand", house.brand.pk), form_of(logo=huge))

    assert "larger than 5 MB" in answer.content.decode()


def test_an_address_of_another_brand_of_ours_is_taken_too(owner, house):
    answer = owner.post(place("brand", house.brand.pk), form_of(slug=house.other_brand.slug))

    assert answer.status_code == 200
    assert "This portal address is taken" in answer.content.decode()
