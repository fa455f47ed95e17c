"""Segment names by rule, with the figures that gave them: what people read instead of a cluster number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.config import Condition, FeatureSpec, NamingRule, SegmentationConfig
from ml.features.matrix import Matrix, take_medians, to_matrix
from ml.features.preprocessing import NOT_IN_THE_DATA, fit_preprocessing
from ml.features.wording import capitalise, describe_figure

# A difference of less than a quarter of a standard deviation is no trait.
WEAKEST_TRAIT = 0.25
TRAITS_IN_A_NAME = 2
FIGURES_IN_EVIDENCE = 3
EVERYONE = "All customers"


@dataclass(frozen=True)
class SegmentName:
    """A name, the figures behind it, and what to do with the segment."""

    name: str
    evidence: str
    play: str


@dataclass(frozen=True, eq=False)
class SegmentTraits:
    """How segments differ from everyone: rows are segments, columns the features that the data have.

    ``z``: the segment's mean against everyone's in standard deviations, on the prepared scale; 0 for a
    feature in which the customers do not differ.
    ``typical`` and ``population`` are medians in the feature's unit, NaN where no customer has a value.
    """

    specs: tuple[FeatureSpec, ...]
    z: Matrix
    typical: Matrix
    population: NDArray[np.float64]

    def column(self, name: str) -> int | None:
        """Position of feature ``name``, or None where the data do not have it."""
        return next((position for position, spec in enumerate(self.specs) if spec.name == name), None)

    def figure(self, segment: int, column: int) -> str:
        """``orders in the last year 83 (everyone 43)``, or ``... 0 (as everyone)``."""
        spec = self.specs[column]
        own, everyone = self._figures(segment, column)
        return f"{spec.label} {own} ({'as everyone' if own == everyone else f'everyone {everyone}'})"

    def is_like_everyone(self, segment: int, column: int) -> bool:
        """Whether the figure of the segment reads as everyone's."""
        own, everyone = self._figures(segment, column)
        return own == everyone

    def _figures(self, segment: int, column: int) -> tuple[str, str]:
        spec = self.specs[column]
        return (
            describe_figure(float(self.typical[segment, column]), spec),
            describe_figure(float(self.population[column]), spec),
        )


def measure_traits(
    features: pl.DataFrame, clusters: NDArray[np.int64], count: int, specs: Sequence[FeatureSpec]
) -> SegmentTraits:
    """Traits of each cluster over every feature of ``specs`` that the data have."""
    preprocessing = fit_preprocessing(features, specs)
    standard = preprocessing.standardise(features)
    present = tuple(spec for spec in specs if preprocessing.left_out.get(spec.name) != NOT_IN_THE_DATA)
    raw = to_matrix(features, [spec.name for spec in present])
    z = np.zeros((count, len(present)))
    differing = [column for column, spec in enumerate(present) if spec.name not in preprocessing.left_out]
    z[:, differing] = np.stack([standard[clusters == cluster].mean(axis=0) for cluster in range(count)])
    return SegmentTraits(
        specs=present,
        z=z,
        typical=np.stack([take_medians(raw[clusters == cluster]) for cluster in range(count)]),
        population=take_medians(raw),
    )


def name_everyone(reason: str, config: SegmentationConfig) -> SegmentName:
    """The name of the only segment, with the reason why there is no other."""
    return SegmentName(EVERYONE, reason, config.naming.otherwise.play)


