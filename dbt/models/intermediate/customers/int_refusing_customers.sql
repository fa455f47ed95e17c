with recursive consents as (

    select * from {{ ref('stg_consents') }}
    where replaced_at is null

),

erasure_requests as (

    select * from {{ ref('stg_erasure_requests') }}
    where replaced_at is null

),

links as (

    select * from {{ ref('int_visitor_links') }}

),

order_versions as (

    select * from {{ ref('int_order_versions') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

known_customers as (

    select customer_id from order_versions
    union
    select customer_id from customers
    union
    select customer_id from links

),

-- Where a visitor id is itself the id of a customer, the two are one person.
same_people as (

    select
        links.visitor_id,
        links.customer_id
    from links
    inner join known_customers
        on links.visitor_id = known_customers.customer_id

),

-- A grant dated after it was loaded is a mistake or a forgery and opens nothing; a refusal always counts.
believable_decisions as (

    select
        coalesce(customer_id, anonymous_id) as person_id,
        customer_id is null as is_device,
        purpose,
        decision,
        occurred_at,
        loaded_at,
        source_row
    from consents
    where
        purpose in ('segmentation', 'prediction')
        and (decision <> 'granted' or occurred_at <= loaded_at)
    union all
    -- A decision that names both was made on the device as well; only a refusal closes the device by itself.
    select
        anonymous_id as person_id,
        true as is_device,
        purpose,
        decision,
        occurred_at,
        loaded_at,
        source_row
    from consents
    where
        customer_id is not null
        and anonymous_id is not null
        and purpose in ('segmentation', 'prediction')
        and (decision <> 'granted' or occurred_at <= loaded_at)

),

-- At the same instant a refusal wins over a grant.
ranked_decisions as (

    select
        person_id,
        is_device,
        decision,
        row_number() over (
            partition by person_id, is_device, purpose
            order by
                occurred_at desc,
                case when decision = 'granted' then 1 else 0 end,
                loaded_at desc,
                source_row desc
        ) as newest_first
    from believable_decisions

),

refusals as (

    select
        person_id,
        is_device
    from ranked_decisions
    where newest_first = 1 and decision in ('denied', 'withdrawn')

),

-- A refusal on a device is one of everybody who was ever linked to it, even if the link was taken back.
refusals_of_customers as (

    select person_id as customer_id from refusals
    where not is_device
    union
    select links.customer_id
    from refusals
    inner join links
        on refusals.person_id = links.visitor_id
    where refusals.is_device
    union
    select customer_id from erasure_requests

),

-- One person refuses under all their ids. The union of distinct rows ends the search where merges go in a circle.
refusing_customers as (

    select customer_id from refusals_of_customers
    union
    select
        case
            when same_people.visitor_id = refusing_customers.customer_id then same_people.customer_id
            else same_people.visitor_id
        end as customer_id
    from refusing_customers
    inner join same_people
        on refusing_customers.customer_id in (same_people.visitor_id, same_people.customer_id)

)

select * from refusing_customers
