"""How much memory a stranger's PDF may take when it is opened; import it beside pikepdf.

Five megabytes of a PDF can unpack to gigabytes, and qpdf unpacks object streams as soon as a file is looked at.
The limits hold for the whole process, so they are set once, when this module is first imported.
"""

from pikepdf.settings import set_qpdf_limits

MOST_BYTES = 64 * 1024 * 1024

set_qpdf_limits(
    flate_max_memory=MOST_BYTES,
    run_length_max_memory=MOST_BYTES,
    png_max_memory=MOST_BYTES,
    tiff_max_memory=MOST_BYTES,
    dct_max_memory=MOST_BYTES,
    parser_max_container_size=100_000,
)
