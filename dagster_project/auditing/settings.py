"""What the audit measures against: limits, plausible values and the needs of the models, read from YAML."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from dagster_project.loading.contract import TABLES

AUDIT_FILE = Path(__file__).with_name("audit.yml")
# Where a model is configured: a YAML file with its name and features. Other files there belong to one of these.
MODEL_FOLDERS = tuple(AUDIT_FILE.parent.parent / name for name in ("segmentations", "predictions"))

_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Strict):
    """Where a finding becomes a note, a warning or a problem; the file says what each stands for."""

    rejected_share_warning: _Share
    rejected_share_problem: _Share
    orphan_share_warning: _Share
    repeated_share_warning: _Share
    implausible_share_warning: _Share
    unknown_event_share_warning: _Share
    anonymous_share_warning: _Share
    people_to_name_a_value: _Count
    reused_order_share_warning: _Share
    total_gap_share_warning: _Share
    look_alike_share_warning: _Share
    busy_rank: _Count
    busy_rank_share: _Share
    busy_share: _Share
    busy_times_orders: _Count
    busy_times_events: _Count
    busy_orders: _Count
    busy_events: _Count
    busy_orders_a_day: _Count
    busy_device_customers: _Count
    shared_device_share_warning: _Share
    late_days: _Count
    late_share_warning: _Share
    gap_share: _Share
    gap_usual_rows_silent: _Count
    gap_usual_rows_quiet: _Count
    gap_days_warning: _Count
    behind_days: _Count
    history_waits_days: _Count
    hour_profile_rows: _Count
    misplaced_hours: Annotated[int, Field(ge=1, le=12)]
    coverage_note: _Share
    leak_roc_auc: Annotated[float, Field(ge=0.5, le=1)]
    leak_rank_correlation: _Share


class Plausible(_Strict):
    """Bounds of a column's plausible values, both included; ``above_zero`` leaves out zero and all below."""

    minimum: float | None = None
    maximum: float | None = None
    above_zero: bool = False

    def find_outside(self, column: str) -> str:
        """A condition that is true of implausible values of the quoted ``column``."""
        bounds = [f"{column} <= 0"] if self.above_zero else []
        bounds += [f"{column} < {self.minimum}"] if self.minimum is not None else []
        bounds += [f"{column} > {self.maximum}"] if self.maximum is not None else []
        return " or ".join(bounds)

    def describe_outside(self) -> str:
        """The implausible values in words."""
        words = ["zero or less"] if self.above_zero else []
        words += [f"below {self.minimum:g}"] if self.minimum is not None else []
        words += [f"above {self.maximum:g}"] if self.maximum is not None else []
        return " or ".join(words)


class _Requirement(_Strict):
    at_least: _Count
    brings: str
    helpful: bool = False


class _OfFamilies(_Requirement):
    families: Annotated[tuple[str, ...], Field(min_length=1)]

    @field_validator("families")
    @classmethod
    def _known(cls, families: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(families) - set(TABLES))
        if unknown:
            raise ValueError(f"{unknown} are no raw tables of the contract; known are {', '.join(TABLES)}")
        return families


class RowsNeeded(_OfFamilies):
    """One of the families has so many rows in which each of ``columns`` has a value."""

    kind: Literal["rows"]
    columns: tuple[str, ...] = ()


class HistoryNeeded(_OfFamilies):
    """So many days lie between the first and the last fact of the families."""

    kind: Literal["history"]


class CustomersNeeded(_Requirement):
    """So many customers are in the feature mart at the current as-of date."""

    kind: Literal["customers"]


class OutcomesNeeded(_Requirement):
    """So many cases of past as-of dates ordered within the days, and as many did not."""

    kind: Literal["outcomes"]
    within_days: Annotated[int, Field(ge=1)]


class DatesNeeded(_Requirement):
    """So many past as-of dates were followed by this many observed days."""

    kind: Literal["dates"]
    within_days: Annotated[int, Field(ge=1)]


Requirement = Annotated[
    RowsNeeded | HistoryNeeded | CustomersNeeded | OutcomesNeeded | DatesNeeded, Field(discriminator="kind")
]


class ModelNeeds(_Strict):
    """What a model needs of the data; ``features_of`` is the YAML file that lists its features."""

    title: str
    features_of: str | None = None
    requirements: dict[str, Requirement]


class AuditSettings(_Strict):
    """The whole file."""

    limits: Limits
    plausible: dict[str, Plausible]
    models: dict[str, ModelNeeds]


@cache
def read_settings_of_audit(path: Path = AUDIT_FILE) -> AuditSettings:
    """The checked settings; raises pydantic's ValidationError naming the key that is wrong."""
    return TypeAdapter(AuditSettings).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))


def read_features_of(needs: ModelNeeds, folder: Path = AUDIT_FILE.parent) -> tuple[str, ...]:
    """The features that the model's own configuration lists; none where it has no such file."""
    if needs.features_of is None:
        return ()
    block: dict[str, Any] = yaml.safe_load((folder / needs.features_of).read_text(encoding="utf-8"))
    return tuple(block["features"])


def read_configured_models(folders: Sequence[Path] = MODEL_FOLDERS) -> tuple[str, ...]:
    """Names of the models that ``folders`` configure, in the order of folders and files."""
    blocks = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for folder in folders for path in sorted(folder.glob("*.yml"))
    ]
    return tuple(block["name"] for block in blocks if isinstance(block, dict) and {"name", "features"} <= block.keys())
