"""Reads documents back as a scanner and as a person would."""

import re

import pypdfium2
import zxingcpp

# Of one language only: a reader that looks for every kind sees an EAN in a row of accents.
KINDS = (zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode)
HEX = re.compile(r"_([0-9A-F]{2})")


def pictures(pdf, dpi=203):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()


def scanned(pdf, dpi=203):
    """Every barcode on every page as (kind, text)."""
    return sorted(
        (str(found.format).split(".")[-1].replace(" ", ""), found.text)
        for picture in pictures(pdf, dpi)
        for found in zxingcpp.read_barcodes(picture, formats=KINDS)
    )


def words(pdf):
    """The text of every page, spaces and line ends as one space, invisible breaks removed."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = " ".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    return " ".join(text.replace("\u200b", "").replace("\ufffe", "").split())


def sizes_mm(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [tuple(round(side / 72 * 25.4, 1) for side in page.get_size()) for page in document]
    finally:
        document.close()


def zpl_fields(zpl):
    """What each ^FD…^FS says once the printer has read its _XX."""
    return [
        HEX.sub(lambda found: chr(int(found[1], 16)), field).encode("latin-1").decode()
        for field in re.findall(r"\^FD(.*?)\^FS", zpl.decode("ascii"))
    ]
