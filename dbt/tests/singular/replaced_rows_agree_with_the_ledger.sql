{{ config(meta={'dagster': {'ref': {'name': 'revenue_waterfall'}}}) }}

-- A failure means that raw rows were lost or added behind the loader's back: the rows that later rows replace
-- are no longer as many as the loads have counted.
with loads as (

    select sum(rows_replaced) as rows_replaced
    from {{ ref('stg_load_ledger') }}
    where table_name in ('orders', 'order_lines')

),

waterfall as (

    select rows_removed from {{ ref('revenue_waterfall') }}
    where step = 40

)

select
    loads.rows_replaced,
    waterfall.rows_removed
from loads
cross join waterfall
where loads.rows_replaced <> waterfall.rows_removed
