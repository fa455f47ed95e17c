"""Counts in sentences."""


def several(count: int, noun: str) -> str:
    """A count with its noun: ``1 row``, ``2,000 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
