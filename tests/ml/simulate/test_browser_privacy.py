import polars as pl
import pytest


def decisions_of_browsers(part):
    return part.files["consents"].filter(pl.col("anonymous_id").is_not_null())


def test_a_browser_decides_once_and_names_no_customer(part):
    decided = decisions_of_browsers(part)
    assert len(decided) > 1_000
    assert decided["anonymous_id"].is_unique().all()
    assert decided["customer_id"].null_count() == len(decided)
    assert part.files["consents"]["consent_event_id"].is_unique().all()


def test_global_privacy_control_forbids_sale_and_sharing(part):
    by_source = decisions_of_browsers(part).group_by("source").agg(pl.col("purpose", "decision").unique().sort())
    told = {row["source"]: (row["purpose"], row["decision"]) for row in by_source.iter_rows(named=True)}
    assert told == {"gpc": (["sale_sharing"], ["denied"]), "form": (["analytics"], ["denied", "granted"])}


def test_the_browsers_that_send_it_are_those_of_the_truth(part):
    sends = part.truth["identities"].filter("has_global_privacy_control")
    decided = decisions_of_browsers(part).filter(pl.col("source") == "gpc")
    assert decided.join(sends, on="anonymous_id", how="anti").is_empty()
    events = part.files["events"].filter(pl.col("properties") == '{"gpc": true}', pl.col("anonymous_id").is_not_null())
    assert len(events) > 50
    assert events.join(decided, on="anonymous_id", how="anti").is_empty()


def test_a_browser_decides_at_its_first_visit(part):
    first = part.truth["sessions"].group_by("anonymous_id").agg(pl.col("started_at").min())
    both = decisions_of_browsers(part).join(first, on="anonymous_id")
    assert (both["occurred_at"] == both["started_at"]).all()


def test_most_browsers_that_refuse_are_not_recorded(part, shop):
    refused = decisions_of_browsers(part).filter(pl.col("purpose") == "analytics", pl.col("decision") == "denied")
    recorded = part.files["events"]["anonymous_id"].unique()
    leaking = refused["anonymous_id"].is_in(recorded.implode()).mean()
    assert leaking == pytest.approx(shop.preset.families.privacy.leaking, abs=0.07)


def test_few_ask_to_be_erased_and_only_customers(part, shop):
    requests = part.files["erasure_requests"]
    assert requests["request_id"].is_unique().all()
    joined = requests.join(part.files["customers"], on="customer_id")
    assert len(joined) == len(requests) > 5
    assert (joined["requested_at"] > joined["created_at"]).all()
    assert requests["requested_at"].max().date() < shop.preset.end
    years = 1.35  # mean time in the files after registration
    expected = shop.preset.families.privacy.erasures * len(part.files["customers"]) * years
    assert len(requests) == pytest.approx(expected, rel=0.5)
