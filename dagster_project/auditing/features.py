"""The features of the mart: how many customers have them, which say nothing, and which say too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from dagster_project.auditing.findings import NOTE, OK, PROBLEM, Finding, say_share
from dagster_project.auditing.settings import Limits
from dagster_project.warehouse import Connection, quote_identifier

if TYPE_CHECKING:
    import polars as pl

FEATURES, LABELS = "marts.fct_customer_features", "marts.fct_customer_labels"

# Not features: what names the row.
_KEYS = ("customer_id", "as_of_date", "is_current")
# A number of days observed is the calendar's, no outcome of a customer.
_NO_OUTCOMES = ("observed_days",)
_OBSERVED_DAYS = 90
# An area or a correlation of so many customers is exact to a hundredth, which is enough for a verdict.
_SAMPLE = 5_000
_TABLES_NAMED = 3


@dataclass(frozen=True)
class Coverage:
    """Customers of one as-of date with a value, by feature, and the features with one value only."""

    customers: int = 0
    given: Mapping[str, int] = field(default_factory=dict)
    constant: frozenset[str] = frozenset()

    def share(self, feature: str) -> float:
        """Share of the customers with a value (0 to 1); 0 of an unknown feature or without a customer."""
        return self.given.get(feature, 0) / self.customers if self.customers else 0.0


def measure_coverage(connection: Connection, *, as_of_date: date) -> Coverage:
    """What the feature mart has at one as-of date, in one scan."""
    features = [name for name in list_columns(connection, FEATURES) if name not in _KEYS]
    quoted = map(quote_identifier, features)
    measures = [f"count({name}), min({name}) is not distinct from max({name})" for name in quoted]
    row = connection.execute(
        f"select {', '.join(['count(*)', *measures])} from {FEATURES} where as_of_date = ?", [as_of_date]
    ).fetchall()[0]
    given = dict(zip(features, row[1::2], strict=True))
    constant = {name for name, is_constant in zip(features, row[2::2], strict=True) if is_constant and given[name]}
    return Coverage(row[0], given, frozenset(constant))


def judge_coverage(
    coverage: Coverage, *, families: Mapping[str, frozenset[str]], row_counts: Mapping[str, int], limits: Limits
) -> Iterator[Finding]:
    """One finding per feature for its coverage, and one more where it is the same for everybody.

    ``families`` gives the raw tables of a feature, by which a feature without a value is explained.
    """
    if not coverage.customers:
        return
    # What also goes into features that have values cannot be what the others lack.
    do_without = frozenset().union(
        *(families.get(name, frozenset()) for name, given in coverage.given.items() if given)
    )
    for name, given in coverage.given.items():
        said, share = say_share(given, coverage.customers), coverage.share(name)
        if given == 0:
            reason, remedy = _explain_missing(families.get(name, frozenset()) - do_without, row_counts)
            yield _of_feature(name, "coverage", NOTE, f"No customer has a value: {reason}.", said, 0.0, remedy)
            continue
        status = NOTE if share < limits.coverage_note else OK
        yield _of_feature(name, "coverage", status, f"{said} customers have a value.", said, share)
        if name in coverage.constant and coverage.customers > 1:
            yield _of_feature(
                name, "constant", NOTE, "It is the same for all customers who have it, so it tells nobody apart.",
                "constant", None, "Leave it out of segmentations and predictions, or look why it never differs.",
            )  # fmt: skip


def find_label_date(connection: Connection) -> date | None:
    """The newest as-of date after which the days of the labels were observed whole; None without one."""
    row = connection.execute(
        f"select max(as_of_date) from {LABELS} where observed_days >= {_OBSERVED_DAYS}"
    ).fetchall()[0]
    found: date | None = row[0]
    return found


def judge_leaks(connection: Connection, limits: Limits) -> Iterator[Finding]:
    """One finding per feature that alone predicts an outcome too well, or a single one that says there is none.

    Compared at a past as-of date whose outcomes are known.
    """
    from ml.evaluate.leakage import LeakRules, detect_leaks

    as_of_date = find_label_date(connection)
    if as_of_date is None:
        yield _of_all(
            OK, f"Not compared: no as-of date is followed by {_OBSERVED_DAYS} observed days.", "not compared", None
        )
        return
    features, outcomes = _read_labelled(connection, as_of_date)
    rules = LeakRules(roc_auc=limits.leak_roc_auc, rank_correlation=limits.leak_rank_correlation)
    compared = detect_leaks(features=features, outcomes=outcomes, rules=rules)
    suspected = compared.filter("is_suspected").unique("feature", keep="first", maintain_order=True)
    for row in suspected.iter_rows(named=True):
        yield _of_feature(
            row["feature"], "leak", PROBLEM,
            f"It may know the future: at {as_of_date}, {row['reason']} {row['outcome']}.",
            f"{row['measure']} {row['figure']:.3f}", row["figure"],
            "Look from what it is computed; leave it out of predictions until nothing of it lies after the as-of date.",
        )  # fmt: skip
    names = compared["feature"].n_unique()
    sentence = f"{names:,} features were compared with what followed {as_of_date}; {suspected.height:,} are suspected."
    yield _of_all(
        PROBLEM if suspected.height else OK, sentence, f"{suspected.height} suspected", float(suspected.height)
    )


def list_columns(connection: Connection, table: str) -> list[str]:
    """The columns of ``schema.table`` in their order; none where it does not exist."""
    return [
        row[0]
        for row in connection.execute(
            "select column_name from duckdb_columns() where database_name = current_database() "
            "and schema_name || '.' || table_name = ? order by column_index",
            [table],
        ).fetchall()
    ]


def _read_labelled(connection: Connection, as_of_date: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Features and outcomes of the same customers, in the same order."""
    import polars as pl

    # A hash of the id draws customers at random, and the same ones again.
    drawn = f"select * from {FEATURES} where as_of_date = ? order by hash(customer_id), customer_id limit {_SAMPLE}"
    features = connection.sql(drawn, params=[as_of_date]).pl()
    labels = connection.sql(f"select * from {LABELS} where as_of_date = ?", params=[as_of_date]).pl()
    labels = features.select("customer_id").join(labels, on="customer_id", how="left", maintain_order="left")
    numbers = [
        name for name in labels.columns if labels[name].dtype.is_numeric() and name not in (*_KEYS, *_NO_OUTCOMES)
    ]
    outcomes = [column for name in numbers for column in _derive_outcomes(labels[name])]
    return features.drop(_KEYS, strict=False), pl.DataFrame(outcomes)


