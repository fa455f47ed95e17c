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
        customers,
        positives,
        log_loss,
        log_loss_improvement,
        log_loss_improvement_low,
        log_loss_improvement_high,
        roc_auc,
        average_precision,
        brier_score,
        calibration_error,
        top_decile_lift,
        is_champion,
        reason,
        as_of_date,
        computed_at,
        model_version
    from candidates

)

select * from published
