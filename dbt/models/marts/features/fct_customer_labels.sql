with features as (

    select * from {{ ref('fct_customer_features') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

order_days as (

    select * from {{ ref('fct_customer_order_days') }}

),

data_end as (

    select max(as_of_date) as last_complete_on from as_of_dates

),

customers as (

    select
        features.customer_id,
        features.as_of_date,
        {{ dbt.datediff('features.as_of_date', 'data_end.last_complete_on', 'day') }} as observed_days
    from features
    cross join data_end

),

later_order_days as (

    select
        customers.customer_id,
        customers.as_of_date,
        order_days.ordered_on,
        order_days.net_revenue
    from customers
    inner join order_days
        on
            customers.customer_id = order_days.customer_id
            and customers.as_of_date < order_days.ordered_on
    cross join data_end
    where order_days.ordered_on <= data_end.last_complete_on

),

outcomes as (

    select
        customer_id,
        as_of_date,
        min(ordered_on) as next_order_on,
        {{ sum_where('net_revenue', 'ordered_on <= ' ~ dbt.dateadd('day', 90, 'as_of_date')) }}
            as net_revenue_next_90d,
        {{ sum_where('net_revenue', 'ordered_on <= ' ~ dbt.dateadd('day', 365, 'as_of_date')) }}
            as net_revenue_next_365d
    from later_order_days
    group by customer_id, as_of_date

),

labels as (

    select
        customers.customer_id,
        customers.as_of_date,
        customers.observed_days,
        outcomes.next_order_on,
        order_days.known_on as next_order_arrived_on,
        {{ dbt.datediff('customers.as_of_date', 'outcomes.next_order_on', 'day') }} as days_to_next_order,
        -- No order in a window that was observed whole is a true zero; an open window is unknown.
        case when customers.observed_days >= 90 then coalesce(outcomes.net_revenue_next_90d, 0) end
            as net_revenue_next_90d,
        case when customers.observed_days >= 365 then coalesce(outcomes.net_revenue_next_365d, 0) end
            as net_revenue_next_365d
    from customers
    left join outcomes
        on
            customers.customer_id = outcomes.customer_id
            and customers.as_of_date = outcomes.as_of_date
    left join order_days
        on
            outcomes.customer_id = order_days.customer_id
            and outcomes.next_order_on = order_days.ordered_on

)

select * from labels
