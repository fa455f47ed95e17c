from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from dagster_project.publishing.generations import publish_generation
from dagster_project.publishing.manifest import RunFacts
from dagster_project.settings import Settings, read_settings
from dagster_project.summary import print_summary
from dagster_project.warehouse import Warehouse

PROFILES = pl.DataFrame(
    {
        "segment_id": [1, 2],
        "segment_name": ["Lapsed", "Loyal regulars"],
        "customers": [1200, 400],
        "customer_share": [0.75, 0.25],
        "revenue_share": [0.1, 0.9],
        "typical_customer": ["Last ordered 124 days ago.", "Ordered 30 times in the last year."],
        "play": ["Send one win-back offer.", "Give early access."],
        "as_of_date": [date(2024, 6, 29)] * 2,
    }
)
CANDIDATES = pl.DataFrame(
    {
        "candidate": ["naive", "gradient_boosting"],
        "horizon_days": [35, 35],
        "test_dates": [6, 6],
        "rows": [8123, 8123],
        "observed_rate": [0.149, 0.149],
        "log_loss": [0.424, 0.3757],
        "log_loss_difference_low": [None, -0.0703],
        "log_loss_difference_high": [None, -0.0288],
        "roc_auc": [0.555, 0.725],
        "top_decile_lift": [1.3, 2.3],
        "is_chosen": [False, True],
    }
)
CARDS = pl.DataFrame({"model": ["churn"], "summary": ["Chosen: surely better than the naive rule."]})
AUDIT = pl.DataFrame(
    {
        "subject_kind": ["model", "model", "possible_model", "warehouse"],
        "subject": ["behaviour", "churn", "ltv_90d", "all"],
        "check_name": ["readiness", "readiness", "data", "summary"],
        "status": ["ok", "note", "ok", "note"],
        "value": ["ready", "limited", "data suffice; no such model yet", "0 problem, 0 warning, 7 note, 93 ok"],
    }
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"SEGMENTS_HOME": str(tmp_path)})


def publish(settings: Settings, *, candidates: pl.DataFrame = CANDIDATES) -> None:
    warehouse = Warehouse(path=str(settings.warehouse_path))
    warehouse.replace_tables(
        {
            "segments.segment_profiles": PROFILES,
            "segments.prediction_candidates": candidates,
            "segments.model_cards": CARDS,
            "segments.data_audit": AUDIT,
        }
    )
    facts = RunFacts(as_of_date=date(2024, 6, 29), created_at=datetime(2024, 6, 30, tzinfo=UTC), run_id="run-1")
    with warehouse.connect() as connection:
        publish_generation(connection, published_folder=settings.published_folder, generation="g1", facts=facts, keep=1)


def printed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> str:
    print_summary(settings)
    return capsys.readouterr().out


def test_nothing_published_has_no_summary(settings, capsys):
    assert printed(settings, capsys) == ""


def test_segments_come_by_revenue_with_their_figures(settings, capsys):
    publish(settings)
    text = printed(settings, capsys)
    assert "Your customers in 2 segments, as of 2024-06-29" in text
    assert text.index("Loyal regulars") < text.index("Lapsed")
    for figure in ("1,200", "75%", "90%", "Ordered 30 times", "Send one win-back"):
        assert figure in text


def test_churn_model_stands_beside_the_naive_rule(settings, capsys):
    publish(settings)
    text = printed(settings, capsys)
    assert "Who will not order in the next 35 days? Tested on 6 later dates (8,123 cases, 14.9% left)" in text
    for figure in ("naive", "0.4240", "gradient boosting", "0.3757", "-0.0703 to -0.0288", "2.3 times as often"):
        assert figure in text


def test_shop_without_a_churn_model_is_told_the_reason_only(settings, capsys):
    publish(settings, candidates=CANDIDATES.clear())
    text = printed(settings, capsys)
    assert "Who will not order" not in text
    assert "churn: Chosen: surely better than the naive rule." in text


def test_places_of_the_published_files_are_named(settings, capsys):
    publish(settings)
    text = printed(settings, capsys)
    for name in ("segments.duckdb", "parquet", "manifest.json", "make ui"):
        assert name in text


def test_audit_has_a_line_that_points_to_its_report(settings, capsys):
    publish(settings)
    text = printed(settings, capsys)
    assert "checks 0 problem, 0 warning, 7 note, 93 ok; ready for behaviour; limited for churn. Report" in text
    assert "ltv" not in text
