"""The assets, a module a subject: what is read, which function is called, what is written."""
