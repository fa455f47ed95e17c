"""A source's YAML as a checked object: which files, which columns, which time zone and currency.

Everything that can be said without looking at the data is checked here; an unknown key, table or column
is an error that names file, key and remedy.
"""

import codecs
import difflib
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from dagster_project.loading.columns import Table
from dagster_project.loading.contract import TABLES
from dagster_project.loading.extracts.origins import Api, Database, Strict
from dagster_project.loading.zones import is_offset

# A mapping may name this on every table: when the row reached the shop's own systems.
RECEIVED_AT = "received_at"

# What `deleted` fills: whether a row says that it has left.
IS_DELETED = "is_deleted"

# What a table of a source may say by where the source's rows are, and which of it it must say.
_KEYS_OF_ORIGINS = {
    "folder": ("files", "format", "optional"),
    "database": ("table", "query"),
    "api": ("endpoint", "params", "rows"),
}
_NEEDED_BY_ORIGIN = {"folder": "`files`", "database": "either `table` or `query`", "api": "`endpoint`"}

# Keys that shape rows and were not there from the beginning.
_LATER_KEYS = {"each", "deleted", "complete", "keep", "replaces"}

_Share = Annotated[float, Field(ge=0, le=1)]


# Looks through a folder of files each time it is asked.
_find_zones = cache(available_timezones)


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _as_expression(value: Any) -> Any:
    # `is_return: false` and `quantity: 1` are meant as SQL, also where whoever calls had YAML read them.
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


_Expression = Annotated[str, BeforeValidator(_as_expression), Field(min_length=1)]
_Word = Annotated[str, Field(min_length=1)]
_Patterns = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]


class CsvOptions(Strict):
    """How a delimited text file is written; ``column_names`` is for files without a header.

    ``skip`` lines come before the header or the first record: a title, the day of the report. An empty ``quote`` says
    that values are never quoted.
    """

    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    quote: str = Field(default='"', max_length=1)
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: str | None = Field(default=None, min_length=1, max_length=1)
    column_names: tuple[str, ...] | None = None
    skip: int = Field(default=0, ge=0)

    @field_validator("encoding")
    @classmethod
    def _usable_encoding(cls, encoding: str) -> str:
        try:
            # Lines are found by their byte, which UTF-32 spreads over four; UTF-16 has a reader of its own.
            is_wide = codecs.lookup(encoding).name.startswith("utf-16")
            is_usable = is_wide or "a\n".encode(encoding).endswith(b"a\n")
        except LookupError:
            is_usable = False
        if not is_usable:
            raise ValueError(
                f"{encoding!r} cannot be read; write utf-8, utf-16, latin-1 or cp1252, or convert the file to utf-8"
            )
        return encoding


