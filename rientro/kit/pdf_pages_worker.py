"""The child that opens uploaded labels: run as a script, with pikepdf and typst, little memory and no keys.

stdin: one JSON line {files: [[name, size], …], most_pages, most_bytes}, then the files. stdout: one JSON line
{labels: [{file, page, pages, pdf, png}], tables: [[name, size]], refused: [[word, name, number]]}, then PDFs,
pictures and tables in that order. Imports nothing of ours, so that a parser that was broken into finds no key
and no database. What acts by itself or hides a file is refused (ISO 32000-2, 12.6 and 7.11.4), not mended.
"""

import io
import json
import resource
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

MEMORY_BYTES = 2048 * 1024 * 1024
CPU_SECONDS = 90
DRAWING_SECONDS = 30  # pages after that have no thumbnail
FILE_BYTES = 128 * 1024 * 1024
UNPACKED_BYTES = 80 * 1024 * 1024
STREAM_BYTES = 64 * 1024 * 1024
MOST_ENTRIES = 1000
PAGE_BYTES = 5 * 1024 * 1024
MOST_DEPTH = 40
TABLES = (".csv", ".tsv", ".txt", ".xlsx")
SCRIPTS = ("/JS", "/JavaScript", "/XFA")
HIDDEN = ("/EF", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/Ref")
ACTS = frozenset(["/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition"])
CHUNK = 25
# A page as the panel shows it: 110 x 155 pt at 144 dpi.
SHEET = "#set page(width: 110pt, height: 155pt, margin: 0pt)\n"
PICTURE = '#image("{name}", width: 110pt, height: 155pt, fit: "contain")\n'

Found = list[tuple[str, bytes]]


class Refused(Exception):
    """This file is not taken; the word says why."""


def main() -> None:
    head, _, content = sys.stdin.buffer.read().partition(b"\n")
    wish = json.loads(head)
    import pikepdf  # before the limits: importing opens files
    import typst
    from pikepdf.settings import set_qpdf_limits

    set_qpdf_limits(
        flate_max_memory=STREAM_BYTES,
        run_length_max_memory=STREAM_BYTES,
        png_max_memory=STREAM_BYTES,
        tiff_max_memory=STREAM_BYTES,
        dct_max_memory=STREAM_BYTES,
        parser_max_container_size=100_000,
    )
    with tempfile.TemporaryDirectory() as folder:
        _limit()
        try:
            facts, parts = _read(pikepdf, typst, Path(folder), content, wish)
        except MemoryError:
            facts, parts = {"refused_all": "too_large"}, []
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + b"".join(parts))


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(
    pikepdf: Any, typst: Any, folder: Path, content: bytes, wish: dict[str, Any]
) -> tuple[dict[str, Any], list[bytes]]:
    refused: list[list[Any]] = []
    papers, tables = _sorted(_unpacked(_files(content, wish), refused), refused)
    labels: list[dict[str, Any]] = []
    pages: list[bytes] = []
    for name, paper in papers:
        room = wish["most_pages"] - len(pages)
        try:
            split = _split(pikepdf, paper, room)
        except Refused as refusal:
            refused.append([str(refusal), name, 0])
            continue
        for number, page in enumerate(split, start=1):
            if len(page) > PAGE_BYTES:
                refused.append(["page_bytes", name, number])
            elif sum(map(len, pages)) + len(page) > wish["most_bytes"]:
                refused.append(["no_room", name, number])
            else:
                labels.append({"file": name, "page": number, "pages": len(split)})
                pages.append(page)
    thumbs = _drawn(typst, folder, pages)
    for label, page, thumb in zip(labels, pages, thumbs, strict=True):
        label |= {"pdf": len(page), "png": len(thumb)}
    facts = {
        "labels": labels,
        "tables": [[name, len(table)] for name, table in tables],
        "refused": refused,
    }
    return facts, [*pages, *thumbs, *(table for _, table in tables)]


# Files


def _files(content: bytes, wish: dict[str, Any]) -> Found:
    found, start = [], 0
    for name, size in wish["files"]:
        found.append((str(name), content[start : start + size]))
        start += size
    return found


def _unpacked(files: Found, refused: list[list[Any]]) -> Found:
    """A ZIP gives its files; a workbook is a ZIP as well, and stays whole. ZIPs within ZIPs are not opened."""
    found: Found = []
    for name, content in files:
        if not content.startswith(b"PK\x03\x04") or name.lower().endswith(TABLES):
            found.append((name, content))
            continue
        try:
            found += _entries(content)
        except Refused as refusal:
            refused.append([str(refusal), name, 0])
        except Exception:  # a ZIP may be broken in any way it likes
            refused.append(["unreadable", name, 0])
    return found


