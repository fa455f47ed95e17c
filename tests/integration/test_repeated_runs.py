"""The same data again: a nightly run, a retrain, and a backfill of an earlier month change nothing."""

import dagster as dg

from tests.integration.conftest import EARLIER_MONTH, NEWEST_MONTH
from tests.integration.homes import Home

SEGMENTS = "select customer_id, segment_id, segment_name from customer_segments order by customer_id"


def decisions_of(home: Home, champion: str) -> dict[str, str]:
    """What the promotion of each month decided, by month."""
    with home.instance() as instance:
        records = instance.fetch_materializations(dg.AssetKey(champion), limit=10).records
    events = [record.asset_materialization for record in reversed(records)]
    return {event.partition: str(event.metadata["decision"].value) for event in events}


def test_nightly_run_publishes_the_same_content(home, nightly_home):
    assert nightly_home.generation().name != home.generation().name
    assert nightly_home.content_hashes() == home.content_hashes()


def test_nightly_run_loads_no_file_twice(nightly_home):
    loads = nightly_home.warehouse("select count(distinct load_id) as loads from ops.load_ledger").item()
    assert loads == 1


def test_nightly_run_changes_no_segment(home, nightly_home):
    assert nightly_home.published(SEGMENTS).equals(home.published(SEGMENTS))


def test_nightly_run_keeps_the_generation_before(home, nightly_home):
    kept = {path.name for path in nightly_home.settings.published_folder.iterdir()}
    assert home.generation().name in kept


def test_retrain_on_unchanged_data_changes_no_segment(home, retrained_home):
    assert retrained_home.published(SEGMENTS).equals(home.published(SEGMENTS))


def test_retrain_on_unchanged_data_changes_no_model_version(home, retrained_home):
    assert retrained_home.manifest().model_versions == home.manifest().model_versions


def test_retrain_on_unchanged_data_publishes_the_same_content(home, retrained_home):
    assert retrained_home.content_hashes() == home.content_hashes()


def test_backfill_of_an_earlier_month_keeps_the_champions(retrained_home):
    for champion in ("behaviour_champion", "churn_champion"):
        decision = decisions_of(retrained_home, champion)[EARLIER_MONTH]
        assert "stays" in decision or "No candidate" in decision, decision


def test_backfill_is_trained_with_what_was_known_then(retrained_home):
    with retrained_home.instance() as instance:
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey("behaviour_candidate"), asset_partitions=[EARLIER_MONTH]), limit=1
        ).records
    assert records[0].asset_materialization.metadata["cut_off"].value == f"{EARLIER_MONTH}-31"


def test_every_trained_month_is_on_record(retrained_home):
    assert set(decisions_of(retrained_home, "behaviour_champion")) == {EARLIER_MONTH, NEWEST_MONTH}
