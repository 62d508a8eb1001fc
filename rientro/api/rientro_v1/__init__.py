"""/api/rientro/v1: our own words, for what Sendcloud lacks and a merchant automates."""