def _entries(content: bytes) -> Found:
    archive = zipfile.ZipFile(io.BytesIO(content))
    entries = [each for each in archive.infolist() if not each.is_dir()]
    # macOS packs a shadow of every file; nobody means those.
    entries = [e for e in entries if not e.filename.startswith("__MACOSX/")]
    if len(entries) > MOST_ENTRIES or sum(e.file_size for e in entries) > UNPACKED_BYTES:
        raise Refused("zip_too_large")
    found: Found = []
    left = UNPACKED_BYTES
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused("locked")
        with archive.open(entry) as stream:
            body = stream.read(left + 1)  # what it claims is not believed
        left -= len(body)
        if left < 0:
            raise Refused("zip_too_large")
        found.append((entry.filename.rpartition("/")[2] or entry.filename, body))
    return found


def _sorted(files: Found, refused: list[list[Any]]) -> tuple[Found, Found]:
    """PDFs by their name, as people number them, and tables."""
    papers: Found = []
    tables: Found = []
    for name, content in files:
        if b"%PDF-" in content[:1024]:
            papers.append((name, content))
        elif name.lower().endswith(TABLES):
            tables.append((name, content))
        else:
            refused.append(["format", name, 0])
    return sorted(papers, key=lambda each: _natural(each[0])), tables


def _natural(name: str) -> list[tuple[int, int, str]]:
    """ "label 2.pdf" stands before "label 10.pdf"."""
    parts, digits = [], ""
    for character in name.casefold() + "\0":
        if character.isascii() and character.isdigit():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits[:18]), ""))
            digits = ""
        parts.append((1, 0, character))
    return parts


# One PDF


def _split(pikepdf: Any, content: bytes, room: int) -> list[bytes]:
    """Its pages, each a PDF of its own without the catalogue."""
    try:
        with pikepdf.open(io.BytesIO(content)) as source:
            if source.is_encrypted:
                raise Refused("locked")
            if not len(source.pages):
                raise Refused("empty")
            if len(source.pages) > room:
                raise Refused("too_many_pages")
            for thing in source.objects:
                _look(pikepdf, thing, 0)
            source.remove_unreferenced_resources()
            return [_alone(pikepdf, page) for page in source.pages]
    except pikepdf.PasswordError as error:
        raise Refused("locked") from error
    except MemoryError:
        raise
    except Refused:
        raise
    except Exception as error:  # a parser of strangers' files may fail in any way it likes
        raise Refused("unreadable") from error


def _look(pikepdf: Any, thing: Any, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise Refused("unreadable")
    if isinstance(thing, pikepdf.Array):
        children = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        keys = set(thing.keys())
        if keys & set(SCRIPTS) or str(thing.get("/S")) in ACTS:
            raise Refused("script")
        external = isinstance(thing, pikepdf.Stream) and "/F" in keys
        if keys & set(HIDDEN) or str(thing.get("/Subtype")) == "/FileAttachment" or external:
            raise Refused("attachment")
        children = [value for _, value in thing.items()]
    else:
        return
    for child in children:
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            _look(pikepdf, child, depth + 1)


def _alone(pikepdf: Any, page: Any) -> bytes:
    fresh = pikepdf.new()
    fresh.pages.append(page)
    for name in ("/AA", "/Annots"):
        if name in fresh.pages[0].obj and (name == "/AA" or _is_lively(fresh.pages[0].obj)):
            del fresh.pages[0].obj[name]
    out = io.BytesIO()
    fresh.save(out, deterministic_id=True)
    return out.getvalue()


def _is_lively(page: Any) -> bool:
    """Annotations that only print stay: some carriers print with them."""
    return any(str(note.get("/Subtype")) in ("/Link", "/Widget", "/Screen") for note in page.Annots)


# Pictures


def _drawn(typst: Any, folder: Path, pages: list[bytes]) -> list[bytes]:
    """A small picture of every page; an empty one where drawing it failed or took too long."""
    for number, page in enumerate(pages):
        (folder / f"{number}.pdf").write_bytes(page)
    drawn: list[bytes] = []
    begun = time.process_time()
    for start in range(0, len(pages), CHUNK):
        numbers = list(range(start, min(start + CHUNK, len(pages))))
        if time.process_time() - begun > DRAWING_SECONDS:
            drawn += [b""] * len(numbers)
            continue
        together = _pictures(typst, folder, numbers)
        drawn += together or [(_pictures(typst, folder, [n]) or [b""])[0] for n in numbers]
    return drawn


def _pictures(typst: Any, folder: Path, numbers: list[int]) -> list[bytes]:
    words = SHEET + "#pagebreak()\n".join(PICTURE.format(name=f"{n}.pdf") for n in numbers)
    main = folder / "sheet.typ"
    main.write_text(words)
    try:
        made = typst.compile(
            str(main), root=str(folder), format="png", ppi=144, ignore_system_fonts=True
        )
    except Exception:  # a page that cannot be drawn is a label all the same
        return []
    made = made if isinstance(made, list) else [made]
    return made if len(made) == len(numbers) else []


if __name__ == "__main__":
    main()
