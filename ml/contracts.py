"""Frames that cross the border of ``ml``: grain, units and null rules, checked when they are built.

``Schema.validate(frame)`` returns the schema's columns in the schema's order and raises when a rule fails.
"""

import dataframely as dy


class FeatureKeys(dy.Schema):
    """Grain of every feature frame: one row per customer and as-of date; features are the other columns."""

    customer_id = dy.String(primary_key=True)
    as_of_date = dy.Date(primary_key=True)


class CustomerLabels(dy.Schema):
    """One row per customer and as-of date: what came after it, as far as the data reach."""

    customer_id = dy.String(primary_key=True)
    as_of_date = dy.Date(primary_key=True)
    observed_days = dy.Int64(min=0, description="Days of data after the as-of date")
    days_to_next_order = dy.Int64(nullable=True, min=1, description="NULL: no order seen until the data end")
    next_order_arrived_on = dy.Date(nullable=True, description="The day on which that order became known")


class SegmentOutcomes(dy.Schema):
    """One row per customer and as-of date: revenue afterwards, beside that row's features."""

    customer_id = dy.String(primary_key=True)
    as_of_date = dy.Date(primary_key=True)
    net_revenue_next_90d = dy.Float64(nullable=True, description="Money; NULL when 90 days have not been observed")


class OrderGaps(dy.Schema):
    """One row per customer and order day: days since the order day before (NULL at the first)."""

    customer_id = dy.String(primary_key=True)
    ordered_on = dy.Date(primary_key=True)
    days_since_previous_order = dy.Int64(nullable=True, min=1)


class SegmentAssignments(dy.Schema):
    """One row per customer and as-of date: the segment given by one model."""

    customer_id = dy.String(primary_key=True)
    as_of_date = dy.Date(primary_key=True)
    segment_id = dy.Int64(min=1, description="Identity of the segment, kept across retrains")
    segment_name = dy.String()
    strength = dy.Float64(
        min=0.0, max=1.0, description="0 on the border to the next segment, 1 at the segment's centre"
    )
    next_segment_id = dy.Int64(
        nullable=True, min=1, description="The segment whose centre is the next nearest; NULL: there is only one"
    )
    distance = dy.Float64(min=0.0, description="Distance to the segment's centre in standardised features")


class SegmentationCandidates(dy.Schema):
    """One row per number of segments considered at a fit; 1 only where the customers cannot be told apart."""

    segment_count = dy.Int64(primary_key=True, min=1)
    silhouette = dy.Float64(min=-1.0, max=1.0, description="Mean over a seeded sample of customers; 0 of one segment")
    stability_mean = dy.Float64(min=0.0, max=1.0, description="Mean overlap (Jaccard) of the segments over resamples")
    stability_min = dy.Float64(min=0.0, max=1.0, description="The same of the least stable segment")
    smallest_share = dy.Float64(min=0.0, max=1.0, description="Share of customers in the smallest segment")
    revenue_variance_explained = dy.Float64(
        nullable=True,
        max=1.0,
        description="Of the revenue in the 90 days after an earlier date; NULL: not observed",
    )
    is_offered = dy.Bool(description="Stable enough and no segment too small")
    is_chosen = dy.Bool()
    reason = dy.String(description="Why it was chosen or not, in a sentence")


class SegmentProfiles(dy.Schema):
    """One row per segment of a model at one as-of date; a segment without customers has NULL medians."""

    segment_id = dy.Int64(primary_key=True, min=1)
    as_of_date = dy.Date(primary_key=True)
    segment_name = dy.String()
    customers = dy.Int64(min=0)
    customer_share = dy.Float64(min=0.0, max=1.0)
    revenue_share = dy.Float64(nullable=True, description="Of the last year's net revenue; NULL when there is none")
    median_order_count = dy.Float64(nullable=True)
    median_average_order_value = dy.Float64(nullable=True, description="Money")
    median_days_since_last_order = dy.Float64(nullable=True)
    median_net_revenue_90d = dy.Float64(nullable=True, description="Money")
    distinctive_traits = dy.String(description="JSON list: feature, label, segment and population median, z")
    name_evidence = dy.String(description="The figures at the fit that gave the name")
    play = dy.String(description="What to do with the segment, in a sentence")
    typical_customer = dy.String(description="The segment's median customer in a sentence")


