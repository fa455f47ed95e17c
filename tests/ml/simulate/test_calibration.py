from dataclasses import replace

import polars as pl
import pytest

from ml.errors import NotEnoughDataError
from ml.simulate.calibration import report_calibration
from ml.simulate.calibration_families import measure_families
from ml.simulate.config import Target
from ml.simulate.presets import BRAND_SHOP, PRESETS
from ml.simulate.shop import open_shop, simulate_parts


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_figures_are_within_their_tolerances(preset):
    (part,) = simulate_parts(open_shop(preset, seed=1), customers=12_000)
    report = report_calibration(part, preset)
    assert report.filter(~report["is_within_tolerance"]).select("figure", "target", "got").rows() == []


def test_every_target_names_its_source():
    for preset in PRESETS.values():
        for name, target in preset.targets.items():
            assert target.source.startswith(("measured on ", "read, ", "assumption")), name


def test_too_few_customers_have_no_report(shop):
    (small,) = simulate_parts(shop, customers=999)
    with pytest.raises(NotEnoughDataError, match="999 customers are too few"):
        report_calibration(small, shop.preset)


def test_the_report_puts_what_came_out_beside_the_target(part):
    half = replace(BRAND_SHOP, targets={"orders from desktop": Target(0.29, "assumption", 1.5)})
    row = report_calibration(part, half).row(0, named=True)
    assert row["ratio"] == pytest.approx(row["got"] / 0.29)
    assert row["got"] == pytest.approx(0.58, abs=0.05)
    assert not row["is_within_tolerance"]


def test_a_figure_below_its_tolerance_is_not_within_it(part):
    double = replace(BRAND_SHOP, targets={"orders from desktop": Target(1.16, "assumption", 1.5)})
    assert not report_calibration(part, double)["is_within_tolerance"].item()


def test_passers_by_count_for_those_who_were_left_out_of_the_sample(part, shop):
    got = measure_families(part.files, part.truth)
    people = part.truth["sessions"].filter(~pl.col("is_bot"))
    of_orders = people.filter(pl.col("visit_kind") == "order")
    assert len(of_orders) / len(people) > 10 * got["sessions with an order"]
    passing = people.filter(pl.col("visit_kind") == "passer-by")
    whole = len(people) - len(passing) + len(passing) / shop.preset.families.visits.sample
    assert got["sessions with an order"] == pytest.approx(len(of_orders) / whole, rel=0.1)


def test_bots_are_in_no_figure_about_people(part):
    got = measure_families(part.files, part.truth)
    bots = part.truth["sessions"].filter("is_bot")
    people = {**part.files, "events": part.files["events"].join(bots, on="session_id", how="anti")}
    without = measure_families(people, part.truth)
    of_people = [name for name in got if name.startswith("sessions ") or name.startswith("events per session")]
    assert len(of_people) > 15
    assert {name: without[name] for name in of_people} == {name: got[name] for name in of_people}
