"""What the SQL linter takes for dbt's ``adapter``: a dispatched macro becomes a call of its own name."""

from collections.abc import Callable


def dispatch(macro: str) -> Callable[..., str]:
    """The macro as SQL that parses."""

    def call(*arguments: object) -> str:
        lists = [argument if isinstance(argument, list) else [argument] for argument in arguments]
        names = [str(name) for group in lists for name in group]
        return f"{macro}({', '.join(names)})"

    return call
