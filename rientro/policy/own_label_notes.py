"""What was odd about an upload of labels, in words that say what to do."""

from collections.abc import Iterable

from rientro.kit.sentences import Sentence

# word -> its sentence; `file` and `number` may stand in it
NOTES: dict[str, Sentence] = {
    "locked": Sentence(
        "“%(file)s” is locked. Open it, print it to a new PDF, and upload that one."
    ),
    "script": Sentence(
        "“%(file)s” holds a script or a form. Print it to a new PDF, and upload that one."
    ),
    "attachment": Sentence(
        "“%(file)s” has other files hidden in it. Print it to a new PDF, and upload that one."
    ),
    "unreadable": Sentence(
        "“%(file)s” cannot be read. Ask the carrier for it again, or print it to a new PDF."
    ),
    "empty": Sentence("“%(file)s” has no pages."),
    "format": Sentence("“%(file)s” is no PDF, ZIP, CSV or XLSX. It was left out."),
    "too_many_pages": Sentence(
        "“%(file)s” goes beyond the 500 labels of one upload. Upload it by itself, in parts."
    ),
    "page_bytes": Sentence(
        "Page %(number)s of “%(file)s” is larger than 5 MB. Print it to a new PDF with smaller pictures."
    ),
    "no_room": Sentence(
        "Page %(number)s of “%(file)s” was left out: one upload holds 60 MB. Upload the rest by itself."
    ),
    "zip_too_large": Sentence(
        "“%(file)s” unpacks to more than 80 MB or 1,000 files. Upload it in parts."
    ),
    "table": Sentence("“%(file)s” cannot be read as a table: the numbers are still to be typed."),
    "second_table": Sentence("“%(file)s” was left out: one table of numbers is read, the first."),
    "row_left": Sentence("Row %(number)s of the table belongs to no page: “%(file)s”."),
    "out_of_order": Sentence(
        "A label is missing, so the numbers cannot be counted off. Write each number beside its label, "
        "or mend what was refused and upload everything again."
    ),
    "no_row": Sentence("%(number)s labels have no row in the table."),
}
OTHER = Sentence("“%(file)s” was left out.")


def note_sentence(word: str, file: str, number: int) -> Sentence:
    """The sentence of a note that LabelUpload keeps as [word, file, number]."""
    pattern = str(NOTES.get(word, OTHER))
    values = {"file": file, "number": number}
    return Sentence(
        pattern, **{name: value for name, value in values.items() if f"%({name})s" in pattern}
    )


def is_broken_off(refused: Iterable[tuple[str, str, int]]) -> bool:
    """Is a page missing among the (word, file, page) of an upload, so that no list fits its pages in order?"""
    return any(word != "format" or file.casefold().endswith(".pdf") for word, file, _ in refused)
