"""The data audit: read right after the marts, so that what can be done with the data is known before models are."""

from datetime import UTC, datetime

import dagster as dg

from dagster_project import names
from dagster_project.assets.transformation import PUBLISHED_COLUMNS
from dagster_project.loading.contract import TABLES
from dagster_project.metadata import describe_frame, picture
from dagster_project.resources import SourceFolder
from dagster_project.run_lock import RunLock
from dagster_project.scoring_log import SCHEMA
from dagster_project.warehouse import Warehouse

_NO_PROBLEM = "no_problem_found"


@dg.asset(
    key=[SCHEMA, "data_audit"],
    deps=[
        *(dg.AssetKey(["raw", name]) for name in TABLES),
        names.LOAD_LEDGER,
        names.CUSTOMER_FEATURES,
        names.CUSTOMER_LABELS,
        names.ORDER_TOTAL_GAPS,
    ],
    check_specs=[
        dg.AssetCheckSpec(
            _NO_PROBLEM,
            asset=dg.AssetKey([SCHEMA, "data_audit"]),
            description="No check of the raw tables and features found a problem; the report names those that did.",
        )
    ],
    group_name=names.AUDIT,
    kinds={"polars", "duckdb"},
    owners=names.OWNERS,
    pool=names.WAREHOUSE_POOL,
    metadata={"dagster/table_name": f"{SCHEMA}.data_audit"},
)
def data_audit(warehouse: Warehouse, sources: SourceFolder, run_lock: RunLock) -> dg.MaterializeResult:
    """One row per subject and check of the current as-of date: what the data are like, and what they allow.

    Rows are counted, nobody is profiled, so it reads what people have not agreed to be profiled by; it names
    no value of a person.
    """
    from dagster_project.auditing.audit import Shop, audit_warehouse
    from dagster_project.auditing.feature_families import trace_features
    from dagster_project.auditing.findings import PROBLEM
    from dagster_project.auditing.pictures import draw_weeks
    from dagster_project.auditing.report import say_readiness, write_report
    from dagster_project.dbt_manifest import read_manifest
    from dagster_project.settings import read_settings

    families = trace_features(read_manifest(read_settings()), model=names.CUSTOMER_FEATURES.path[-1])
    shop = Shop(time_zone=sources.time_zone(), feature_families=families)
    with warehouse.connect() as connection:
        audit = audit_warehouse(connection, shop=shop, computed_at=datetime.now(UTC).replace(tzinfo=None))
    table = audit.table
    warehouse.replace_tables({f"{SCHEMA}.data_audit": table})
    problems = table.filter(status=PROBLEM)
    weeks = draw_weeks(audit.activities)
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(write_report(table)),
            **({"rows_by_week": picture(weeks, "rows by week")} if weeks else {}),
            "models": say_readiness(table.to_dicts()),
            "as_of_date": str(table["as_of_date"][0]),
            **describe_frame(table, PUBLISHED_COLUMNS["data_audit"]),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=_NO_PROBLEM,
                passed=problems.is_empty(),
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"problems": problems.height, "subjects": ", ".join(problems["subject"].head(5))},
            )
        ],
    )
