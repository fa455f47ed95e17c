"""Where the rows of a source are fetched when it has no folder of files, as its YAML says it.

No secret stands in a YAML: what is one must be named by an environment variable, and is looked up when it is used.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from dagster_project.loading.errors import SourceError
from dagster_project.settings import SettingsError, expand_variables

_ONE_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


def _named_by_variable(secret: str) -> str:
    if not _ONE_VARIABLE.fullmatch(secret):
        raise ValueError("a secret must not stand in the file; name an environment variable: ${SHOP_PASSWORD}")
    return secret


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_Secret = Annotated[str, AfterValidator(_named_by_variable)]
_Text = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]


class Strict(BaseModel):
    """A part of a source's YAML: unknown keys are errors, and no error shows what was written in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SqliteDatabase(Strict):
    """An SQLite file; a relative ``path`` counts from where the YAML lies."""

    system: Literal["sqlite"]
    path: _Text


class PostgresDatabase(Strict):
    """A PostgreSQL database; what is left out is taken from libpq's own variables and files (PGHOST, .pgpass)."""

    system: Literal["postgresql"]
    name: _Text
    host: _Text | None = None
    port: _Text | None = None
    user: _Text | None = None
    password: _Secret | None = None
    ssl_mode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] | None = None


Database = Annotated[SqliteDatabase | PostgresDatabase, Field(discriminator="system")]


# What of an API's `auth` must not stand in a YAML.
SECRETS = ("token", "api_key", "password", "client_secret", "access_token")


def _secrets_named(auth: dict[str, str]) -> dict[str, str]:
    for name in SECRETS:
        if name in auth:
            _named_by_variable(auth[name])
    return auth


_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


def _with_numbers(value: Any) -> Any:
    """What a paginator is told, its numbers and switches as such: the values of a source's YAML are text."""
    if isinstance(value, dict):
        return {key: _with_numbers(part) for key, part in value.items()}
    if not isinstance(value, str):
        return value
    return int(value) if re.fullmatch(r"-?\d+", value, re.ASCII) else _WORDS.get(value, value)


class Api(Strict):
    """A REST API; ``auth`` and ``paginator`` are what dlt's REST source calls so."""

    base_url: _Text
    auth: Annotated[dict[str, str], AfterValidator(_secrets_named)] = {}
    headers: dict[str, str] = {}
    paginator: Annotated[str | dict[str, Any] | None, BeforeValidator(_with_numbers)] = None
    timeout_seconds: int = Field(default=3600, ge=1)


def expand(text: str, place: str) -> str:
    """``text`` with its variables looked up; raises SourceError naming ``place`` when one is not set."""
    try:
        return expand_variables(text)
    except SettingsError as error:
        raise SourceError(f"{place}: {error}") from error
