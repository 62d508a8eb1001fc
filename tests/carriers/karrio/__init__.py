"""Carriers that are reached through Karrio: what really goes over the wire, and what is made of each answer."""
