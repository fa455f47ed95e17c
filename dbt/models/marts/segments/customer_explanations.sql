with explanations as (

    select * from {{ source('segmentation', 'customer_explanations') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

allowed_explanations as (

    select
        explanations.subject,
        explanations.customer_id,
        explanations.rank,
        explanations.feature,
        explanations.feature_value,
        explanations.usual_value,
        explanations.contribution,
        explanations.sentence,
        explanations.as_of_date,
        explanations.computed_at,
        explanations.model_version
    from explanations
    inner join profiled_customers
        on explanations.customer_id = profiled_customers.customer_id

)

select * from allowed_explanations
