"""Why a score is high or low: exact contributions on the log-odds scale, calibration included."""

import numpy as np
import polars as pl

from ml.explain.reasons import rank_reasons
from ml.features.matrix import sort_customers, take_medians, to_matrix
from ml.features.wording import describe_value, format_value, is_about_equal
from ml.supervised.labels import select_population
from ml.supervised.model import PredictionModel


def explain_scores(*, features: pl.DataFrame, model: PredictionModel, top: int = 3) -> pl.DataFrame:
    """The ``top`` reasons of every score in the population, largest first (contract: Explanations).

    ``contribution`` is in log-odds of the published probability, positive where it raises it: coefficient
    times standardised value (logistic regression), exact SHAP value (boosting) or the bin against everyone
    (naive rule), times the slope of the calibration. With ``top`` at the number of features the
    contributions of a customer add up to the log-odds less a constant of the model. ``usual_value`` is
    the median of the customers in ``features`` that are scored.
    """
    population = sort_customers(select_population(features, model.horizon_days))
    specs = model.scorer.features
    contributions = model.calibrated.calibration.slope * model.scorer.contribute(population)
    values = to_matrix(population, [spec.name for spec in specs])
    medians = take_medians(values)
    usual = [format_value(float(median), spec) for median, spec in zip(medians, specs, strict=True)]
    outcome = model.title.lower()

    def write_sentence(row: int, column: int) -> str:
        value, spec = float(values[row, column]), specs[column]
        said, contribution = describe_value(value, spec), float(contributions[row, column])
        if is_about_equal(value, float(medians[column]), spec):
            return f"{said}, close to the usual ({usual[column]}); {_describe_level(contribution, outcome)}."
        return f"{said} (usual: {usual[column]}), which {_describe_effect(contribution, outcome)}."

    return rank_reasons(
        customers=population,
        subject=model.name,
        specs=specs,
        contributions=contributions,
        values=values,
        usual=np.broadcast_to(medians, values.shape),
        sentence=write_sentence,
        top=top,
    )


def _describe_effect(contribution: float, outcome: str) -> str:
    if contribution == 0:
        return f"leaves the probability of {outcome} as it is"
    return f"{'raises' if contribution > 0 else 'lowers'} the probability of {outcome}"


def _describe_level(contribution: float, outcome: str) -> str:
    """Said of a usual value: what moves the score is not that the customer is unlike the others."""
    if contribution == 0:
        return f"that leaves the probability of {outcome} as it is"
    return f"that level goes with a {'higher' if contribution > 0 else 'lower'} probability of {outcome}"
