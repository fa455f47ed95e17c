"""Does a predicted 30 % happen three times in ten? The points of a reliability curve."""

import numpy as np
import polars as pl

from ml.contracts import Reliability
from ml.evaluate.metrics import CALIBRATION_BINS, assign_bins


def tabulate_reliability(predictions: pl.DataFrame) -> pl.DataFrame:
    """One row per candidate and bin (contract: Reliability) from columns candidate, predicted, churned."""
    if predictions.is_empty():
        return Reliability.create_empty()
    tables = [_tabulate(str(name), rows) for (name,), rows in _by_candidate(predictions)]
    return Reliability.validate(pl.concat(tables))


def _by_candidate(predictions: pl.DataFrame) -> list[tuple[tuple[object, ...], pl.DataFrame]]:
    return sorted(predictions.partition_by("candidate", as_dict=True).items(), key=lambda item: str(item[0]))


def _tabulate(candidate: str, rows: pl.DataFrame) -> pl.DataFrame:
    predicted, observed = rows["predicted"].to_numpy(), rows["churned"].to_numpy().astype(np.float64)
    bins = assign_bins(predicted, CALIBRATION_BINS)
    counts = np.bincount(bins)
    filled = counts > 0
    return pl.DataFrame(
        {
            "candidate": [candidate] * int(filled.sum()),
            "bin": np.arange(1, filled.sum() + 1),
            "predicted": np.bincount(bins, predicted)[filled] / counts[filled],
            "observed": np.bincount(bins, observed)[filled] / counts[filled],
            "customers": counts[filled],
        }
    )
