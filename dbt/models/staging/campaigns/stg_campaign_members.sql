with member_versions as (

    {{ versions_of(source('raw', 'campaign_members'), key=['campaign_id', 'customer_id'], occurred_at='assigned_at') }}

),

campaign_members as (

    select
        campaign_id,
        customer_id,
        coalesce(arm, 'treatment') as arm,
        assigned_at,
        known_at,
        replaced_at
    from member_versions

),

with_days as (

    select
        campaign_id,
        customer_id,
        arm,
        {{ business_date('assigned_at') }} as assigned_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from campaign_members

)

select * from with_days