class Explanations(dy.Schema):
    """One row per customer, as-of date, subject and rank: a signed reason for a segment or a score."""

    customer_id = dy.String(primary_key=True)
    as_of_date = dy.Date(primary_key=True)
    subject = dy.String(primary_key=True, description="The segmentation or prediction that is explained")
    rank = dy.Int64(primary_key=True, min=1, description="1 is the largest contribution in absolute size")
    feature = dy.String(description="Column of fct_customer_features")
    feature_value = dy.Float64(nullable=True, description="The customer's value in the feature's unit")
    usual_value = dy.Float64(nullable=True, description="Median of the segment, or of the scored population")
    contribution = dy.Float64(description="Squared distance towards the segment, or log-odds of the outcome")
    sentence = dy.String()


class CustomerScores(dy.Schema):
    """One row per customer of the prediction's population and as-of date."""

    customer_id = dy.String(primary_key=True)
    as_of_date = dy.Date(primary_key=True)
    prediction = dy.String(primary_key=True)
    horizon_days = dy.Int64(min=1)
    value = dy.Float64(min=0.0, max=1.0, description="Probability of the outcome within the horizon")
    value_low = dy.Float64(nullable=True, description="NULL: a probability is published without an interval")
    value_high = dy.Float64(nullable=True, description="NULL: a probability is published without an interval")
    decile = dy.Int64(min=1, max=10, description="1 holds the tenth of customers with the highest values")
    is_in_population = dy.Bool()


class _Metrics(dy.Schema):
    """Figures of one candidate on rows it was not trained on; NULL where only one outcome occurred."""

    rows = dy.Int64(min=0)
    observed_rate = dy.Float64(nullable=True, min=0.0, max=1.0)
    log_loss = dy.Float64(nullable=True, min=0.0)
    brier = dy.Float64(nullable=True, min=0.0, max=1.0)
    roc_auc = dy.Float64(nullable=True, min=0.0, max=1.0)
    average_precision = dy.Float64(nullable=True, min=0.0, max=1.0)
    calibration_error = dy.Float64(nullable=True, min=0.0, max=1.0, description="Expected calibration error, ten bins")
    top_decile_lift = dy.Float64(nullable=True, min=0.0, description="Rate among the top tenth against everyone's")
    observed_to_expected = dy.Float64(nullable=True, min=0.0)


class _TestedCandidate(dy.Schema):
    """Which candidate was tested on which date, and how it had been fitted."""

    candidate = dy.String(primary_key=True)
    test_date = dy.Date(primary_key=True)
    training_rows = dy.Int64(min=0)
    calibration = dy.String(description="none or sigmoid")


class PredictionByDate(_TestedCandidate, _Metrics):
    """One row per candidate and test date."""


class _JudgedCandidate(dy.Schema):
    """What was decided about a candidate."""

    candidate = dy.String(primary_key=True)
    is_chosen = dy.Bool(description="The candidate that is fitted on everything and proposed as champion")
    reason = dy.String()


class PredictionCandidates(_JudgedCandidate, _Metrics):
    """One row per candidate over all test dates, each figure also as its difference to the naive rule.

    ``<metric>_difference`` is candidate minus naive rule, ``_low`` and ``_high`` its 95 % interval; all
    NULL for the naive rule itself.
    """

    log_loss_difference = dy.Float64(nullable=True)
    log_loss_difference_low = dy.Float64(nullable=True)
    log_loss_difference_high = dy.Float64(nullable=True)
    brier_difference = dy.Float64(nullable=True)
    brier_difference_low = dy.Float64(nullable=True)
    brier_difference_high = dy.Float64(nullable=True)
    roc_auc_difference = dy.Float64(nullable=True)
    roc_auc_difference_low = dy.Float64(nullable=True)
    roc_auc_difference_high = dy.Float64(nullable=True)
    average_precision_difference = dy.Float64(nullable=True)
    average_precision_difference_low = dy.Float64(nullable=True)
    average_precision_difference_high = dy.Float64(nullable=True)
    calibration_error_difference = dy.Float64(nullable=True)
    calibration_error_difference_low = dy.Float64(nullable=True)
    calibration_error_difference_high = dy.Float64(nullable=True)
    top_decile_lift_difference = dy.Float64(nullable=True)
    top_decile_lift_difference_low = dy.Float64(nullable=True)
    top_decile_lift_difference_high = dy.Float64(nullable=True)
    observed_to_expected_difference = dy.Float64(nullable=True)
    observed_to_expected_difference_low = dy.Float64(nullable=True)
    observed_to_expected_difference_high = dy.Float64(nullable=True)


class Reliability(dy.Schema):
    """One row per candidate and bin of equally many rows, by predicted probability."""

    candidate = dy.String(primary_key=True)
    bin = dy.Int64(primary_key=True, min=1)
    predicted = dy.Float64(min=0.0, max=1.0, description="Mean predicted probability")
    observed = dy.Float64(min=0.0, max=1.0, description="Share with the outcome")
    customers = dy.Int64(min=1, description="Rows in the bin")
