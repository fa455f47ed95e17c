{{ config(meta={'dagster': {'ref': {'name': 'customer_segments'}}}) }}

-- A failure means that somebody the consent gate keeps out has a segment, a stay, a score or a reason.
with profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

published_people as (

    select customer_id from {{ ref('customer_segments') }}
    union
    select customer_id from {{ ref('customer_segment_history') }}
    union
    select customer_id from {{ ref('customer_scores') }}
    union
    select customer_id from {{ ref('customer_explanations') }}

)

select published_people.customer_id
from published_people
left join profiled_customers
    on published_people.customer_id = profiled_customers.customer_id
where profiled_customers.customer_id is null
