with deal_stage_changes as (

    select * from {{ source('raw', 'deal_stage_changes') }}

),

change_versions as (

    select
        stage_change_id,
        deal_id,
        owner_id,
        lower(trim(stage)) as deal_stage,
        amount,
        changed_at,
        {{ version_interval(key=['stage_change_id'], occurred_at='changed_at') }}
    from deal_stage_changes

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
    from change_versions

)

select * from with_days
