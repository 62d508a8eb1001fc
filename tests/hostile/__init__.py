"""A thousand hostile addresses through every paper, mail, table and request: nothing breaks out, nothing is lost.

What is slow is done for a sample of them in CI, and for all with ``-m deep``.
"""
