"""Kill and pause the house at every marked point between a shopper's click and a stored label; then count.

Real processes, a real PostgreSQL and the real sandbox carrier; a client that retries, a worker, the sweeper.
`script/crash` runs it; `tests/host/test_crash.py` runs a short version in CI. Figures: docs/reliability.md
"""
