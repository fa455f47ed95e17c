{{ config(meta={'dagster': {'ref': {'name': 'revenue_waterfall'}}}) }}

-- A failure means that money appeared or vanished on the way: the raw rows less what the waterfall
-- takes out, fct_orders and the feature mart no longer say the same revenue.
with waterfall as (

    select * from {{ ref('revenue_waterfall') }}

),

orders as (

    select sum(net_revenue) as net_revenue from {{ ref('fct_orders') }}

),

features as (

    select sum(net_revenue) as net_revenue from {{ ref('fct_customer_features') }}
    where is_current

),

read_less_removed as (

    select
        max(case when step = 10 then amount_left end)
        - sum(case when step > 10 and step <= {{ revenue_step('lines_share_total') }} then amount_removed end)
            as orders_revenue,
        max(case when step = 10 then amount_left end)
        - sum(case when step > 10 and step <= 160 then amount_removed end) as features_revenue
    from waterfall

)

select
    read_less_removed.*,
    orders.net_revenue as fct_orders_revenue,
    features.net_revenue as fct_customer_features_revenue
from read_less_removed
cross join orders
cross join features
where
    read_less_removed.orders_revenue <> coalesce(orders.net_revenue, 0)
    or read_less_removed.features_revenue <> coalesce(features.net_revenue, 0)
