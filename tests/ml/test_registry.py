"""Model bundles: whole or refused, promoted atomically, and never able to run code."""

import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ml.clustering.assignment import assign_segments
from ml.clustering.segmentation import fit_segmentation
from ml.errors import OlderThanChampionError, TornBundleError
from ml.registry import (
    load_candidate,
    load_champion,
    load_version,
    promote,
    save_candidate,
)
from ml.supervised.candidates import CANDIDATES, fit_candidate
from ml.supervised.labels import label_rows
from ml.supervised.model import PredictionModel
from tests.factories import AS_OF, make_features, make_history, make_prediction_config, make_segmentation_config

FILES = ("card.json", "model.json", "arrays.npz", "index.json")


@pytest.fixture(scope="module")
def planted():
    return make_features()


@pytest.fixture(scope="module")
def fit(planted):
    config = make_segmentation_config(segments={"minimum": 4, "maximum": 4})
    return fit_segmentation(features=planted, outcomes=None, config=config, cut_off=AS_OF, previous=None, seed=1)


def save(folder, fit, run_id="run-1", *, days_later=0):
    """A candidate of ``fit``, as if fitted ``days_later``; returns its version."""
    cut_off = AS_OF + timedelta(days=days_later)
    card = {**fit.card, "cut_off": cut_off.isoformat()}
    return save_candidate(folder, replace(fit.model, cut_off=cut_off), card, run_id)


def bundle_of(folder, version):
    return folder / "behaviour" / "versions" / version


def test_a_saved_segmentation_assigns_the_same_bits(tmp_path, fit, planted):
    version = save(tmp_path, fit)
    loaded = load_candidate(tmp_path, "behaviour", version, "run-1")
    before = assign_segments(features=planted, model=fit.model)
    assert assign_segments(features=planted, model=loaded.model).equals(before)
    assert loaded.model.preprocessing.left_out == fit.model.preprocessing.left_out
    assert loaded.version == version


def test_one_segment_of_everyone_is_saved_and_loaded_without_any_feature(tmp_path):
    alike = pl.concat([make_features().head(1)] * 150).with_columns(
        customer_id=pl.int_range(pl.len()).cast(pl.String).str.zfill(3)
    )
    config = make_segmentation_config()
    fit = fit_segmentation(features=alike, outcomes=None, config=config, cut_off=AS_OF, previous=None, seed=1)
    model = load_candidate(tmp_path, "behaviour", save(tmp_path, fit), "run-1").model
    assert model.preprocessing.columns == ()
    again = assign_segments(features=alike, model=model)
    assert_frame_equal(again, assign_segments(features=alike, model=fit.model))


@pytest.mark.parametrize("kind", CANDIDATES)
def test_a_saved_prediction_scores_the_same_bits(tmp_path, kind):
    shop = make_history(customers=120)
    rows = label_rows(shop.features, shop.labels, horizon_days=28, known_on=shop.as_of_dates[-1])
    fitted = fit_candidate(kind, rows, make_prediction_config(), seed=1)
    model = PredictionModel("churn", "Churn", 28, AS_OF, 1, fitted)
    card = {"model": "churn", "kind": "prediction", "cut_off": AS_OF.isoformat(), "features": ["order_count"]}
    version = save_candidate(tmp_path, model, card, "run-1")
    loaded = load_candidate(tmp_path, "churn", version, "run-1").model
    assert loaded.calibrated.predict(rows).tobytes() == fitted.predict(rows).tobytes()
    assert loaded.horizon_days == 28


def test_the_version_names_model_and_cut_off_and_is_the_same_for_the_same_fit(tmp_path, fit):
    first, second = save(tmp_path / "a", fit), save(tmp_path / "b", fit, "run-2")
    assert first == second
    assert first.startswith("behaviour-2024-06-30-")
    assert save(tmp_path / "a", fit, days_later=1) != first


