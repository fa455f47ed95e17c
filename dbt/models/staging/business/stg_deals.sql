with deal_versions as (

    {{ versions_of(source('raw', 'deals'), key=['deal_id'], occurred_at='created_at') }}

),

deals as (

    select
        deal_id,
        account_id,
        owner_id,
        lower(trim(stage)) as deal_stage,
        amount,
        created_at,
        closed_at,
        -- A row without an arrival of its own counts as known since the deal was created, but it names the stage of
        -- the day on which it was exported.
        case when arrived_at is null or arrived_at <= created_at then loaded_at else arrived_at end
            as stage_known_at,
        known_at,
        replaced_at
    from deal_versions

),

with_days as (

    select
        deal_id,
        account_id,
        owner_id,
        deal_stage,
        amount,
        created_at,
        closed_at,
        {{ business_date('created_at') }} as created_on,
        {{ business_date('closed_at') }} as closed_on,
        {{ business_date('stage_known_at') }} as stage_known_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from deals

)

select * from with_days
