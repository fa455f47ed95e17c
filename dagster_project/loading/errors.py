"""What goes wrong while loading: a source that is set up wrongly, or data that break the contract."""


class SourceError(ValueError):
    """A source's YAML, or the files it names, cannot be used; the message names file, key and remedy."""


class LoadError(RuntimeError):
    """A load was refused and nothing of it is stored; the message gives counts, places and reasons."""
