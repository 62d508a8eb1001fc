"""EasyPost: carriers of the United States and beyond behind one API, with returns that are paid when used."""
