"""A simulated shop's files from a terminal: ``python -m dagster_project.simulate_shop``, part of ``make demo-shop``.

The shop's files come into one folder and the truth about them into another, which no source reads. Both are
written beside their place first and moved there when they are complete.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from ml.errors import NotEnoughDataError
from ml.simulate.calibration import report_calibration
from ml.simulate.presets import PRESETS
from ml.simulate.shop import Part, Shop, describe_shop, open_shop, simulate_parts
from ml.simulate.truth import sum_effects

# Marks a folder as written by this command, so that nothing else is ever replaced.
MARKER = "simulation.json"
EXIT_UNUSABLE = 2

# The one family that comes as CSV: text is what holds unreadable times.
_CSV_TABLES = ("orders", "orders_update")
_WIDTH = 150


class FolderError(ValueError):
    """A folder holds something else than an earlier simulation."""


def main(arguments: list[str] | None = None) -> int:
    """Writes the files and prints the calibration report; the exit status is 2 when it could not begin."""
    options = _parse(arguments)
    truth_folder = options.truth_folder or options.folder.resolve().parent / "truth"
    try:
        report = write_shop(
            open_shop(PRESETS[options.preset], seed=options.seed),
            customers=options.customers,
            folder=options.folder,
            truth_folder=truth_folder,
        )
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNUSABLE
    console = Console(file=sys.stdout, width=_WIDTH, highlight=False)
    console.print(report if isinstance(report, str) else _tabulate(report, options.preset))
    console.print("[bold]Files of the shop[/bold]", options.folder.resolve())
    console.print("[bold]The truth about it[/bold]", truth_folder)
    return 0


def write_shop(shop: Shop, *, customers: int, folder: Path, truth_folder: Path) -> pl.DataFrame | str:
    """Writes files and truth, replacing those of an earlier simulation; returns the calibration report.

    The report is measured on the first part of the customers; of too few of them it is a sentence that says so.
    Raises FolderError where a folder holds anything else.
    """
    targets = (folder.resolve(), truth_folder.resolve())
    drafts = [_open_draft(target) for target in targets]
    report: pl.DataFrame | str = ""
    effects = []
    for number, part in enumerate(simulate_parts(shop, customers=customers), start=1):
        if number == 1:
            report = _calibrate(part, shop)
        _write_part(part, number, *drafts)
        effects.append(sum_effects(part.truth["campaign_members"]))
        # Or this part would stay in memory while the next one is made: `enumerate` holds on to it.
        part.files.clear()
        part.truth.clear()
    for name, frame in describe_shop(shop).items():
        frame.write_parquet(drafts[0] / f"{name}.parquet")
    sum_effects(pl.concat(effects)).write_parquet(drafts[1] / "campaign_effects.parquet")
    made_from = {"preset": shop.preset.name, "seed": shop.seed, "customers": customers}
    for draft, target in zip(drafts, targets, strict=True):
        (draft / MARKER).write_text(json.dumps(made_from, indent=2) + "\n", encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        draft.rename(target)
    return report


def _calibrate(part: Part, shop: Shop) -> pl.DataFrame | str:
    try:
        return report_calibration(part, shop.preset)
    except NotEnoughDataError as error:
        return f"No calibration: {error}"


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dagster_project.simulate_shop", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the shop's files go")
    parser.add_argument("--truth-folder", type=Path, help="where the truth goes; `truth` beside the folder by default")
    parser.add_argument("--customers", type=int, default=20_000, help="how many people; 20000 by default")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="brand_shop", help="brand_shop by default")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another shop of the same kind")
    return parser.parse_args(arguments)


def _open_draft(target: Path) -> Path:
    """An empty folder beside the target, on the same file system."""
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / MARKER).is_file())):
        raise FolderError(f"{target} holds something that is no simulated shop; choose an empty or new folder")
    draft = target.with_name(target.name + ".unfinished")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(parents=True)
    return draft


def _write_part(part: Part, number: int, folder: Path, truth_folder: Path) -> None:
    for name, frame in part.files.items():
        stem = name if name.endswith("_update") else f"{name}_part"
        if name in _CSV_TABLES:
            frame.write_csv(folder / f"{stem}_{number:04d}.csv", datetime_format="%Y-%m-%d %H:%M:%S")
        else:
            frame.write_parquet(folder / f"{stem}_{number:04d}.parquet")
    for name, frame in part.truth.items():
        frame.write_parquet(truth_folder / f"{name}_{number:04d}.parquet")


def _tabulate(report: pl.DataFrame, preset: str) -> Table:
    table = Table(title=f"Calibration of {preset}", title_justify="left")
    table.add_column("Figure", style="bold")
    for column in ("Target", "Got", "Ratio"):
        table.add_column(column, justify="right")
    table.add_column("Within tolerance", justify="center")
    table.add_column("Where the target is from")
    for row in report.iter_rows(named=True):
        table.add_row(
            row["figure"],
            f"{row['target']:.4g}",
            f"{row['got']:.4g}",
            f"{row['ratio']:.2f}",
            "yes" if row["is_within_tolerance"] else "no",
            row["source"],
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
