"""What was odd about an upload of labels, in words that say what to do."""

from rientro.kit.sentences import Sentence

# word -> its sentence; `file` and `number` may stand in it
NOTES: dict[str, str] = {
    "locked": "“%(file)s” is locked. Open it, print it to a new PDF, and upload that one.",
    "script": "“%(file)s” holds a script or a form. Print it to a new PDF, and upload that one.",
    "attachment": "“%(file)s” has other files hidden in it. Print it to a new PDF, and upload that one.",
    "unreadable": "“%(file)s” cannot be read. Ask the carrier for it again, or print it to a new PDF.",
    "empty": "“%(file)s” has no pages.",
    "format": "“%(file)s” is no PDF, ZIP, CSV or XLSX. It was left out.",
    "too_many_pages": "“%(file)s” goes beyond the 500 labels of one upload. Upload it by itself, in parts.",
    "page_bytes": "Page %(number)s of “%(file)s” is larger than 5 MB. Print it to a new PDF with smaller pictures.",
    "no_room": "Page %(number)s of “%(file)s” was left out: one upload holds 60 MB. Upload the rest by itself.",
    "zip_too_large": "“%(file)s” unpacks to more than 80 MB or 1,000 files. Upload it in parts.",
    "table": "“%(file)s” cannot be read as a table: the numbers are still to be typed.",
    "second_table": "“%(file)s” was left out: one table of numbers is read, the first.",
    "row_left": "Row %(number)s of the table belongs to no page: “%(file)s”.",
    "no_row": "%(number)s labels have no row in the table.",
}
NO_FILE = frozenset({"no_row"})


def note_sentence(word: str, file: str, number: int) -> Sentence:
    """The sentence of a note that LabelUpload keeps as [word, file, number]."""
    pattern = NOTES.get(word, "“%(file)s” was left out.")
    values = {"file": file, "number": number}
    return Sentence(
        pattern, **{name: value for name, value in values.items() if f"%({name})s" in pattern}
    )
