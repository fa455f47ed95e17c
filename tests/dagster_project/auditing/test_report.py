"""The page that people read: state first, then families, models and findings by how grave they are."""

import polars as pl
import pytest

from dagster_project.auditing.report import say_readiness, write_report
from tests.dagster_project.auditing.planted import audit, every, spoil


def report_of(found):
    return write_report(pl.DataFrame(list(found.values()), infer_schema_length=None))


@pytest.fixture(scope="module")
def spoiled(shop):
    """The audit of the shop with a tenth of the orders' customers unknown."""
    return audit(spoil(shop, "raw.orders", every(10, pl.lit("un|known"), "customer_id")))


def test_state_comes_first(clean, spoiled):
    assert report_of(clean).startswith("## • The data are in order, with notes")
    assert report_of(spoiled).startswith("## ▲ Some of the data need a look")


def test_families_have_a_line_each_and_empty_ones_are_named(clean):
    report = report_of(clean)
    assert "| • | orders | 1,440 | 2024-01-01 | 2024-04-29 | 0.0 % | 0.0 % | fits | 0 days |  |" in report
    without = next(line for line in report.splitlines() if line.startswith("Without a row: "))
    assert "deals" in without
    assert "orders" not in without


def test_warning_is_listed_with_its_remedy_and_beside_its_family(spoiled):
    report = report_of(spoiled)
    assert "- **orders.customer_id** (orphans): 144 of 1,440 (10.0 %) rows" in report
    assert "Bring the missing customers" in report
    assert "| customer_id 10.0 % |" in report


def test_order_of_the_sections(spoiled):
    report = report_of(spoiled)
    headings = ["### What there is", "### What you can do", "### ▲ Warnings", "### • Notes"]
    places = [report.index(heading) for heading in headings]
    assert places == sorted(places)


def test_clean_shop_has_no_list_of_warnings(clean):
    assert "Warnings" not in report_of(clean)


def test_notes_that_say_the_same_share_a_line(clean):
    (line,) = [line for line in report_of(clean).splitlines() if "no row of products has a value" in line]
    assert line.startswith("- **brand, category, is_seasonal, name, subcategory**")


def test_every_row_of_a_table_has_as_many_cells_as_its_head(spoiled):
    """A bar within a value would open another cell."""
    width = 0
    for line in report_of(spoiled).splitlines():
        cells = line.replace("\\|", "").count("|")
        if not cells:
            width = 0
        else:
            width = width or cells
            assert cells == width, line


def test_models_in_one_line_are_those_that_exist(clean):
    line = say_readiness(clean.values())
    assert "behaviour" in line
    assert "churn" in line
    assert "accounts" not in line
    assert "ltv" not in line


def test_models_that_do_not_exist_stand_apart_from_those_that_do(clean):
    of_ours, _, possible = report_of(clean).partition("### What the data would allow beside it")
    assert "**accounts**" not in of_ours
    (line,) = [line for line in possible.splitlines() if "**accounts**" in line]
    assert (
        "| data do not suffice; no such model yet | no row of accounts (at least 30 needed for the companies)" in line
    )
    assert "nothing trains, scores or publishes it" in possible


def test_models_are_shown_with_their_reasons(clean):
    (line,) = [line for line in report_of(clean).splitlines() if "**behaviour** Segments by shopping behaviour" in line]
    assert "| limited | order_lines and orders reach over 119 days (at least 360 would add seasons" in line


def test_model_whose_needs_nobody_wrote_down_has_a_line(clean):
    row = clean["model", "churn", "readiness"]
    unknown = row | {"subject": "new", "value": "not judged", "sentence": "new. Not judged: nothing says it."}
    (line,) = [
        line for line in report_of({**clean, ("model", "new", "readiness"): unknown}).splitlines() if "**new**" in line
    ]
    assert line.startswith("| ? | **new** | not judged | nothing says it.")
