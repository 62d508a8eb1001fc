"""Adapters of carriers: one file each, behind the words of `base.py`."""
