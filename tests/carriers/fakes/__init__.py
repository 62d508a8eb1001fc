"""Carriers that answer over real HTTP on this machine, as their manuals and recorded answers say."""
