with links as (

    select * from {{ ref('int_visitor_links') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

visitors as (

    select
        visitor_id,
        count(distinct customer_id) as customer_count
    from links
    where replaced_on is null
    group by visitor_id

),

identity_links as (

    select
        links.visitor_id,
        links.customer_id,
        cast(links.link_number as bigint) as link_number,
        case when links.identify_count > 0 then 'identify' else 'log_in' end as linked_by,
        links.known_on,
        links.replaced_on,
        links.event_count,
        links.identify_count,
        links.first_seen_at,
        links.last_seen_at,
        coalesce(visitors.customer_count, 0) > 1 as is_shared_device,
        -- An id that is a customer's own says that the two are one person.
        customers.customer_id is not null as is_merge
    from links
    left join visitors
        on links.visitor_id = visitors.visitor_id
    left join customers
        on links.visitor_id = customers.customer_id

)

select * from identity_links
