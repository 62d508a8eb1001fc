"""The carrier's own paper: one A6 page of plain text, a valid PDF written by hand."""

from collections.abc import Sequence

WIDTH, HEIGHT = 298, 420  # points; A6


def pdf(lines: Sequence[tuple[int, str]]) -> bytes:
    """A page with one (size, text) line below the other. Letters outside Latin-1 become question marks."""
    drawn, y = [], HEIGHT - 36
    for size, text in lines:
        drawn.append(f"BT /F1 {size} Tf 24 {y} Td ({_escaped(text)}) Tj ET")
        y -= size + 8
    stream = "\n".join(drawn).encode("latin-1", "replace")
    return _file(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>>>" % (WIDTH, HEIGHT),
            b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        ]
    )


def _escaped(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)[:60]
    return plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _file(objects: Sequence[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
