"""/api/v2: one file per resource."""
