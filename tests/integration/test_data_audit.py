"""The audit of the small shop: run with the marts, shown as a report, published with the rest."""

from typing import Any

import dagster as dg
import pytest

from tests.integration.homes import Home
from tests.integration.small_shop import LAST_COMPLETE_DAY

AUDIT = dg.AssetKey(["segmentation", "data_audit"])


@pytest.fixture(scope="module")
def metadata(instance: dg.DagsterInstance) -> dict[str, Any]:
    event = instance.get_latest_materialization_event(AUDIT)
    assert event is not None
    assert event.asset_materialization is not None
    return {name: entry.value for name, entry in event.asset_materialization.metadata.items()}


def test_published_audit_is_the_one_that_was_made(home: Home):
    made = home.warehouse("select * from segmentation.data_audit order by subject_kind, subject, check_name")
    published = home.published("select * from data_audit order by subject_kind, subject, check_name")
    assert published.equals(made)
    assert set(published["as_of_date"]) == {LAST_COMPLETE_DAY}


def test_broken_rows_of_the_files_are_named_by_their_rule(home: Home):
    rejections = home.published("select subject, value from data_audit where subject_kind = 'rejection'")
    assert dict(rejections.iter_rows()) == {
        "order_lines: net_amount … is no number of money": "1 of 1 (100.0 %)",
        "orders: customer_id is missing": "1 of 1 (100.0 %)",
    }


def test_models_that_were_trained_were_possible(home: Home):
    models = home.published("select subject, value from data_audit where subject_kind = 'model'")
    readiness = dict(models.iter_rows())
    assert {readiness["behaviour"], readiness["churn"]} <= {"ready", "limited"}
    assert set(readiness) == {"behaviour", "churn"}
    possible = home.published("select subject, value from data_audit where subject_kind = 'possible_model'")
    assert dict(possible.iter_rows())["accounts"] == "data do not suffice; no such model yet"


def test_report_and_picture_are_shown(metadata):
    assert metadata["report"].startswith("## ")
    assert "### What you can do with what you have" in metadata["report"]
    assert "data:image/png;base64," in metadata["rows_by_week"]
    assert "behaviour" in metadata["models"]
    assert "accounts" not in metadata["models"]


def test_audit_holds_no_identifier_of_a_customer(home: Home):
    texts = home.published("select concat_ws(' ', subject, value, sentence, remedy) as said from data_audit")
    customers = home.warehouse("select distinct customer_id from raw.orders")["customer_id"].to_list()
    words = {word.strip(".,:;()*") for said in texts["said"] for word in said.split()}
    assert not words & set(customers)
