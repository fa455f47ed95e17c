with order_versions as (

    select * from {{ ref('int_order_versions') }}

),

consents as (

    select * from {{ ref('stg_consents') }}
    where replaced_at is null

),

customers_with_orders as (

    select distinct customer_id from order_versions

),

-- A grant dated after it was loaded is a mistake or a forgery and opens nothing; a refusal always counts.
believable_decisions as (

    select * from consents
    where
        customer_id is not null
        and purpose in ('segmentation', 'prediction')
        and (decision <> 'granted' or occurred_at <= loaded_at)

),

-- At the same instant a refusal wins over a grant.
ranked_decisions as (

    select
        customer_id,
        decision,
        row_number() over (
            partition by customer_id, purpose
            order by
                occurred_at desc,
                case when decision = 'granted' then 1 else 0 end,
                loaded_at desc,
                source_row desc
        ) as newest_first
    from believable_decisions

),

customers_who_refuse as (

    select distinct customer_id from ranked_decisions
    where newest_first = 1 and decision in ('denied', 'withdrawn')

),

profiled as (

    select customers_with_orders.customer_id
    from customers_with_orders
    left join customers_who_refuse
        on customers_with_orders.customer_id = customers_who_refuse.customer_id
    where customers_who_refuse.customer_id is null

)

select * from profiled
