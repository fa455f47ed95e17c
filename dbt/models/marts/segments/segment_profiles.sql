with profiles as (

    select * from {{ source('segmentation', 'segment_profiles') }}

),

customer_segments as (

    select * from {{ ref('customer_segments') }}

),

counts as (

    select
        segmentation,
        segment_id,
        count(*) as customers
    from customer_segments
    group by segmentation, segment_id

),

described as (

    select
        profiles.segmentation,
        profiles.segment_id,
        profiles.segment_name,
        counts.customers,
        profiles.customer_share,
        profiles.revenue_share,
        profiles.typical_customer,
        profiles.play,
        profiles.name_evidence,
        profiles.distinctive_traits,
        profiles.median_order_count,
        profiles.median_average_order_value,
        profiles.median_days_since_last_order,
        profiles.median_net_revenue_90d,
        profiles.as_of_date,
        profiles.computed_at,
        profiles.model_version
    from profiles
    inner join counts
        on
            profiles.segmentation = counts.segmentation
            and profiles.segment_id = counts.segment_id

)

select * from described
