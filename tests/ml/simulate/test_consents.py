import numpy as np
import polars as pl
import pytest

from ml.simulate.consents import Refusals


def decisions_by_purpose(part, purpose):
    consents = part.files["consents"].filter(pl.col("purpose") == purpose).sort("customer_id", "occurred_at")
    return consents.group_by("customer_id", maintain_order=True).agg("decision", "occurred_at")


def test_a_refusal_holds_from_the_day_after_it_began_until_it_ends():
    refusals = Refusals(np.array([3.0, np.inf, 1.0]), np.array([8.5, np.inf, np.inf]))
    assert refusals.holds(3.0).tolist() == [False, False, True]
    assert refusals.holds(8.0).tolist() == [True, False, True]
    assert refusals.holds(9.0).tolist() == [False, False, True]


def test_every_purpose_has_refusals_and_some_are_taken_back(part):
    of_customers = part.files["consents"].filter(pl.col("customer_id").is_not_null())
    seen = of_customers.group_by("purpose").agg(pl.col("decision").unique().sort())
    assert dict(seen.iter_rows()) == {
        name: ["denied", "granted", "withdrawn"] for name in ("segmentation", "prediction", "activation")
    }
    sequences = set(map(tuple, decisions_by_purpose(part, "activation")["decision"].to_list()))
    assert ("denied", "granted") in sequences
    assert ("granted", "withdrawn", "granted") in sequences


def test_nobody_withdraws_what_they_denied(part):
    sequences = set(map(tuple, decisions_by_purpose(part, "activation")["decision"].to_list()))
    assert sequences <= {
        ("granted",),
        ("denied",),
        ("granted", "withdrawn"),
        ("denied", "granted"),
        ("granted", "withdrawn", "granted"),
    }


def test_segments_and_predictions_are_refused_together(part):
    both = [decisions_by_purpose(part, purpose) for purpose in ("segmentation", "prediction")]
    assert both[0].equals(both[1])


def test_the_first_decision_is_made_at_the_registration(part, chunk):
    first = decisions_by_purpose(part, "activation").select("customer_id", pl.col("occurred_at").list.first())
    came = part.truth["customers"].select("customer_id", "came_at")
    joined = first.join(came, on="customer_id")
    assert joined["occurred_at"].to_list() == joined["came_at"].to_list()


def test_some_were_never_asked(part):
    asked = part.files["consents"]["customer_id"].n_unique()
    assert asked / len(part.files["customers"]) == pytest.approx(0.9, abs=0.02)


def test_no_decision_lies_after_the_files_end(part, shop):
    assert part.files["consents"]["occurred_at"].max().date() < shop.preset.end