def name_segments(traits: SegmentTraits, config: SegmentationConfig) -> list[SegmentName]:
    """One name a segment, no two alike: the first rule it meets, else its two most distinctive traits.

    Where several segments meet a rule, the one with the largest mean absolute z over the rule's features
    has the name and the others go on to the next rule.
    """
    names: dict[int, SegmentName] = {}
    for rule in config.naming.rules:
        taken = any(given.name == rule.name for given in names.values())
        matches = [] if taken else _match_rule(rule, traits, skip=names)
        if matches:
            _, segment, columns = max(matches, key=lambda match: (match[0], -match[1]))
            names[segment] = SegmentName(rule.name, _write_evidence(traits, segment, columns), rule.play)
    own_columns = [traits.column(spec.name) for spec in config.features]
    candidates = [column for column in own_columns if column is not None]
    for segment in range(len(traits.z)):
        if segment not in names:
            taken_names = {given.name for given in names.values()}
            names[segment] = _name_by_traits(traits, segment, candidates, taken_names, config.naming.otherwise.play)
    return [names[segment] for segment in range(len(traits.z))]


def _match_rule(rule: NamingRule, traits: SegmentTraits, skip: Iterable[int]) -> list[tuple[float, int, list[int]]]:
    """(evidence, segment, columns) of each segment outside ``skip`` that meets every condition."""
    matches = []
    for segment in sorted(set(range(len(traits.z))) - set(skip)):
        met = [_meet(condition, traits, segment) for condition in rule.when]
        columns = [column for column in met if column is not None]
        if len(columns) == len(met):
            matches.append((float(np.abs(traits.z[segment, columns]).mean()), segment, columns))
    return matches


def _meet(condition: Condition, traits: SegmentTraits, segment: int) -> int | None:
    """The column by which ``segment`` meets ``condition``, or None."""
    if condition.any_of:
        met = [_meet(option, traits, segment) for option in condition.any_of]
        columns = [column for column in met if column is not None]
        return max(columns, key=lambda column: abs(traits.z[segment, column]), default=None)
    column = traits.column(condition.feature or "")
    if column is None:
        return None
    typical, z = traits.typical[segment, column], traits.z[segment, column]
    fails = (
        (condition.typical_at_least is not None and not typical >= condition.typical_at_least)
        or (condition.typical_at_most is not None and not typical <= condition.typical_at_most)
        or (condition.higher_by is not None and z < condition.higher_by)
        or (condition.lower_by is not None and z > -condition.lower_by)
    )
    return None if fails else column


def _name_by_traits(
    traits: SegmentTraits, segment: int, columns: Sequence[int], taken: set[str], play: str
) -> SegmentName:
    ranked = rank_traits(traits.z[segment], traits.specs, columns)
    words = [traits.specs[c].high if traits.z[segment, c] > 0 else traits.specs[c].low for c in ranked]
    evidence = _write_evidence(traits, segment, ranked)
    if not ranked:
        words, evidence = (
            ["close to the average"],
            "no figure differs much from everyone's",
        )
    for length in range(min(TRAITS_IN_A_NAME, len(words)), len(words) + 1):
        name = capitalise(", ".join(words[:length]))
        if name not in taken:
            return SegmentName(name, evidence, play)
    number = next(number for number in range(2, len(taken) + 3) if f"{name} ({number})" not in taken)
    return SegmentName(f"{name} ({number})", evidence, play)


def rank_traits(
    z: NDArray[np.float64], specs: Sequence[FeatureSpec], columns: Sequence[int], *, one_a_family: bool = True
) -> list[int]:
    """Columns by decreasing distinctiveness, weak ones left out, at most one of each family."""
    ranked: list[int] = []
    for column in sorted(columns, key=lambda column: (-abs(z[column]), column)):
        is_new = not one_a_family or specs[column].family not in {specs[other].family for other in ranked}
        if abs(z[column]) >= WEAKEST_TRAIT and is_new:
            ranked.append(column)
    return ranked


def _write_evidence(traits: SegmentTraits, segment: int, columns: Sequence[int]) -> str:
    """The figures that set the segment apart; the first one where none reads different from everyone's."""
    once = list(dict.fromkeys(columns))
    telling = [column for column in once if not traits.is_like_everyone(segment, column)] or once[:1]
    return "; ".join(traits.figure(segment, column) for column in telling[:FIGURES_IN_EVIDENCE])
