"""Programs for people, made of the library. Nothing is computed here that it can't do."""
