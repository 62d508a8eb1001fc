"""Labels, slips, statements and the care of carriers' PDFs: data in, bytes out. Knows no Django."""
