"""The whole audit: every raw table, every feature and every model of one warehouse, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from dagster_project.auditing.activity import Activity, read_activity
from dagster_project.auditing.arrivals import Moment, find_newest_day, judge_arrivals
from dagster_project.auditing.busy import judge_busy
from dagster_project.auditing.clocks import judge_activity
from dagster_project.auditing.families import judge_family
from dagster_project.auditing.features import FEATURES, Coverage, judge_coverage, judge_leaks, measure_coverage
from dagster_project.auditing.findings import ABOUT_MODELS, STATUSES, Finding, tabulate_findings, worst_status
from dagster_project.auditing.identifiers import IDENTIFIERS, collect_identifiers
from dagster_project.auditing.look_alikes import judge_look_alikes
from dagster_project.auditing.orders import judge_orders
from dagster_project.auditing.profiles import FamilyProfile, count_rows, profile_family
from dagster_project.auditing.readiness import Facts, judge_models, read_outcomes
from dagster_project.auditing.rejections import judge_loading
from dagster_project.auditing.settings import AuditSettings, read_configured_models, read_settings_of_audit
from dagster_project.auditing.traffic import judge_traffic
from dagster_project.loading.contract import TABLES
from dagster_project.loading.tables.commerce import ORDER_LINES, ORDERS
from dagster_project.warehouse import Connection

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Shop:
    """What the audit is told beside the data: the shop's clock, and the raw tables of each feature."""

    time_zone: str
    feature_families: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Audit:
    """The findings, one row per subject kind, subject and check, and the times of each family that has any."""

    table: pl.DataFrame
    activities: Mapping[str, Activity]


def audit_warehouse(
    connection: Connection, *, shop: Shop, computed_at: datetime, settings: AuditSettings | None = None
) -> Audit:
    """The audit of everything in a warehouse, with the table as ``segments.data_audit`` has it.

    Needs the raw tables, the ledger, the features and the labels; any of them may be empty.
    """
    settings = settings or read_settings_of_audit()
    row_counts = count_rows(connection)
    profiles = {
        table.name: profile_family(
            connection, table, time_zone=shop.time_zone, row_counts=row_counts, settings=settings
        )
        for table in TABLES.values()
    }
    as_of_date = _find_as_of_date(connection)
    coverage = measure_coverage(connection, as_of_date=as_of_date) if as_of_date else Coverage()
    activities = _read_activities(connection, profiles, shop)
    findings = list(_judge_families(connection, profiles, activities, shop, settings))
    findings += judge_orders(connection, profiles, settings.limits)
    findings += _judge_identifiers(connection, profiles, settings)
    findings += _judge_arrivals(connection, profiles, as_of_date, shop, settings)
    findings += judge_coverage(coverage, families=shop.feature_families, row_counts=row_counts, limits=settings.limits)
    findings += judge_leaks(connection, settings.limits)
    facts = Facts(profiles, coverage, read_outcomes(connection, settings))
    findings += judge_models(facts, settings, read_configured_models())
    findings.append(_summarise(findings))
    day = as_of_date or _newest_day(profiles) or computed_at.date()
    return Audit(tabulate_findings(findings, as_of_date=day, computed_at=computed_at), activities)


def _read_activities(connection: Connection, profiles: Mapping[str, FamilyProfile], shop: Shop) -> dict[str, Activity]:
    found = {
        name: read_activity(connection, profile.table, shop.time_zone)
        for name, profile in profiles.items()
        if profile.rows
    }
    return {name: activity for name, activity in found.items() if activity is not None}


def _judge_families(
    connection: Connection,
    profiles: Mapping[str, FamilyProfile],
    activities: Mapping[str, Activity],
    shop: Shop,
    settings: AuditSettings,
) -> Iterator[Finding]:
    newest_day = _newest_day(profiles)
    for profile in profiles.values():
        table = profile.table
        activity = activities.get(table.name)
        pause = activity.longest_pause_days if activity else 0
        yield from judge_family(profile, newest_day=newest_day, longest_pause_days=pause, settings=settings)
        yield from judge_loading(connection, table, settings.limits)
        if activity is not None:
            yield from judge_activity(table.name, activity, time_zone=shop.time_zone, limits=settings.limits)
        if profile.rows:
            yield from judge_traffic(connection, table, settings.limits)


def _judge_identifiers(
    connection: Connection, profiles: Mapping[str, FamilyProfile], settings: AuditSettings
) -> Iterator[Finding]:
    filled = [name for name, profile in profiles.items() if profile.rows]
    for column in IDENTIFIERS:
        with collect_identifiers(connection, column, filled) as identifiers:
            if identifiers is not None:
                yield from judge_look_alikes(connection, identifiers, settings.limits)
                yield from judge_busy(connection, identifiers, filled, settings.limits)


def _judge_arrivals(
    connection: Connection,
    profiles: Mapping[str, FamilyProfile],
    as_of_date: date | None,
    shop: Shop,
    settings: AuditSettings,
) -> Iterator[Finding]:
    newest = find_newest_day(profiles[table.name].last_at for table in (ORDERS, ORDER_LINES))
    if as_of_date is None or newest is None:
        return
    moment = Moment(as_of_date, newest, shop.time_zone)
    for profile in profiles.values():
        if profile.rows:
            yield judge_arrivals(connection, profile.table, moment, settings.limits)


def _find_as_of_date(connection: Connection) -> date | None:
    found: date | None = connection.execute(f"select max(as_of_date) from {FEATURES}").fetchall()[0][0]
    return found


def _newest_day(profiles: Mapping[str, FamilyProfile]) -> date | None:
    happened = [
        profile.last_at.date() for profile in profiles.values() if profile.table.has_happened and profile.last_at
    ]
    return max(happened, default=None)


def _summarise(findings: list[Finding]) -> Finding:
    """What is said of the data as a whole; a model that is not possible is no fault of the data."""
    about_data = [finding for finding in findings if finding.subject_kind not in ABOUT_MODELS]
    counts = {status: sum(finding.status == status for finding in about_data) for status in reversed(STATUSES)}
    said = ", ".join(f"{count:,} {status}" for status, count in counts.items())
    status = worst_status(about_data)
    sentence = f"{len(about_data):,} checks of the data: {said}."
    return Finding("warehouse", "all", "summary", status, sentence, said, float(len(about_data)))
