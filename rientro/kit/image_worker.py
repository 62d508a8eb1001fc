"""The child that opens an uploaded picture: run as a script, with nothing but Pillow and little memory.

stdin: one JSON line {max_edge, max_pixels, keep_alpha}, then the file. stdout: one JSON line, then the file
as re-encoded. It imports nothing of ours, so that a decoder that was broken into finds no key and no database.
"""

import io
import json
import resource
import sys
import warnings
from typing import Any

FORMATS = ["PNG", "JPEG", "WEBP", "GIF"]
MEMORY_BYTES = 768 * 1024 * 1024  # 25 megapixels in RGBA, twice over, and the decoders themselves
CPU_SECONDS = 10


def main() -> None:
    head, _, content = sys.stdin.buffer.read().partition(b"\n")
    wish = json.loads(head)
    from PIL import Image  # before the limits: importing opens files

    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # we count them ourselves, and answer in words
    _limit()
    warnings.simplefilter("ignore")
    try:
        facts, out = _again(Image, content, wish)
    except MemoryError:
        facts, out = {"refused": "too_large"}, b""
    except Exception:  # a decoder may fail in any way it likes: each means "not a usable picture"
        facts, out = {"refused": "unreadable"}, b""
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + out)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _again(image_module: Any, content: bytes, wish: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    from PIL import ImageOps

    picture = image_module.open(io.BytesIO(content), formats=FORMATS)
    if picture.width * picture.height > wish["max_pixels"]:  # the header alone, nothing decoded yet
        return {"refused": "too_many_pixels"}, b""
    picture.seek(0)
    picture = ImageOps.exif_transpose(picture)
    alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    mode = "RGBA" if alpha else "RGB"
    clean = picture.convert(mode)
    clean.thumbnail((wish["max_edge"], wish["max_edge"]), image_module.Resampling.LANCZOS)
    fresh = image_module.new(mode, clean.size)  # a new picture carries no metadata of the old one
    fresh.paste(clean)
    out = io.BytesIO()
    if wish["keep_alpha"] or alpha:
        fresh.save(out, "PNG", optimize=True)
        kind = "image/png"
    else:
        fresh.save(out, "JPEG", quality=86, optimize=True, progressive=True)
        kind = "image/jpeg"
    facts = {"content_type": kind, "width": fresh.width, "height": fresh.height}
    return facts, out.getvalue()


if __name__ == "__main__":
    main()
