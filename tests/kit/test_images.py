import io
import struct
import zlib

import pytest
from PIL import Image

from rientro.kit.images import MAX_BYTES, PictureRefused, redraw


def picture(kind="PNG", size=(40, 30), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, (200, 90, 40, 128)[: len(mode)] if mode != "P" else 3).save(
        out, kind, **options
    )
    return out.getvalue()


def png_header(width, height):
    """A PNG that says it is huge, in 60 bytes."""
    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_kind_we_take_is_drawn_anew(kind):
    drawn = redraw(picture(kind), max_edge=100, png=True)

    assert (drawn.content_type, drawn.width, drawn.height) == ("image/png", 40, 30)
    assert Image.open(io.BytesIO(drawn.content)).format == "PNG"


def test_a_large_picture_is_made_smaller_and_keeps_its_shape():
    drawn = redraw(picture(size=(2000, 1000)), max_edge=500)

    assert (drawn.width, drawn.height) == (500, 250)


def test_transparency_is_kept():
    drawn = redraw(picture(mode="RGBA"), max_edge=100)

    again = Image.open(io.BytesIO(drawn.content))
    assert (drawn.content_type, again.getpixel((0, 0))[3]) == ("image/png", 128)


def test_what_the_camera_wrote_is_dropped():
    exif = Image.Exif()
    exif[0x010E] = "at home, 45.46 N 9.19 E"

    drawn = redraw(picture("JPEG", exif=exif), max_edge=100)

    assert b"45.46" not in drawn.content
    assert dict(Image.open(io.BytesIO(drawn.content)).getexif()) == {}


def test_what_hides_behind_a_picture_is_dropped():
    drawn = redraw(picture() + b"<script>alert(1)</script>", max_edge=100)

    assert b"script" not in drawn.content


@pytest.mark.parametrize(
    ("case", "content", "because"),
    [
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "unreadable"),
        ("text", b"hello", "unreadable"),
        ("nothing", b"", "unreadable"),
        ("cut off", picture(size=(400, 400))[:60], "unreadable"),
        ("a riff that is no webp", b"RIFF\x00\x00\x00\x00WAVEfmt ", "unreadable"),
        ("a bomb by its header", png_header(50_000, 50_000), "too_many_pixels"),
        ("too many bytes", b"\x89PNG\r\n\x1a\n" + b"0" * MAX_BYTES, "too_many_bytes"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(case, content, because):
    with pytest.raises(PictureRefused) as caught:
        redraw(content, max_edge=100)

    assert caught.value.facts["because"] == because
    assert caught.value.message.endswith(".")
