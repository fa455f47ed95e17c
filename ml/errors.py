"""Errors of ``ml`` that a caller branches on; every other wrong input is a plain ValueError."""


class ConfigError(ValueError):
    """A configuration file cannot be used; the message names file, key and remedy."""


class NotEnoughDataError(ValueError):
    """There is too little data to learn from; a caller keeps what it had and shows the reason."""


class TornBundleError(ValueError):
    """A model bundle is incomplete or altered; the message names the file."""


class OlderThanChampionError(ValueError):
    """A candidate was fitted on an earlier cut-off than the standing champion."""
