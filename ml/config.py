"""Segmentation and prediction blocks: what a user writes in YAML, checked strictly and typed.

An unknown key, a missing key or a value out of bounds raises ConfigError, which names file, key and
remedy. Sensitive attributes can never be features.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from ml.errors import ConfigError

# Attributes that PRIVACY promises never to segment or score by, as words of a column name.
SENSITIVE_WORDS = frozenset(
    {
        *("age", "ages", "birth", "birthday", "birthdate", "country", "countries", "region", "regions"),
        *("postcode", "postal", "zip", "gender", "sex", "ethnic", "ethnicity", "race", "nationality"),
        *("religion", "political", "language", "marital", "income", "health", "disability"),
    }
)
# Columns of fct_customer_labels lie after the as-of date: a feature made from them would leak the answer.
LABEL_WORDS = frozenset({"next", "observed", "label", "churned"})

_STRICT = ConfigDict(extra="forbid")
_Share = Annotated[float, Field(ge=0, le=1)]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


@dataclass(frozen=True, config=_STRICT)
class FeatureSpec:
    """One feature: its words for people, and how it is prepared before anything is learned from it."""

    name: _Name
    label: str
    phrase: Annotated[str, Field(pattern=r"\{value\}")]
    format: Literal["times", "count", "days", "money", "share", "against", "number"]
    family: str
    transform: Literal["log1p", "identity"]
    when_missing: Literal["zero", "median"]
    high: str
    low: str


@dataclass(frozen=True, config=_STRICT)
class Condition:
    """What a segment must be like in one feature, or in ``any_of`` several, to meet a naming rule."""

    feature: str | None = None
    typical_at_least: float | None = None
    typical_at_most: float | None = None
    higher_by: float | None = None
    lower_by: float | None = None
    any_of: tuple["Condition", ...] = ()

    def features(self) -> tuple[str, ...]:
        """The features the condition looks at."""
        own = (self.feature,) if self.feature else ()
        return own + tuple(name for condition in self.any_of for name in condition.features())


@dataclass(frozen=True, config=_STRICT)
class NamingRule:
    """A name, what to do with customers of that name, and the conditions that give it."""

    name: str
    play: str
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]


@dataclass(frozen=True, config=_STRICT)
class NoRule:
    """What to do with a segment that meets no rule."""

    play: str


@dataclass(frozen=True, config=_STRICT)
class NamingRules:
    """Naming rules in the order in which they are tried."""

    rules: tuple[NamingRule, ...]
    otherwise: NoRule


@dataclass(frozen=True, config=_STRICT)
class SegmentCounts:
    """The fewest and the most segments to consider."""

    minimum: Annotated[int, Field(ge=2)]
    maximum: Annotated[int, Field(le=30)]


@dataclass(frozen=True, config=_STRICT)
class StabilityBar:
    """The overlap each segment must reach over this many resamples."""

    minimum: _Share
    resamples: Annotated[int, Field(ge=10)]


@dataclass(frozen=True, config=_STRICT)
class HorizonRule:
    """How the churn horizon is learned: a quantile of the gaps between orders, within bounds in days."""

    quantile: _Share
    minimum_days: Annotated[int, Field(ge=1)]
    maximum_days: Annotated[int, Field(le=730)]


@dataclass(frozen=True, config=_STRICT)
class _Block:
    name: _Name
    title: str
    population: Literal["customer"]
    vocabulary: str
    features: Annotated[tuple[str, ...], Field(min_length=2)]
    consent_basis: str


@dataclass(frozen=True, config=_STRICT)
class _SegmentationBlock(_Block):
    method: Literal["kmeans"]
    naming_rules: str
    segments: SegmentCounts
    stability: StabilityBar
    smallest_share: _Share
    smallest_customers: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, config=_STRICT)
class _PredictionBlock(_Block):
    horizon: HorizonRule
    test_dates: Annotated[int, Field(ge=1)]
    minimum_of_each_outcome: Annotated[int, Field(ge=1)]
    resamples: Annotated[int, Field(ge=100)]
    boosting_trees: Annotated[int, Field(ge=1, le=1000)]


@dataclass(frozen=True, config=_STRICT)
class SegmentationConfig:
    """One segmentation: features, the numbers of segments to consider, what a number must prove, names."""

    name: str
    title: str
    features: tuple[FeatureSpec, ...]
    vocabulary: tuple[FeatureSpec, ...]
    naming: NamingRules
    segments: SegmentCounts
    stability: StabilityBar
    smallest_share: float
    smallest_customers: int
    consent_basis: str


@dataclass(frozen=True, config=_STRICT)
class PredictionConfig:
    """One prediction: features, how the horizon is learned, and how candidates are compared."""

    name: str
    title: str
    features: tuple[FeatureSpec, ...]
    horizon: HorizonRule
    test_dates: int
    minimum_of_each_outcome: int
    resamples: int
    boosting_trees: int
    consent_basis: str


def load_segmentation(path: Path) -> SegmentationConfig:
    """The segmentation block in ``path`` with its vocabulary and naming rules (paths relative to it)."""
    block = _validate(_SegmentationBlock, _read_mapping(path), path)
    if block.segments.minimum > block.segments.maximum:
        raise ConfigError(f"{path.name}: segments.minimum is above segments.maximum; swap them")
    vocabulary = load_vocabulary(path.parent / block.vocabulary)
    naming_path = path.parent / block.naming_rules
    return SegmentationConfig(
        name=block.name,
        title=block.title,
        features=_pick_features(block.features, vocabulary, path),
        vocabulary=tuple(vocabulary.values()),
        naming=_load_naming(naming_path, vocabulary),
        segments=block.segments,
        stability=block.stability,
        smallest_share=block.smallest_share,
        smallest_customers=block.smallest_customers,
        consent_basis=block.consent_basis,
    )


def load_prediction(path: Path) -> PredictionConfig:
    """The prediction block in ``path`` with its vocabulary (a path relative to it)."""
    block = _validate(_PredictionBlock, _read_mapping(path), path)
    if block.horizon.minimum_days > block.horizon.maximum_days:
        raise ConfigError(f"{path.name}: horizon.minimum_days is above horizon.maximum_days; swap them")
    vocabulary = load_vocabulary(path.parent / block.vocabulary)
    return PredictionConfig(
        name=block.name,
        title=block.title,
        features=_pick_features(block.features, vocabulary, path),
        horizon=block.horizon,
        test_dates=block.test_dates,
        minimum_of_each_outcome=block.minimum_of_each_outcome,
        resamples=block.resamples,
        boosting_trees=block.boosting_trees,
        consent_basis=block.consent_basis,
    )


def load_vocabulary(path: Path) -> dict[str, FeatureSpec]:
    """Every feature of the vocabulary file by name; raises ConfigError for a sensitive or label column."""
    specs = {}
    for name, entry in _read_mapping(path).items():
        _refuse_forbidden(str(name), path)
        if not isinstance(entry, Mapping):
            raise ConfigError(f"{path.name}: {name} is no block of keys; give it label, phrase, format and so on")
        specs[str(name)] = _validate(FeatureSpec, {"name": name, **entry}, path, prefix=f"{name}.")
    return specs


def _load_naming(path: Path, vocabulary: Mapping[str, FeatureSpec]) -> NamingRules:
    naming = _validate(NamingRules, _read_mapping(path), path)
    for rule in naming.rules:
        for name in (feature for condition in rule.when for feature in condition.features()):
            if name not in vocabulary:
                raise ConfigError(f"{path.name}: rule {rule.name!r} uses {name!r}, which the vocabulary lacks; add it")
    return naming


def _pick_features(
    names: tuple[str, ...], vocabulary: Mapping[str, FeatureSpec], path: Path
) -> tuple[FeatureSpec, ...]:
    for name in names:
        _refuse_forbidden(name, path)
    unknown = [name for name in names if name not in vocabulary]
    if unknown:
        raise ConfigError(f"{path.name}: features {unknown[:3]} are not in the vocabulary; describe them there first")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ConfigError(f"{path.name}: features {repeated[:3]} are named twice; name each once")
    return tuple(vocabulary[name] for name in names)


def _refuse_forbidden(name: str, path: Path) -> None:
    words = set(re.split(r"[^a-z]+", name.lower()))
    if words & SENSITIVE_WORDS:
        raise ConfigError(f"{path.name}: {name!r} is a sensitive attribute and can never be a feature; remove it")
    if words & LABEL_WORDS:
        raise ConfigError(f"{path.name}: {name!r} lies after the as-of date and would leak the answer; remove it")


def _read_mapping(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path.name} is not there; create it or correct the path that names it") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name} is no readable YAML: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path.name} holds no block of keys; see the shipped file of that name")
    return content


def _validate(kind: type[Any], content: Mapping[str, Any], path: Path, prefix: str = "") -> Any:
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = prefix + ".".join(str(part) for part in first["loc"])
        remedies = {
            "unexpected_keyword_argument": "is no key of this block; remove it or correct its spelling",
            "missing": "is missing; add it",
            "missing_argument": "is missing; add it",
        }
        remedy = remedies.get(first["type"], f"cannot be {first['input']!r}: {first['msg']}; correct it")
        raise ConfigError(f"{path.name}: {key} {remedy}") from error
