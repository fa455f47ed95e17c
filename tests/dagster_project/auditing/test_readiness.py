"""What the data allow: each requirement is met by what it asks for, and by nothing less."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from dagster_project import names
from dagster_project.auditing.features import Coverage
from dagster_project.auditing.profiles import FamilyProfile
from dagster_project.auditing.readiness import Facts, Outcomes, judge_models
from dagster_project.auditing.settings import (
    AUDIT_FILE,
    AuditSettings,
    read_configured_models,
    read_features_of,
    read_settings_of_audit,
)
from dagster_project.loading.contract import TABLES

SHIPPED = read_settings_of_audit()
FIRST = datetime(2023, 1, 1)


def facts(families=None, *, customers=0, given=None, outcomes=None, days=0):
    """Facts with so many rows of some families, over so many days, every column given."""
    profiles = {name: FamilyProfile(table=table, rows=0) for name, table in TABLES.items()}
    for name, rows in (families or {}).items():
        table = TABLES[name]
        profiles[name] = FamilyProfile(
            table=table,
            rows=rows,
            first_at=FIRST,
            last_at=FIRST + timedelta(days=days),
            given=dict.fromkeys(table.column_names, rows),
            together={("content_id", "customer_id"): rows, ("content_id", "engaged_seconds"): 0},
        )
    return Facts(profiles, Coverage(customers, given or {}), outcomes or {})


def judge(held, settings=SHIPPED, configured=None):
    """The findings of models that are all configured, unless ``configured`` names them."""
    names = settings.models if configured is None else configured
    return {(row.subject_kind, row.subject): row for row in judge_models(held, settings, names)}


def only(**requirement):
    """Settings with one model that has one requirement."""
    model = {"title": "One", "requirements": {"need": {"brings": "it", **requirement}}}
    return AuditSettings(limits=SHIPPED.limits, plausible={}, models={"one": model})


def test_every_shipped_model_is_judged_with_all_of_its_requirements():
    judged = judge(facts())
    assert {name for kind, name in judged if kind == "model"} == set(SHIPPED.models)
    assert len([name for kind, name in judged if kind == "requirement"]) == sum(
        len(needs.requirements) for needs in SHIPPED.models.values()
    )


def test_nothing_is_possible_without_data():
    assert {row.value for (kind, _), row in judge(facts()).items() if kind == "model"} == {"not possible"}


def test_shop_with_a_long_history_is_ready_for_churn():
    features = dict.fromkeys(read_features_of(SHIPPED.models["churn"]), 500)
    held = facts({"orders": 5000}, customers=500, given=features, outcomes={28: Outcomes(6, 900, 300)}, days=700)
    row = judge(held)["model", "churn"]
    assert (row.value, row.status, row.remedy) == ("ready", "ok", None)


def test_model_that_is_not_configured_is_never_called_ready():
    settings = only(kind="customers", at_least=60)
    judged = judge(facts(customers=60), settings, configured=())
    assert ("model", "one") not in judged
    row = judged["possible_model", "one"]
    assert (row.value, row.status) == ("data suffice; no such model yet", "ok")
    assert "ready" not in row.sentence.lower()
    assert row.sentence.startswith("One. Data suffice: the data have what it needs. No such model is configured")


def test_model_that_is_not_configured_says_what_the_data_lack():
    settings = only(kind="customers", at_least=60)
    row = judge(facts(customers=59), settings, configured=())["possible_model", "one"]
    assert (row.value, row.status) == ("data do not suffice; no such model yet", "note")
    assert "Data do not suffice because 59 customers can be profiled" in row.sentence


def test_configured_model_whose_needs_nobody_wrote_down_is_named():
    row = judge(facts(), only(kind="customers", at_least=60), configured=["one", "other"])["model", "other"]
    assert (row.value, row.status) == ("not judged", "note")
    assert "models.other" in row.remedy


def test_configured_models_are_those_of_the_folders(tmp_path: Path):
    (tmp_path / "loyalty.yml").write_text("name: loyalty\nfeatures: [order_count]\n")
    (tmp_path / "names.yml").write_text("rules: []\n")
    assert read_configured_models([tmp_path]) == ("loyalty",)


def test_shipped_configuration_has_the_models_that_are_trained():
    assert set(read_configured_models()) == set(names.MODELS)
    assert set(names.MODELS) <= set(SHIPPED.models)


def test_features_without_a_value_limit_the_model_that_uses_them():
    features = dict.fromkeys(read_features_of(SHIPPED.models["churn"]), 500) | {"coupon_share": 0}
    held = facts({"orders": 5000}, customers=500, given=features, outcomes={28: Outcomes(6, 900, 300)}, days=700)
    row = judge(held)["model", "churn"]
    assert row.value == "limited"
    assert "1 of its 27 features lack values (coupon_share)" in row.sentence


def test_one_of_several_families_is_enough():
    settings = only(kind="rows", families=["order_lines", "orders"], at_least=10)
    assert judge(facts({"orders": 10}), settings)["model", "one"].value == "ready"
    assert judge(facts({"orders": 9}), settings)["model", "one"].value == "not possible"


def test_columns_must_be_given_in_the_same_rows():
    both = only(kind="rows", families=["events"], columns=["content_id", "engaged_seconds"], at_least=1)
    row = judge(facts({"events": 50}), both)["model", "one"]
    assert row.value == "not possible"
    assert "tables.events" in row.remedy
    assert "content_id, engaged_seconds" in row.remedy


@pytest.mark.parametrize(("customers", "value"), [(60, "ready"), (59, "not possible")])
def test_so_many_customers_are_needed(customers, value):
    assert judge(facts(customers=customers), only(kind="customers", at_least=60))["model", "one"].value == value


@pytest.mark.parametrize(("ordered", "did_not", "value"), [(100, 100, "ready"), (99, 500, "not possible")])
def test_the_rarer_outcome_counts(ordered, did_not, value):
    settings = only(kind="outcomes", within_days=7, at_least=100)
    held = facts(outcomes={7: Outcomes(3, ordered, did_not)})
    assert judge(held, settings)["model", "one"].value == value


@pytest.mark.parametrize(("days", "value"), [(360, "ready"), (359, "limited")])
def test_what_is_only_helpful_limits(days, value):
    settings = only(kind="history", families=["orders"], at_least=360, helpful=True)
    assert judge(facts({"orders": 2}, days=days), settings)["model", "one"].value == value


def test_past_dates_are_counted_for_their_own_days():
    settings = only(kind="dates", within_days=90, at_least=2)
    held = facts(outcomes={90: Outcomes(dates=1), 7: Outcomes(dates=9)})
    assert judge(held, settings)["model", "one"].value == "not possible"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("limits.orphan_share_warning", 1.5),
        ("limits.unknown", 1),
        ("models.churn.requirements.orders.families", ["ordrs"]),
    ],
)
def test_wrong_settings_are_refused_by_name(tmp_path: Path, place, value):
    document = yaml.safe_load(AUDIT_FILE.read_text())
    *folders, last = place.split(".")
    block = document
    for folder in folders:
        block = block[folder]
    block[last] = value
    path = tmp_path / "audit.yml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(ValidationError, match=last):
        read_settings_of_audit(path)


def test_shipped_requirements_name_columns_of_the_contract():
    for needs in SHIPPED.models.values():
        for requirement in needs.requirements.values():
            for column in getattr(requirement, "columns", ()):
                assert all(TABLES[family].has_column(column) for family in requirement.families), column
