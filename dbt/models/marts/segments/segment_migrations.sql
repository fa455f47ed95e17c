with history as (

    select * from {{ ref('customer_segment_history') }}

),

stays as (

    select
        segmentation,
        customer_id,
        valid_from,
        segment_id as to_segment_id,
        entered_because as cause,
        lag(segment_id) over (
            partition by segmentation, customer_id order by valid_from
        ) as from_segment_id,
        as_of_date,
        computed_at,
        -- The version that a month's moves are read with is the newest one that moved anybody in it.
        model_version
    from history

),

migrations as (

    select
        segmentation,
        cast(date_trunc('month', valid_from) as date) as period,
        from_segment_id,
        to_segment_id,
        cause,
        count(*) as customers,
        max(as_of_date) as as_of_date,
        max(computed_at) as computed_at,
        max(model_version) as model_version
    from stays
    where from_segment_id is not null
    group by
        segmentation,
        cast(date_trunc('month', valid_from) as date),
        from_segment_id,
        to_segment_id,
        cause

)

select * from migrations
