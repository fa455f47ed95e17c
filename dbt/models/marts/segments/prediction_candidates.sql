with candidates as (

    select * from {{ source('segmentation', 'prediction_candidates') }}

),

published as (

    select
        prediction,
        candidate,
        horizon_days,
        test_from,
        test_to,
        test_dates,
        rows,
        observed_rate,
        log_loss,
        log_loss_difference,
        log_loss_difference_low,
        log_loss_difference_high,
        brier,
        roc_auc,
        roc_auc_difference,
        roc_auc_difference_low,
        roc_auc_difference_high,
        average_precision,
        average_precision_difference,
        average_precision_difference_low,
        average_precision_difference_high,
        calibration_error,
        top_decile_lift,
        observed_to_expected,
        is_chosen,
        reason,
        as_of_date,
        computed_at,
        model_version
    from candidates

)

select * from published
