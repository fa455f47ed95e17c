{{ config(meta={'dagster': {'ref': {'name': 'revenue_waterfall'}}}) }}

-- A failure means that a step of the waterfall counts more rows than the step before it: rows were counted twice.
-- Late arrival is the exception: an order whose cancellation came after the as-of date is taken out as cancelled
-- and given back there.
select *
from {{ ref('revenue_waterfall') }}
where rows_removed < 0 and rule <> 'arrived_after_as_of_date'