class SourceTable(Strict):
    """Which rows fill one raw table, and how: contract column to DuckDB expression over the rows' columns.

    The rows are those of ``files``; of a database they are those of a ``table`` or of a ``query``; of an API those of
    an ``endpoint`` asked with ``params``, where the JSON path ``rows`` finds them. ``may_lack`` names
    columns that not every file has; where one is absent it is NULL. Without ``keep_extra``, columns that are mapped to
    nothing are left out. With ``each``, a name and the expression of a list, every element of the list is a row of its
    own, and a column of that name holds it beside the columns of the row that the list came from.

    ``deleted`` is true of rows that have left, ``complete`` says that each file is the whole list, so that what is
    missing has left too. ``keep`` says which row of a key counts. ``replaces`` is for order lines: whether a later
    delivery stands for all lines of its orders or for the lines in it; unsaid, for all lines of the orders of which it
    repeats one. ``history`` names the files whose rows count as known since they occurred, whenever they are loaded.
    """

    files: _Patterns = ()
    table: str | None = Field(default=None, min_length=1)
    query: str | None = Field(default=None, min_length=1)
    endpoint: str | None = Field(default=None, min_length=1)
    params: Mapping[str, str | int | float | bool] = Field(default_factory=dict)
    rows: str = "$"
    columns: dict[str, _Expression]
    format: Literal["parquet", "csv", "jsonl"] | None = None
    each: dict[str, _Expression] | None = Field(default=None, min_length=1, max_length=1)
    where: str | None = None
    deleted: _Expression | None = None
    complete: bool = False
    keep: Literal["first", "last"] = "last"
    replaces: Literal["order", "line"] | None = None
    history: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    max_rejected_share: _Share | None = None
    optional: bool = False
    may_lack: tuple[str, ...] = ()
    keep_extra: bool = True
    csv: CsvOptions = CsvOptions()

    @field_validator("files")
    @classmethod
    def _stay_below_folder(cls, files: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in files:
            if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
                raise ValueError(f"{pattern!r} leads out of the source's folder; set `folder` to where the files are")
        return files

    @field_validator("each")
    @classmethod
    def _name_an_element(cls, each: dict[str, str] | None) -> dict[str, str] | None:
        for name in each or {}:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(f"{name!r} cannot be the name of an element; use a-z, 0-9 and _")
        return each


class Source(Strict):
    """One source: files, a database or an API, its time zone and currency, and the tables made from it.

    ``shop`` joins sources that tell of the same orders; ``id_prefix`` stands before the identifiers of their facts.
    ``zone_words`` say which zone or offset a word behind a time means. ``no_identifier`` are further words that stand
    for nobody in a customer or a device, ``is_identifier`` those of the usual list that name somebody here.
    """

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    folder: str | None = None
    database: Database | None = None
    api: Api | None = None
    time_zone: str
    timestamps_in: str | None = None
    zone_words: dict[str, str] = Field(default_factory=dict)
    no_identifier: tuple[_Word, ...] = ()
    is_identifier: tuple[_Word, ...] = ()
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    max_rejected_share: _Share = 0.02
    shop: str | None = Field(default=None, pattern=r"^[a-z0-9_]+$")
    id_prefix: str = Field(default="", max_length=40)
    tables: dict[str, SourceTable]
    _yaml_path: Path = PrivateAttr(default=Path("source.yml"))

    @property
    def yaml_path(self) -> Path:
        """The YAML file this was read from; a relative ``folder`` counts from where it lies."""
        return self._yaml_path

    def located_at(self, yaml_path: Path) -> "Source":
        """The source itself, told which file it was read from."""
        self._yaml_path = yaml_path.resolve()
        return self

    @property
    def _origins(self) -> list[str]:
        return [origin for origin in _KEYS_OF_ORIGINS if getattr(self, origin) is not None]

    @property
    def naive_zone(self) -> str:
        """The zone in which the files' times without an offset are meant."""
        return self.timestamps_in or self.time_zone

    @property
    def shop_name(self) -> str:
        """The shop whose order numbers this source brings: its own unless it shares one with other sources."""
        return self.shop or self.name

    @property
    def has_orders(self) -> bool:
        """Whether order times and customers come from an orders table."""
        return "orders" in self.tables

    def required_columns(self, table: Table) -> tuple[str, ...]:
        """Columns of ``table`` that every row of this source must have, the key first."""
        alone = () if self.has_orders else table.required_without_orders
        return table.key + table.required + alone

    def rejected_share_allowed(self, table: Table) -> float:
        """The share of quarantined rows above which a load of ``table`` is refused."""
        share = self.tables[table.name].max_rejected_share
        if share is None:
            share = table.max_rejected_share
        return self.max_rejected_share if share is None else share

    def mapping_hash(self, table_name: str) -> str:
        """SHA-256 of all that shapes the rows of a table; a change of it loads the same file anew."""
        shape = {"time_zone": self.time_zone, "naive_zone": self.naive_zone, "currency": self.currency}
        config = self.tables[table_name]
        table = config.model_dump(include={"columns", "format", "where", "csv", "keep_extra"})
        # A key that is not said leaves the hash as it was before there was such a key.
        table |= config.model_dump(include=_LATER_KEYS & config.model_fields_set)
        said: dict[str, object] = {"id_prefix": self.id_prefix, "zone_words": self.zone_words}
        said |= {"no_identifier": self.no_identifier, "is_identifier": self.is_identifier}
        if not config.csv.skip:
            del table["csv"]["skip"]
        table |= {key: value for key, value in said.items() if value}
        return hashlib.sha256(json.dumps(shape | table, sort_keys=True).encode()).hexdigest()

    @field_validator("time_zone", "timestamps_in")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in _find_zones():
            raise ValueError(f"{zone!r} is no IANA time zone{_suggest(zone, _find_zones())}")
        return zone

    @field_validator("zone_words")
    @classmethod
    def _known_meanings(cls, zone_words: dict[str, str]) -> dict[str, str]:
        for word, zone in zone_words.items():
            if not is_offset(zone) and zone not in _find_zones():
                raise ValueError(
                    f"{word}: {zone!r} is neither an offset such as +02:00 nor an IANA time zone"
                    f"{_suggest(zone, _find_zones())}"
                )
        return zone_words

    @model_validator(mode="after")
    def _fits_contract(self) -> "Source":
        problems: list[str] = []
        if len(self._origins) != 1:
            problems.append("a source has one of a `folder` of files, a `database` or an `api`")
        for name, config in self.tables.items():
            problems += _origin_problems(f"tables.{name}", config, self._origins)
            if name not in TABLES:
                problems.append(f"tables.{name}: no table of the contract{_suggest(name, TABLES)}")
            else:
                problems += self._mapping_problems(TABLES[name], config)
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _mapping_problems(self, table: Table, config: SourceTable) -> list[str]:
        place = f"tables.{table.name}.columns"
        known = (*table.column_names, RECEIVED_AT)
        unknown = [name for name in config.columns if name not in known]
        misplaced = config.replaces and table.name != "order_lines"
        missing = [name for name in self._columns_to_map(table) if name not in config.columns]
        return (
            [f"{place}.{name}: no column of {table.name}{_suggest(name, known)}" for name in unknown]
            + [f"{place}: {name} must be mapped{self._without_orders(table, name)}" for name in missing]
            + [f"tables.{table.name}.replaces: only order_lines has it"] * bool(misplaced)
        )

    def _columns_to_map(self, table: Table) -> list[str]:
        derived = {"line_number"}
        needed = [name for name in self.required_columns(table) if name not in derived]
        if table.name == "order_lines" and not self.has_orders:
            needed.append("customer_id")
        return needed

    def _without_orders(self, table: Table, name: str) -> str:
        if name in table.key + table.required:
            return ""
        return ", because the source has no orders table to take it from"


def _origin_problems(place: str, config: SourceTable, origins: list[str]) -> list[str]:
    """What a table says that its source cannot give, and what it does not say although it must."""
    if len(origins) != 1:
        return []
    said = config.model_fields_set
    problems = [
        f"{place}.{key}: only a source with `{owner}` has it; here say {_NEEDED_BY_ORIGIN[origins[0]]}"
        for owner, keys in _KEYS_OF_ORIGINS.items()
        for key in keys
        if owner != origins[0] and key in said
    ]
    if len(said & {"files", "table", "query", "endpoint"} & set(_KEYS_OF_ORIGINS[origins[0]])) != 1:
        problems.append(f"{place}: say {_NEEDED_BY_ORIGIN[origins[0]]}, for the rows that fill it")
    return problems


def _suggest(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are {', '.join(known)}" if len(known) < 30 else ""
