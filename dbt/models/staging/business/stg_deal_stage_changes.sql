with change_versions as (

    {{ versions_of(source('raw', 'deal_stage_changes'), key=['stage_change_id'], occurred_at='changed_at') }}

),

deal_stage_changes as (

    select
        stage_change_id,
        deal_id,
        owner_id,
        lower(trim(stage)) as deal_stage,
        amount,
        changed_at,
        known_at,
        replaced_at
    from change_versions

),

with_days as (

    select
        stage_change_id,
        deal_id,
        owner_id,
        deal_stage,
        amount,
        changed_at,
        {{ business_date('changed_at') }} as changed_on,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from deal_stage_changes

)

select * from with_days
