"""Features of e-mails, tickets, social networks and accounts: neither later facts nor the order of rows change them."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagster_project.settings import PROJECT_ROOT
from ml.simulate.business import STAGES
from tests.dbt.corner_shop import FIRST_LOAD_AT, LAST_COMPLETE_DAY, SECOND_LOAD_AT, first_delivery
from tests.dbt.corner_shop_families import first_family_delivery, second_family_delivery, without_later_family_facts
from tests.dbt.warehouses import CompiledModel, Workshop, read, read_rows

FAMILIES = ("int_email_features", "int_support_features", "int_social_features", "int_customer_account_features")
TABLES = (*FAMILIES, "int_account_features")
CUT_OFF, END_OF_CUT_OFF = "2024-04-30", datetime(2024, 5, 1, 4)


@pytest.fixture(scope="module")
def built(workshop: Workshop) -> tuple[Path, list[CompiledModel]]:
    """The first delivery with all families, seen from its last complete day, and the SQL that saw it."""
    load = workshop.load((first_delivery() | first_family_delivery(), FIRST_LOAD_AT))
    select = [f"+{table}" for table in (*FAMILIES, "int_family_customers")]
    return workshop.build(load, select=select, as_of_date=LAST_COMPLETE_DAY), list(workshop.compiled)


def rows_through(warehouse: Path, day: str) -> dict[str, list[tuple[Any, ...]]]:
    return {table: read_rows(warehouse, f"intermediate.{table}", through=day) for table in TABLES}


def see_from(day: str, model: CompiledModel) -> str:
    return model.sql.replace(f"cast('{LAST_COMPLETE_DAY}' as date)", f"cast('{day}' as date)")


def test_a_later_load_changes_nothing_of_earlier_dates(workshop, built):
    load = workshop.load(
        (first_delivery() | first_family_delivery(), FIRST_LOAD_AT), (second_family_delivery(), SECOND_LOAD_AT)
    )
    assert rows_through(workshop.rebuild(load, built[1]), LAST_COMPLETE_DAY) == rows_through(
        built[0], LAST_COMPLETE_DAY
    )


def test_a_later_load_is_in_the_features_from_its_day_on(workshop, built):
    day = SECOND_LOAD_AT.date().isoformat()
    loads = [
        workshop.load((first_delivery() | first_family_delivery(), FIRST_LOAD_AT), *later)
        for later in ([], [(second_family_delivery(), SECOND_LOAD_AT)])
    ]
    before, after = (
        rows_through(workshop.rebuild(load, built[1], change=lambda model: see_from(day, model)), day) for load in loads
    )
    assert {table for table in TABLES if before[table] != after[table]} == set(TABLES)


def test_what_happens_after_a_day_changes_nothing_that_is_said_of_it(workshop, built):
    assert rows_through(build_up_to_cut_off(workshop, built[1]), CUT_OFF) == rows_through(built[0], CUT_OFF)


@pytest.mark.parametrize(
    ("model", "condition", "leak", "table"),
    [
        (
            "int_support_tickets_as_of",
            "support_tickets.closed_on <= customers_as_of.as_of_date",
            "support_tickets.closed_on is not null",
            "int_support_features",
        ),
        (
            "int_deals_as_of",
            "deals_known.closed_on <= deals_known.as_of_date",
            "deals_known.closed_on is not null",
            "int_account_features",
        ),
    ],
)
def test_an_end_that_is_seen_in_advance_is_found(workshop, built, model, condition, leak, table):
    def see_ends(compiled: CompiledModel) -> str:
        if compiled.name != model:
            return compiled.sql
        assert compiled.sql.count(condition) == 1
        return compiled.sql.replace(condition, leak)

    leaking = workshop.rebuild(built[0], built[1], change=see_ends)
    known = rows_through(build_up_to_cut_off(workshop, built[1]), CUT_OFF)
    assert known[table] != rows_through(leaking, CUT_OFF)[table]


@pytest.mark.parametrize("threads", [1, 2])
def test_neither_the_order_of_rows_nor_the_number_of_threads_changes_anything(workshop, built, threads):
    load = workshop.load((first_delivery() | first_family_delivery(), FIRST_LOAD_AT), seed=3)
    shuffled = workshop.rebuild(load, built[1], threads=threads)
    assert rows_through(shuffled, LAST_COMPLETE_DAY) == rows_through(built[0], LAST_COMPLETE_DAY)


def test_every_customer_has_a_row_of_every_family_from_its_first_fact_on(built):
    customers = read_rows(built[0], "intermediate.int_customers_as_of")
    for table in FAMILIES:
        keys = [row[:2] for row in read_rows(built[0], f"intermediate.{table}")]
        assert keys == customers


def test_a_shop_without_a_family_has_no_row_of_it(workshop, built):
    families = {**first_family_delivery(), "email_events": [], "support_tickets": [], "social_engagements": []}
    without = workshop.rebuild(workshop.load((first_delivery() | families, FIRST_LOAD_AT)), built[1])
    counts = {table: len(read_rows(without, f"intermediate.{table}")) for table in TABLES}
    assert {table for table, count in counts.items() if count} == {
        "int_customer_account_features",
        "int_account_features",
    }
    assert read_rows(without, "intermediate.int_family_customers") == []


def test_email_features_of_one_customer_as_worked_by_hand(built):
    """Customer c02 got mailings 0 to 6 by May 6.

    Of 0, 3 and 6 no delivery is reported, so all three came. Of the others 5 bounced (2 + 5 = 7), which leaves six
    delivered; but it was opened, as 1, 2 and 4 were, and so came after all: four of seven. Clicked were 2 and 6.
    """
    query = """
        select email_sent_count, email_delivered_count, email_bounce_count, email_open_rate, email_click_rate
        from intermediate.int_email_features where customer_id = 'c02' and as_of_date = '2024-05-30'
    """
    assert read(built[0], query).row(0) == (7, 6, 1, 4 / 7, 2 / 7)


def test_open_deals_by_stage_as_worked_by_hand(built):
    """February 29 is day 55 of the shop.

    Account a2 has lost or won d2; d6 moved to proposal on day 48, where it came to be worth 90 + 6 x 11.11; d10, worth
    100 + 10 x 33.33 by its record, was created on day 50 and moves first on day 59. Its record says proposal, but as of
    June 1, when it was exported. Of a0, d8 is qualified since day 49, and is worth what its record says. The deals of a1
    (d1, d5 and d9) never move, so nobody knows their stage.
    """
    query = """
        select account_id, open_deal_count, open_deal_count_qualified, open_deal_amount_qualified,
            open_deal_count_proposal, open_deal_amount_proposal, open_deal_count_other, open_deal_amount_other
        from intermediate.int_account_features
        where as_of_date = '2024-02-29' and account_id in ('a0', 'a1', 'a2') order by account_id
    """
    assert read(built[0], query).rows() == [
        ("a0", 1, 1, Decimal("366.64"), 0, 0, 0, 0),
        ("a1", 3, 0, 0, 0, 0, 3, Decimal("133.33") + Decimal("266.65") + Decimal("399.97")),
        ("a2", 2, 0, 0, 1, Decimal("156.66"), 1, Decimal("433.30")),
    ]


def test_the_stage_of_a_record_counts_from_the_day_of_its_export_on(workshop, built):
    """Nothing but proposals that never moved: d1, d5 and d13 of a1, whose d9 was won."""
    query = """
        select open_deal_count, open_deal_count_proposal, open_deal_amount_proposal, open_deal_count_other
        from intermediate.int_account_features where account_id = 'a1' and as_of_date = '{}'
    """
    day = FIRST_LOAD_AT.date().isoformat()
    seen = workshop.rebuild(built[0], built[1], change=lambda model: see_from(day, model))
    assert read(seen, query.format("2024-05-31")).rows() == [(3, 0, 0, 3)]
    assert read(seen, query.format(day)).rows() == [
        (3, 3, Decimal("133.33") + Decimal("266.65") + Decimal("533.29"), 0)
    ]


def test_every_open_stage_of_the_simulated_shop_has_features():
    project = yaml.safe_load((PROJECT_ROOT / "dbt" / "dbt_project.yml").read_text(encoding="utf-8"))
    assert (*project["vars"]["deal_stages"], "won", "lost") == STAGES


def test_stages_add_up_to_the_open_deals(built):
    stages = ("lead", "qualified", "proposal", "negotiation", "other")
    count, amount = (
        f"{total} - ({' + '.join(f'{total}_{stage}' for stage in stages)})"
        for total in ("open_deal_count", "open_deal_amount")
    )
    query = f"select distinct {count} as deals, {amount} as money from intermediate.int_customer_account_features"
    assert read(built[0], query).rows() == [(0, 0)]


def test_a_customer_is_known_from_the_first_email_on(built):
    query = "select known_on from intermediate.int_family_customers where customer_id = 'c05'"
    assert read(built[0], query).item() == date(2024, 1, 5)


def build_up_to_cut_off(workshop: Workshop, compiled: list[CompiledModel]) -> Path:
    """The features at the cut-off date, of a first load that nobody could have known more of."""
    families = without_later_family_facts(first_family_delivery(), END_OF_CUT_OFF)
    load = workshop.load((first_delivery() | families, FIRST_LOAD_AT))
    return workshop.rebuild(load, compiled, change=lambda model: see_from(CUT_OFF, model))
