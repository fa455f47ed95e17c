with scores as (

    select * from {{ source('segmentation', 'customer_scores') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

allowed_scores as (

    select
        scores.prediction,
        scores.customer_id,
        scores.as_of_date,
        scores.horizon_days,
        scores.value,
        scores.value_low,
        scores.value_high,
        scores.decile,
        scores.is_in_population,
        scores.computed_at,
        scores.model_version
    from scores
    inner join profiled_customers
        on scores.customer_id = profiled_customers.customer_id

)

select * from allowed_scores