def _derive_outcomes(label: pl.Series) -> Sequence[pl.Series]:
    """The label itself, whether it is given, and whether it is above zero."""
    derived = [label]
    if label.null_count():
        derived.append(label.is_not_null().alias(f"{label.name} is given"))
    if (label == 0).any():
        derived.append((label > 0).alias(f"{label.name} above zero"))
    return derived


def _explain_missing(families: frozenset[str], row_counts: Mapping[str, int]) -> tuple[str, str]:
    missing = sorted(name for name in families if not row_counts.get(name, 0))
    if not missing:
        return "its families have rows, but nothing in them that it could be computed from", (
            "Look at the null shares of the columns it is computed from, and at its description."
        )
    tables = ", ".join(missing[:_TABLES_NAMED]) + (" and more" if len(missing) > _TABLES_NAMED else "")
    return f"there are no rows of {tables}", f"Bring {tables} with a source YAML, if the shop has such data."


def _of_feature(
    name: str, check_name: str, status: str, sentence: str, value: str, figure: float | None, remedy: str | None = None
) -> Finding:
    return Finding("feature", name, check_name, status, sentence, value, figure, remedy)


def _of_all(status: str, sentence: str, value: str, figure: float | None) -> Finding:
    return Finding("warehouse", "fct_customer_features", "leaks", status, sentence, value, figure)
