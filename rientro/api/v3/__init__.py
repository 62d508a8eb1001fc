"""Version 3 of the API: lists in `data`, problems in `errors`."""
