{{ config(meta={'dagster': {'ref': {'name': 'revenue_waterfall'}}}) }}

-- A failure means that a step of the waterfall has more rows, orders or customers than the step before it: something
-- was counted twice, or comes from elsewhere. Late arrival is the exception: an order whose cancellation or deletion
-- came after the as-of date is taken out before and given back there.
with steps as (

    select
        step,
        rule,
        rows_removed,
        orders_left,
        customers_left,
        lag(orders_left) over (order by step) as orders_before,
        lag(customers_left) over (order by step) as customers_before
    from {{ ref('revenue_waterfall') }}

)

select *
from steps
where
    (rows_removed < 0 or orders_left > orders_before or customers_left > customers_before)
    and rule <> 'arrived_after_as_of_date'
