{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_features'}}}) }}

-- A failure means that somebody who denied or withdrew consent to segmentation or prediction has a feature,
-- label, segment or score. Nothing may be published then.
with refusals as (

    select
        customer_id,
        row_number() over (partition by customer_id, purpose order by occurred_at desc) as newest_first,
        decision
    from {{ ref('stg_consents') }}
    where purpose in ('segmentation', 'prediction') and replaced_at is null

),

people_who_refuse as (

    select distinct customer_id from refusals
    where newest_first = 1 and decision <> 'granted'

),

people_in_models as (

    select customer_id from {{ ref('fct_customer_features') }}
    union
    select customer_id from {{ ref('fct_customer_labels') }}
    union
    select customer_id from {{ ref('fct_customer_order_days') }}

)

select people_in_models.customer_id
from people_in_models
inner join people_who_refuse
    on people_in_models.customer_id = people_who_refuse.customer_id
