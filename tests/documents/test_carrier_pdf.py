import io
import random
import resource
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from rientro.documents.carrier_pdf import MAX_BYTES, CarrierPdfRefused, cleaned
from rientro.documents.label import draw_a6
from tests.documents.makers import facts
from tests.documents.reading import scanned, sizes_mm

LABEL = draw_a6(facts())
ACTING = [b"/OpenAction", b"/AA", b"/JavaScript", b"/JS", b"/EmbeddedFile", b"/Launch", b"/XFA"]


def armed():
    """A label that opens things, runs things and carries a file."""
    with pikepdf.open(io.BytesIO(LABEL)) as pdf:
        script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("cmd.exe"))
        pdf.Root.AA = Dictionary(WC=script)
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), script])))
        pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=String("<xfa/>"))
        pdf.attachments["bad.exe"] = b"MZ"
        page = pdf.pages[0].obj
        page.AA = Dictionary(O=pdf.make_indirect(script))
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 90, 90]),
            A=Dictionary(S=Name.URI, URI=String("http://bad.example")),
        )  # fmt: skip
        note = Dictionary(
            Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 0, 9, 9]), A=script, AA=script
        )
        page.Annots = Array([pdf.make_indirect(link), pdf.make_indirect(note)])
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def plain(pdf):
    """The PDF with every stream readable."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        out = io.BytesIO()
        opened.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def test_what_acts_is_gone_and_the_bars_are_read():
    before, after = plain(armed()), cleaned(armed())

    assert [word for word in ACTING if word not in before] == []
    assert [word for word in [*ACTING, b"bad.exe"] if word in plain(after)] == []
    assert scanned(after) == scanned(LABEL)
    assert sizes_mm(after) == sizes_mm(LABEL)


def test_a_harmless_annotation_stays_without_its_action():
    with pikepdf.open(io.BytesIO(cleaned(armed()))) as pdf:
        notes = [(str(note.Subtype), "/A" in note) for note in pdf.pages[0].Annots]

    assert notes == [("/Stamp", False)]


def test_the_same_document_is_cleaned_to_the_same_bytes():
    assert cleaned(armed()) == cleaned(armed())


def locked():
    with pikepdf.open(io.BytesIO(LABEL)) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def pages(number):
    pdf = pikepdf.new()
    for _ in range(number):
        pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("because", "content"),
    [
        ("format", b""),
        ("format", b"<html>Service unavailable</html>"),
        ("format", b"\x89PNG\r\n\x1a\n"),
        ("bytes", b"%PDF-1.7" + b"0" * MAX_BYTES),
        ("broken", b"%PDF-1.7\nnothing more"),
        ("broken", LABEL[:400]),
        ("locked", locked()),
        ("pages", pages(21)),
        ("pages", pages(0)),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(because, content):
    with pytest.raises(CarrierPdfRefused) as caught:
        cleaned(content)

    assert caught.value.facts["because"] == because
    assert caught.value.status == 502


def test_twenty_pages_pass():
    assert len(sizes_mm(cleaned(pages(20)))) == 20


def test_damage_of_any_kind_is_refused_or_mended_but_never_a_crash():
    whole, dice = armed(), random.Random(7)

    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 20)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        if dice.random() < 0.3:
            del damaged[dice.randrange(len(damaged)) :]
        try:
            clean = cleaned(bytes(damaged))
        except CarrierPdfRefused:
            continue
        assert [word for word in ACTING if word in plain(clean)] == []


def swollen(mebibytes):
    """A small file whose object stream unpacks to a large one."""
    packed = zlib.compress(b"5 0 <</A 1>>" + b" " * (mebibytes * 1024 * 1024), 9)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R/X 5 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]/X 5 0 R>>",
        b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream"
        % (len(packed), packed),
    ]
    file, places = b"%PDF-1.5\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(file)
    rows = b"\0\0\0\0\xff" + b"".join(b"\1" + at.to_bytes(3) + b"\0" for at in places)
    rows += b"\2\0\0\4\0" + b"\1" + start.to_bytes(3) + b"\0"
    head = b"<</Type/XRef/Size 7/W[1 3 1]/Root 1 0 R/Length %d>>" % len(rows)
    return file + b"6 0 obj\n%sstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % (
        head,
        rows,
        start,
    )


@pytest.mark.parametrize("mebibytes", [1, 200])
def test_a_file_that_swells_takes_little_memory(mebibytes):
    bomb = swollen(mebibytes)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    try:
        cleaned(bomb)
    except CarrierPdfRefused:
        pass

    assert len(bomb) < 300_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB
