"""The project's own models on raw events: ``load`` them, or ``build`` the features, in a process of its own.

Arguments: load, folder of events, condition; or build, as-of date, dbt options. The installation is the one of
SEGMENTS_HOME. ``build`` prints as JSON what each node took (CPU seconds), and the file of the features if asked.
"""

import json
import os
import resource
import sys
from statistics import median
from typing import Any

import duckdb

from dagster_project.dbt_build import run_dbt
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.settings import read_settings

# As-of dates need orders; two of one customer, the second one on the newest day.
_ORDERS = """
    insert into raw.orders by name
    select 'o' || number as order_id, 'c0' as customer_id, day as ordered_at, day as arrived_at, day as loaded_at,
        10 as net_amount, number as source_row, false as is_correction
    from (values (1, timestamp '2025-01-05'), (2, timestamp '2025-12-31')) as orders (number, day)
"""


def load(folder: str, condition: str) -> None:
    """Adds the events of the files that meet a condition to raw.events, as one load."""
    settings = read_settings(os.environ)
    settings.home.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        connection.execute("set threads = 2; set preserve_insertion_order = false")
        create_raw_schema(connection)
        loads = connection.execute("select count(distinct load_id) from raw.events").fetchall()[0][0]
        connection.execute(
            f"""insert into raw.events by name
            select *, timestamp '2026-01-01' + interval {loads} day as loaded_at, 'load {loads}' as load_id,
                false as is_correction, row_number() over () as source_row
            from read_parquet('{folder}/*.parquet') where {condition}"""
        )
        if not loads:
            connection.execute(_ORDERS)


def build(as_of: str, *options: str) -> dict[str, float]:
    """CPU seconds of each node's SQL; all that dbt itself takes is under ``dbt``.

    That is starting, parsing and planning, and for each node what one takes that only makes a view.
    """
    started: dict[str, float] = {}
    spent: dict[str, float] = {}
    views: list[float] = []

    def keep(message: Any) -> None:
        if message.info.name == "NodeStart":
            started[message.data.node_info.unique_id] = _cpu()
        elif message.info.name == "NodeFinished":
            node = message.data.node_info
            spent[node.node_name] = _cpu() - started[node.unique_id]
            if node.materialized == "view":
                views.append(spent[node.node_name])

    settings = read_settings(os.environ)
    run_dbt(
        ["build", "--select", "+int_session_features", "--exclude-resource-type", "test", "unit_test", "--threads", "1",
         "--vars", '{"history_months": 0}', *options],
        settings=settings,
        target_folder=settings.dbt_target_folder,
        environment={"AS_OF_DATE": as_of},
        callbacks=[keep],
    )  # fmt: skip
    found = {name: max(0.0, seconds - median(views)) for name, seconds in spent.items()}
    return {**found, "dbt": _cpu() - sum(found.values())}


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    if sys.argv[1] == "load":
        load(*sys.argv[2:])
    else:
        sys.stdout.write("\n" + json.dumps(build(*sys.argv[2:])) + "\n")
