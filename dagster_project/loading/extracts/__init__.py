"""Rows that lie in no file yet: fetched from a database or an API into a file, and loaded like any other."""
