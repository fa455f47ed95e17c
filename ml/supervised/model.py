"""The fitted prediction: all that scoring and explaining need, and nothing of its training rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ml.supervised.boosting import BoostedTrees
from ml.supervised.calibration import Calibration
from ml.supervised.candidates import BOOSTING, LOGISTIC, NAIVE, CalibratedScorer
from ml.supervised.logistic import LogisticModel
from ml.supervised.naive import NaiveRule
from ml.supervised.scorers import Scorer

_SCORERS: Mapping[str, Any] = {NAIVE: NaiveRule, LOGISTIC: LogisticModel, BOOSTING: BoostedTrees}


@dataclass(frozen=True, eq=False)
class PredictionModel:
    """A champion or candidate of one prediction; ``title`` is its outcome in plain words."""

    name: str
    title: str
    horizon_days: int
    cut_off: date
    seed: int
    calibrated: CalibratedScorer

    @property
    def scorer(self) -> Scorer:
        """The fitted candidate before calibration."""
        return self.calibrated.scorer

    def state(self) -> dict[str, Any]:
        """The model as nested dictionaries of plain values, texts and arrays."""
        return {
            "name": self.name,
            "title": self.title,
            "horizon_days": self.horizon_days,
            "cut_off": self.cut_off,
            "seed": self.seed,
            "scorer": self.scorer.state(),
            "calibration": asdict(self.calibrated.calibration),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "PredictionModel":
        """The model that ``state`` came from; dates may be ISO texts."""
        scorer = _SCORERS[state["scorer"]["kind"]].from_state(state["scorer"])
        return cls(
            name=state["name"],
            title=state["title"],
            horizon_days=state["horizon_days"],
            cut_off=date.fromisoformat(str(state["cut_off"])),
            seed=state["seed"],
            calibrated=CalibratedScorer(scorer, Calibration(**state["calibration"])),
        )
