"""What a run says at its end, for a shop owner: the segments, how good the churn model is, where things are."""

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dagster_project.publishing.generations import current_generation
from dagster_project.publishing.tables import DATABASE_NAME
from dagster_project.settings import Settings
from dagster_project.warehouse import open_readonly

# Wide enough for the sentences when the output is no terminal.
_WIDTH = 120

_SEGMENTS_SQL = """
select segment_name, customers, customer_share, revenue_share, typical_customer, play, as_of_date
from segment_profiles order by revenue_share desc nulls last, segment_id
"""
_CANDIDATES_SQL = """
select
    candidate, horizon_days, test_dates, rows, observed_rate, log_loss, log_loss_difference_low,
    log_loss_difference_high, roc_auc, top_decile_lift, is_chosen
from prediction_candidates order by log_loss desc
"""
_AUDIT_SQL = """
select subject_kind, subject, status, value
from data_audit
where subject_kind = 'model' or check_name = 'summary'
order by subject_kind, subject
"""


def print_summary(settings: Settings) -> None:
    """Writes the summary of the published generation to standard output; reads it as any client would."""
    folder = current_generation(settings.published_folder)
    if folder is None:
        return
    console = Console(file=sys.stdout, width=_WIDTH, highlight=False)
    with open_readonly(folder / DATABASE_NAME) as connection:
        segments = connection.sql(_SEGMENTS_SQL).pl().to_dicts()
        candidates = connection.sql(_CANDIDATES_SQL).pl().to_dicts()
        cards = connection.sql("select model, summary from model_cards order by model").pl().to_dicts()
        audit = connection.sql(_AUDIT_SQL).pl().to_dicts()
    console.print(_tabulate_segments(segments))
    if candidates:
        console.print(_tabulate_candidates(candidates))
    for card in cards:
        console.print(f"[bold]{card['model']}[/bold]: {card['summary']}")
    _print_audit(console, audit)
    _print_places(console, settings, folder)


def _tabulate_segments(segments: list[dict[str, Any]]) -> Table:
    as_of = f", as of {segments[0]['as_of_date']}" if segments else ""
    count = "one segment" if len(segments) == 1 else f"{len(segments)} segments"
    table = Table(title=f"Your customers in {count}{as_of}", title_justify="left", show_lines=True)
    table.add_column("Segment", style="bold", min_width=16)
    table.add_column("Customers", justify="right")
    table.add_column("Revenue", justify="right")
    table.add_column("Typical customer")
    table.add_column("What to do")
    for row in segments:
        customers = f"{row['customers']:,}\n({row['customer_share']:.0%})"
        revenue = "" if row["revenue_share"] is None else f"{row['revenue_share']:.0%}"
        table.add_row(row["segment_name"], customers, revenue, row["typical_customer"], row["play"])
    return table


def _tabulate_candidates(candidates: list[dict[str, Any]]) -> Table:
    first = candidates[0]
    table = Table(
        title=f"Who will not order in the next {first['horizon_days']} days? Tested on {first['test_dates']} later "
        f"dates ({first['rows']:,} cases, {first['observed_rate']:.1%} left)",
        title_justify="left",
    )
    table.add_column("Method", style="bold")
    table.add_column("Log loss", justify="right")
    table.add_column("less the naive rule's (95 % interval)", justify="right")
    table.add_column("ROC AUC", justify="right")
    table.add_column("Riskiest tenth leaves", justify="right")
    table.add_column("Scores", justify="center")
    for row in candidates:
        low, high = row["log_loss_difference_low"], row["log_loss_difference_high"]
        table.add_row(
            row["candidate"].replace("_", " "),
            f"{row['log_loss']:.4f}",
            "" if low is None else f"{low:+.4f} to {high:+.4f}",
            f"{row['roc_auc']:.3f}",
            f"{row['top_decile_lift']:.1f} times as often",
            "yes" if row["is_chosen"] else "",
        )
    return table


def _print_audit(console: Console, audit: list[dict[str, Any]]) -> None:
    """One line, and where to read the rest: a report of its own in the UI."""
    checks = next(row["value"] for row in audit if row["subject_kind"] == "warehouse")
    found = {value: [row["subject"] for row in audit if row["value"] == value] for value in ("ready", "limited")}
    models = "; ".join(f"{value} for {', '.join(subjects)}" for value, subjects in found.items() if subjects)
    console.print(
        f"[bold]Your data[/bold]: checks {checks}; {models or 'ready for none'}. Report: asset data_audit in the UI"
    )


def _print_places(console: Console, settings: Settings, folder: Path) -> None:
    current = settings.published_folder / "current"
    console.print("\n[bold]Published[/bold]", folder.name)
    console.print(f"  for BI tools     {current / DATABASE_NAME}")
    console.print(f"  as Parquet       {current / 'parquet'}")
    console.print(f"  what is in it    {current / 'manifest.json'}")
    console.print("[bold]To look at every step[/bold]: make ui, then http://127.0.0.1:3000")
