"""Rientro: the open returns platform."""
