"""A logger for runs started from a terminal: one line as each step begins, and its errors."""

import logging
import sys
import time
from typing import Any

import dagster as dg

_TITLES = {
    "load": "Loading new files of the sources",
    "customer_marts": "Building orders and customer features (dbt)",
    "behaviour_candidate": "Finding segments: comparing numbers of segments",
    "behaviour_champion": "Comparing the segments with the standing ones",
    "churn_candidate": "Training churn models, tested on later months",
    "churn_champion": "Comparing the churn model with the standing one",
    "segmentation__segment_assignments": "Assigning every customer to a segment",
    "segmentation__customer_scores": "Scoring every customer's churn risk",
    "segmentation__customer_explanations": "Explaining every segment and score",
    "segment_tables": "Building the published tables (dbt)",
    "published__generation": "Publishing a new generation",
}


class _ProgressHandler(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self._started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if event is not None and event.event_type_value == "STEP_START" and meta.get("step_key") in _TITLES:
            self._write(_TITLES[meta["step_key"]])
        elif event is None and record.levelno >= logging.INFO and meta.get("orig_message", "").startswith("Waiting"):
            self._write(meta["orig_message"])
        elif event is not None and event.event_type_value == "ASSET_CHECK_EVALUATION":
            self._write_check(event.asset_check_evaluation_data)
        elif event is not None and event.event_type_value == "STEP_FAILURE":
            self._write(f"FAILED in {meta.get('step_key')}: {_own_words(event.step_failure_data.error)}")

    def _write_check(self, check: Any) -> None:
        if not check.passed:
            self._write(f"CHECK {check.check_name} of {check.asset_key.to_user_string()} needs a look (make ui)")

    def _write(self, text: str) -> None:
        sys.stdout.write(f"  {time.monotonic() - self._started:5.1f} s  {text}\n")
        sys.stdout.flush()


def _own_words(error: Any) -> str:
    """What the step itself said, not what Dagster says around it, nor what a library said below; the UI has those."""
    while error.cause is not None and error.cls_name.startswith("Dagster"):
        error = error.cause
    return error.message.strip()


@dg.logger(config_schema={}, description="One line as each step begins; for terminals.")
def progress_logger(_init: dg.InitLoggerContext) -> logging.Logger:
    """A logger that writes to standard output what the run is doing now."""
    logger = logging.Logger("progress", level=logging.DEBUG)
    logger.addHandler(_ProgressHandler())
    return logger
