"""Running the house on a machine: embedded PostgreSQL, processes, demo data, backups."""