def test_the_same_fit_writes_the_same_bytes(tmp_path, fit):
    version = save(tmp_path / "a", fit)
    save(tmp_path / "b", fit)
    for name in FILES:
        one, other = (tmp_path / side / "behaviour/candidates/run-1" / version / name for side in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()


def test_the_card_says_features_hash_and_libraries(tmp_path, fit):
    card = load_candidate(tmp_path, "behaviour", save(tmp_path, fit), "run-1").card
    assert len(card["feature_hash"]) == 64
    assert set(card["libraries"]) == {"numpy", "polars", "scikit-learn", "lightgbm", "scipy"}
    assert card["consent_basis"] == fit.card["consent_basis"]


def test_a_candidate_is_no_champion_until_it_is_promoted(tmp_path, fit):
    version = save(tmp_path, fit)
    assert load_champion(tmp_path, "behaviour") is None
    promote(tmp_path, "behaviour", version, "run-1")
    assert load_champion(tmp_path, "behaviour").version == version


def test_promoting_or_saving_again_changes_nothing(tmp_path, fit):
    for _ in range(2):
        version = save(tmp_path, fit)
        promote(tmp_path, "behaviour", version, "run-1")
    assert load_champion(tmp_path, "behaviour").version == version


def test_a_later_model_takes_over_and_the_earlier_one_stays_loadable(tmp_path, fit):
    first, second = save(tmp_path, fit), save(tmp_path, fit, days_later=30)
    promote(tmp_path, "behaviour", first, "run-1")
    promote(tmp_path, "behaviour", second, "run-1")
    assert load_champion(tmp_path, "behaviour").version == second
    assert load_version(tmp_path, "behaviour", first).version == first


def test_a_model_of_an_earlier_cut_off_is_not_promoted(tmp_path, fit):
    later, earlier = save(tmp_path, fit), save(tmp_path, fit, days_later=-30)
    promote(tmp_path, "behaviour", later, "run-1")
    with pytest.raises(OlderThanChampionError, match="was fitted up to 2024-05-31, the champion"):
        promote(tmp_path, "behaviour", earlier, "run-1")
    assert load_champion(tmp_path, "behaviour").version == later


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_file_is_refused_by_name(tmp_path, fit, name, damage):
    version = save(tmp_path, fit)
    promote(tmp_path, "behaviour", version, "run-1")
    path = bundle_of(tmp_path, version) / name
    data = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        middle = len(data) // 2
        path.write_bytes(data[:middle] if damage == "truncate" else data[:middle] + b"\0" + data[middle + 1 :])
    with pytest.raises(TornBundleError, match=rf"{version}: .*{name} is (torn|missing)"):
        load_champion(tmp_path, "behaviour")


def test_a_torn_champion_entry_is_refused(tmp_path, fit):
    version = save(tmp_path, fit)
    promote(tmp_path, "behaviour", version, "run-1")
    (tmp_path / "behaviour" / "champion.json").write_text('{"version": ')
    with pytest.raises(TornBundleError, match=r"champion\.json is torn"):
        load_champion(tmp_path, "behaviour")


def test_a_torn_candidate_is_not_promoted(tmp_path, fit):
    version = save(tmp_path, fit)
    (tmp_path / "behaviour" / "candidates" / "run-1" / version / "arrays.npz").write_bytes(b"")
    with pytest.raises(TornBundleError, match=r"arrays\.npz is torn"):
        promote(tmp_path, "behaviour", version, "run-1")
    assert load_champion(tmp_path, "behaviour") is None


def rewrite_index(bundle, name, data):
    """Replace ``name`` and make the index agree, as somebody with write access could."""
    import hashlib

    (bundle / name).write_bytes(data)
    index = json.loads((bundle / "index.json").read_bytes())
    index[name] = hashlib.sha256(data).hexdigest()
    (bundle / "index.json").write_text(json.dumps(index))


def test_a_card_over_another_model_is_refused(tmp_path, fit):
    version = save(tmp_path, fit)
    bundle = tmp_path / "behaviour" / "candidates" / "run-1" / version
    card = json.loads((bundle / "card.json").read_bytes())
    rewrite_index(bundle, "card.json", json.dumps({**card, "version": "behaviour-2024-06-30-00000000"}).encode())
    with pytest.raises(TornBundleError, match=r"card\.json belongs to another model"):
        load_candidate(tmp_path, "behaviour", version, "run-1")


class Poison:
    def __reduce__(self):
        return os.mkdir, (os.environ["POISON_MARKER"],)


def test_a_poisoned_array_is_never_unpickled(tmp_path, fit, monkeypatch):
    marker = tmp_path / "marker"
    monkeypatch.setenv("POISON_MARKER", str(marker))
    version = save(tmp_path, fit)
    bundle = tmp_path / "behaviour" / "candidates" / "run-1" / version
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, centroids=np.array([Poison()], dtype=object))
    rewrite_index(bundle, "arrays.npz", buffer.getvalue())
    with pytest.raises((TornBundleError, ValueError)):
        load_candidate(tmp_path, "behaviour", version, "run-1")
    assert not marker.exists()


@pytest.mark.parametrize("name", ["../outside", "a/b", "", ".hidden"])
def test_a_name_that_leaves_the_folder_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="cannot name a file or folder"):
        load_version(tmp_path, "behaviour", name)
    with pytest.raises(ValueError, match="cannot name a file or folder"):
        load_champion(tmp_path, name)


def test_an_index_that_points_outside_is_refused(tmp_path, fit):
    version = save(tmp_path, fit)
    index = tmp_path / "behaviour" / "candidates" / "run-1" / version / "index.json"
    index.write_text(json.dumps({**json.loads(index.read_bytes()), "../../x": "00"}))
    with pytest.raises(ValueError, match="cannot name a file or folder"):
        load_candidate(tmp_path, "behaviour", version, "run-1")


SAVE_FOR_EVER = """
import sys
from datetime import timedelta
from dataclasses import replace
from itertools import count
from pathlib import Path
from ml.registry import load_champion, promote, save_candidate

folder = Path(sys.argv[1])
champion = load_champion(folder, "behaviour")
for day in count(1):
    model = replace(champion.model, cut_off=champion.model.cut_off + timedelta(days=day))
    card = {**champion.card, "cut_off": model.cut_off.isoformat()}
    promote(folder, "behaviour", save_candidate(folder, model, card, f"run-{day}"), f"run-{day}")
    sys.stdout.write(f"{day}\\n")
    sys.stdout.flush()
"""


def test_a_kill_at_any_moment_leaves_a_whole_champion(tmp_path, fit):
    promote(tmp_path, "behaviour", save(tmp_path, fit), "run-1")
    for promoted in (3, 5, 8):
        command = [sys.executable, "-c", SAVE_FOR_EVER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(promoted):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        champion = load_champion(tmp_path, "behaviour")
        assert champion.version.startswith(f"behaviour-{champion.model.cut_off}")
        assert champion.model.centroids.tobytes() == fit.model.centroids.tobytes()


def test_a_half_written_folder_is_never_taken_for_a_bundle(tmp_path, fit):
    version = save(tmp_path, fit)
    left_over = tmp_path / "behaviour" / "candidates" / "run-1" / ".half-written-x"
    left_over.mkdir()
    (left_over / "model.json").write_text("{")
    promote(tmp_path, "behaviour", version, "run-1")
    assert load_champion(tmp_path, "behaviour").version == version
