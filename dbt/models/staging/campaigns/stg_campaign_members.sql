with campaign_members as (

    select * from {{ source('raw', 'campaign_members') }}

),

member_versions as (

    select
        campaign_id,
        customer_id,
        coalesce(arm, 'treatment') as arm,
        assigned_at,
        {{ version_interval(key=['campaign_id', 'customer_id'], occurred_at='assigned_at') }}
    from campaign_members

),

with_days as (

    select
        campaign_id,
        customer_id,
        arm,
        {{ business_date('assigned_at') }} as assigned_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from member_versions

)

select * from with_days
