"""Source YAMLs from disk: one file, or a folder of them that are loaded together."""

from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from dagster_project.loading.errors import SourceError
from dagster_project.loading.extracts.origins import Api, PostgresDatabase, SqliteDatabase
from dagster_project.loading.source import CsvOptions, Source, SourceTable

# Mappings of a source whose values are text whatever they look like; elsewhere `null` and `~` say that nothing is said.
_TEXT_MAPPINGS = ("columns", "each", "zone_words")
_NULL, _TEXT = "tag:yaml.org,2002:null", "tag:yaml.org,2002:str"


class _SourceLoader(yaml.SafeLoader):
    """SafeLoader to which every plain value is text, and which refuses a key given twice.

    YAML 1.1 would make `false` of a column called No, a number of 1:30 and of 0123, and a day of 2024-01-01, and would
    keep the last of two keys without a word. What is to be a number or a switch is read as one where it is checked.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
            _take_as_text([key])
            if isinstance(value, yaml.MappingNode) and key.value in _TEXT_MAPPINGS:
                _take_as_text([part for _, part in value.value])
        return super().construct_mapping(node, deep)

    def construct_sequence(self, node: yaml.SequenceNode, deep: bool = False) -> list[Any]:
        _take_as_text(node.value)
        return super().construct_sequence(node, deep)


_SourceLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in (_NULL, "tag:yaml.org,2002:merge")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _take_as_text(nodes: Iterable[yaml.Node]) -> None:
    """Let the words that mean nothing to YAML be words; what is left out stays left out."""
    for node in nodes:
        if isinstance(node, yaml.ScalarNode) and node.tag == _NULL and node.value:
            node.tag = _TEXT


def read_sources(path: Path) -> list[Source]:
    """The sources of a YAML file, or of all YAML files of a folder in name order.

    Raises SourceError when a file is no valid source, when two share a name or disagree in time zone or
    currency, and when none of them has orders or order lines.
    """
    sources = [_read_source(file) for file in _yaml_files(path)]
    _require_agreement(sources)
    if not any({"orders", "order_lines"} & set(source.tables) for source in sources):
        raise SourceError(
            f"{path}: no source maps orders or order_lines; map one of them under `tables`. Purchases among "
            "events make orders too: map `orders` to the same files, with a `where` that chooses the purchases"
        )
    return sources


def _yaml_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(f"{path} does not exist; set SOURCES to a source YAML or a folder of them")
    files = sorted(file for file in path.iterdir() if file.suffix in (".yml", ".yaml"))
    if not files:
        raise SourceError(f"{path} holds no .yml file; put one source YAML in it for each source")
    return files


def _read_source(file: Path) -> Source:
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=_SourceLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{file}: no valid YAML: {error}{_yaml_advice(error)}") from error
    if not isinstance(document, dict):
        raise SourceError(f"{file}: a source is a mapping that begins with `name:`")
    try:
        return Source.model_validate(document).located_at(file)
    except ValidationError as error:
        raise SourceError(_explain(file, error)) from error


def _yaml_advice(error: Exception) -> str:
    # Of an expression, that is: `: ` in the middle, or a quote, bracket or brace with more behind its end.
    if isinstance(error, yaml.scanner.ScannerError | yaml.parser.ParserError):
        return "\nAn expression that YAML takes for its own signs goes on a line of its own, indented, behind `>-`"
    return ""


def _explain(file: Path, error: ValidationError) -> str:
    return "\n".join(f"{file}: {_explain_one(dict(problem))}" for problem in error.errors())


def _explain_one(problem: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = ", ".join(_model_at(problem["loc"]).model_fields)
        return f"{place}: unknown key; known keys here are {known}"
    if problem["type"] == "missing":
        return f"{place}: this key is needed"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _model_at(location: tuple[str | int, ...]) -> type[BaseModel]:
    """The part of the YAML that a key of ``location`` stands in."""
    if location[0] == "database":
        by_system: dict[str, type[BaseModel]] = {"sqlite": SqliteDatabase, "postgresql": PostgresDatabase}
        return by_system[str(location[1])]
    if location[0] == "api":
        return Api
    by_depth: dict[int, type[BaseModel]] = {1: Source, 3: SourceTable, 4: CsvOptions}
    return by_depth.get(len(location), Source)


def _require_agreement(sources: list[Source]) -> None:
    by_name: dict[str, list[Source]] = {}
    for source in sources:
        by_name.setdefault(source.name, []).append(source)
    for name, same in by_name.items():
        if len(same) > 1:
            raise SourceError(f"name {name!r} is used by {_files(same)}; give each source its own")
    for key in ("time_zone", "currency"):
        if len({getattr(source, key) for source in sources}) > 1:
            values = ", ".join(f"{source.yaml_path.name}: {getattr(source, key)}" for source in sources)
            raise SourceError(
                f"the sources disagree in {key} ({values}); days and sums need one of each, "
                "so run them in installations of their own"
            )


def _files(sources: Iterable[Source]) -> str:
    return " and ".join(source.yaml_path.name for source in sources)
