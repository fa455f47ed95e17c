"""docs/features.md, written from dbt's own descriptions: ``python -m dagster_project.feature_docs``, or ``make docs``.

What a feature means stands once, in the docs blocks of dbt; how people call it, in feature_vocabulary.yml. This file
is for whoever wants to read all of them at once.
"""

import ast
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.dbt_manifest import read_manifest
from dagster_project.settings import PROJECT_ROOT, read_settings
from ml.config import load_vocabulary

DOCUMENT = PROJECT_ROOT / "docs" / "features.md"
VOCABULARY = PROJECT_ROOT / "dagster_project" / "feature_vocabulary.yml"

_MART = "model.segments.fct_customer_features"
_FAMILIES = "macro.segments.feature_families"
# "What it is (unit). NULL where it is not."
_DESCRIPTION = re.compile(r"(?P<definition>.+) \((?P<unit>[^()]+)\)\.(?: (?P<missing>.+))?", re.DOTALL)
# How a window is said, in the name or in the description; the first that fits.
_WINDOWS = (
    (re.compile(r"last (\d+) days (?:against|less)"), "{} days, and the {} before"),
    (re.compile(r"same (\d+) days one year earlier"), "{} days, a year ago"),
    (re.compile(r"_(\d+)d: "), "{} days"),
    (re.compile(r"NULL without one in the last (\d+) days"), "{} days"),
)

_INTRODUCTION = """\
# Features

What is known of a customer, one row a customer and as-of date in `marts.fct_customer_features`: {count} features. This
file is written by `make docs` from the descriptions in `dbt/`, which every table carries as comments too; change them
there.

**Time.** A row knows what had occurred *and* arrived by the end of its as-of date, in the business time zone, and
nothing else: a late file or a correction changes the rows from its arrival on and none before
([decision 0001](decisions/0001-point-in-time-features.md)). The rows of month ends, which models are trained on, and
the row of the current date, which is scored, come from the same SQL.

**Windows.** `_7d`, `_30d`, `_90d` and `_365d` are the days that end with, and include, the as-of date; a feature
without a window is of all time. `_trend_90d` sets the last 90 days against the 90 before them.

**Missing.** NULL means that something is not known, or has no value; it is never written as 0. A family that is missing
from the data, or of which nothing had arrived by the as-of date, has NULL in all its features, and the
[data audit](guides/data-audit.md) says so; where the family is there, a customer without any of it has a true 0.
A share or a mean with nothing to divide by is NULL.

**Used by models.** A feature with a name in the last column is in `dagster_project/feature_vocabulary.yml`, so a
segmentation or a prediction can use it; the others are for analysis, until somebody gives them words.
"""


class FeatureDocsError(ValueError):
    """A feature is described in another form than the document needs."""


@dataclass(frozen=True)
class FeatureDescription:
    """One line of the document. ``label`` is empty where no model can use the feature."""

    name: str
    definition: str
    unit: str
    missing: str
    window: str
    label: str


def main() -> int:
    """Writes the document."""
    text = render_features(read_manifest(read_settings()), read_labels())
    DOCUMENT.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.relative_to(PROJECT_ROOT)} written\n")
    return 0


def read_labels(path: Path = VOCABULARY) -> dict[str, str]:
    """What the features that models can use are called."""
    return {name: spec.label for name, spec in load_vocabulary(path).items()}


def render_features(manifest: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """The document; raises FeatureDocsError where a feature has no description of the usual form."""
    families = read_families(manifest)
    columns = manifest["nodes"][_MART]["columns"]
    sections = [_INTRODUCTION.format(count=sum(map(len, families.values())))]
    for model, names in families.items():
        about = manifest["nodes"][f"model.segments.{model}"]["description"]
        features = [describe_feature(name, columns[name]["description"], labels) for name in names]
        sections.append(_render_family(model, about, features))
    return "\n".join(sections)


def read_families(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """The features by the model that makes them, as the mart's own macro lists them."""
    listed = re.search(r"return\((\{.*\})\)", manifest["macros"][_FAMILIES]["macro_sql"], re.DOTALL)
    if listed is None:
        raise FeatureDocsError(f"{_FAMILIES} returns no literal of features by model; write it as one again")
    families: dict[str, list[str]] = ast.literal_eval(listed[1])
    return families


def describe_feature(name: str, description: str, labels: Mapping[str, str]) -> FeatureDescription:
    """The parts of a description; raises FeatureDocsError where it names no unit or no rule for what is missing."""
    parts = _DESCRIPTION.fullmatch(" ".join(description.split()))
    if parts is None or not parts["missing"]:
        raise FeatureDocsError(
            f"{name} is described as {description!r}; write `What it is (unit). NULL where it is not known.` in its "
            f"docs block feature_{name}"
        )
    return FeatureDescription(
        name=name,
        definition=parts["definition"],
        unit=parts["unit"],
        missing=parts["missing"],
        window=_find_window(f"{name}: {parts[0]}"),
        label=labels.get(name, ""),
    )


def _find_window(text: str) -> str:
    for pattern, window in _WINDOWS:
        found = pattern.search(text)
        if found:
            return window.format(found[1], found[1])
    return "all time"


def _render_family(model: str, about: str, features: Sequence[FeatureDescription]) -> str:
    title = model.removeprefix("int_").replace("_", " ").capitalize()
    lines = [
        f"## {title}",
        "",
        f"{len(features)} features, made by `{model}`. {' '.join(about.split())}",
        "",
        "| feature | what it is | unit | window | when it is missing | name in models |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{feature.name}` | {_cell(feature.definition)} | {_cell(feature.unit)} | {feature.window} "
            f"| {_cell(feature.missing)} | {_cell(feature.label)} |"
            for feature in features
        ),
        "",
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
