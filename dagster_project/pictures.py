"""Pictures for the metadata of assets, as small PNG files; drawn without a display."""

import io
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ml.clustering.model import SegmentModel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Enough for the metadata dialog, and some tens of kilobytes a picture.
_DOTS_PER_INCH = 100
_BLUE, _ORANGE, _GREY = "#2f6db3", "#d9822b", "#8a9099"
# Beyond two standard deviations a trait is simply strong; the colours saturate there.
_STRONGEST_SHOWN = 2.0
# Characters of a segment's name on one line below its column.
_LABEL_WIDTH = 14


def draw_profiles(
    profiles: pl.DataFrame, features: pl.DataFrame, assignments: pl.DataFrame, model: SegmentModel
) -> bytes:
    """Sizes and shares of revenue beside a heat map of how each segment differs from the average customer.

    Without a feature that tells customers apart there is nothing to map, and the sizes stand alone.
    """
    rows = profiles.sort("customers", descending=True)
    labels = [f"{row['segment_id']}  {row['segment_name']}" for row in rows.iter_rows(named=True)]
    traits = [spec.label for spec in model.preprocessing.features]
    height = 1.8 + 0.34 * max(len(traits), 2 * len(labels))
    figure, (bars, *maps) = _subplots(2 if traits else 1, width=11.5, height=height)
    _draw_sizes(bars, rows, labels)
    if traits:
        differences = _standard_differences(rows["segment_id"].to_list(), features, assignments, model)
        _draw_differences(figure, maps[0], differences, labels, traits)
    return _to_png(figure)


def _draw_sizes(axes: Any, rows: pl.DataFrame, labels: list[str]) -> None:
    places = np.arange(len(labels))
    axes.barh(places - 0.2, rows["customer_share"] * 100, height=0.38, color=_BLUE, label="customers")
    axes.barh(places + 0.2, rows["revenue_share"].fill_null(0) * 100, height=0.38, color=_ORANGE, label="revenue")
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.set_xlabel("share of all (%)")
    axes.legend(frameon=False, loc="lower right")


def _draw_differences(
    figure: "Figure", axes: Any, differences: np.ndarray, labels: list[str], traits: list[str]
) -> None:
    limits = {"vmin": -_STRONGEST_SHOWN, "vmax": _STRONGEST_SHOWN}
    image = axes.imshow(differences.T, cmap="RdBu_r", aspect="auto", **limits)
    axes.set_yticks(np.arange(len(traits)), traits)
    wrapped = [fill(label, _LABEL_WIDTH) for label in labels]
    axes.set_xticks(np.arange(len(labels)), wrapped, rotation=0, fontsize=8)
    axes.set_title("against the average customer (standard deviations)", fontsize=10)
    figure.colorbar(image, ax=axes, shrink=0.8)


def draw_candidates(candidates: pl.DataFrame) -> bytes:
    """Silhouette and stability by number of segments, the chosen one marked."""
    rows = candidates.sort("segment_count")
    figure, (axes,) = _subplots(1, width=7, height=3.6)
    counts = rows["segment_count"].to_list()
    axes.plot(counts, rows["silhouette"], marker="o", color=_BLUE, label="silhouette")
    axes.plot(counts, rows["stability_min"], marker="s", color=_ORANGE, label="stability of the weakest segment")
    chosen = rows.filter("is_chosen")["segment_count"].to_list()
    for count in chosen:
        axes.axvline(count, color=_GREY, linestyle=":", label=f"chosen: {count}")
    axes.set_xticks(counts)
    axes.set_ylim(0, 1)
    axes.set_xlabel("number of segments")
    axes.legend(frameon=False)
    return _to_png(figure)


def draw_reliability(reliability: pl.DataFrame) -> bytes:
    """Predicted against observed shares on later dates, a line a candidate; on the diagonal is calibrated."""
    figure, (axes,) = _subplots(1, width=5.5, height=4.6)
    highest = 0.05
    for name, group in sorted(reliability.group_by("candidate"), key=lambda item: str(item[0])):
        rows = group.sort("bin")
        axes.plot(rows["predicted"], rows["observed"], marker="o", label=str(name[0]).replace("_", " "))
        highest = max(highest, *rows["predicted"], *rows["observed"])
    axes.plot([0, highest], [0, highest], color=_GREY, linestyle=":", label="calibrated")
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("observed share")
    axes.legend(frameon=False)
    return _to_png(figure)


def _standard_differences(
    segment_ids: list[int], features: pl.DataFrame, assignments: pl.DataFrame, model: SegmentModel
) -> np.ndarray:
    points = model.preprocessing.transform(features.sort("customer_id"))
    segments = assignments.sort("customer_id")["segment_id"].to_numpy()
    spread = points.std(axis=0)
    spread[spread == 0] = 1.0
    centred = (points - points.mean(axis=0)) / spread
    members = [centred[segments == segment_id] for segment_id in segment_ids]
    return np.stack([own.mean(axis=0) if len(own) else np.zeros(points.shape[1]) for own in members])


def _subplots(
    columns: int, *, width: float, height: float, ratios: list[float] | None = None
) -> tuple["Figure", tuple[Any, ...]]:
    # The object interface only: pyplot keeps global state and asks for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, width_ratios=ratios or [1.0] * columns)[0]
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
    return figure, tuple(axes)


def _to_png(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
