{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_profiled_customers'}}}) }}

-- A failure means that a refusal names nobody who has ordered: its key may be written otherwise than in the
-- orders (letter case, a decimal point), and then the person is still profiled.
with refusals as (

    select distinct customer_id from {{ ref('stg_consents') }}
    where customer_id is not null and decision <> 'granted'

),

customers as (

    select distinct customer_id from {{ ref('int_order_versions') }}

)

select refusals.customer_id
from refusals
left join customers
    on refusals.customer_id = customers.customer_id
where customers.customer_id is null
