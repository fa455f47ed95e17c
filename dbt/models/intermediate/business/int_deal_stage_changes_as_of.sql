with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

stage_changes as (

    select * from {{ ref('stg_deal_stage_changes') }}

),

changes_known as (

    select
        as_of_dates.as_of_date,
        stage_changes.stage_change_id,
        stage_changes.deal_id,
        stage_changes.deal_stage,
        stage_changes.amount,
        stage_changes.changed_at,
        stage_changes.changed_on
    from stage_changes
    inner join as_of_dates
        on
            stage_changes.changed_on <= as_of_dates.as_of_date
            and {{ known_by('as_of_dates.as_of_date', 'stage_changes') }}

),

changes_in_order as (

    select
        stage_change_id,
        as_of_date,
        deal_id,
        deal_stage,
        amount,
        changed_at,
        changed_on,
        lag(changed_on) over (
            partition by deal_id, as_of_date order by changed_at, stage_change_id
        ) as previous_changed_on,
        row_number() over (
            partition by deal_id, as_of_date order by changed_at desc, stage_change_id desc
        ) as newest_first,
        case
            when amount is not null
                then row_number() over (
                    partition by deal_id, as_of_date, case when amount is null then 0 else 1 end
                    order by changed_at desc, stage_change_id desc
                )
        end as newest_amount_first
    from changes_known

)

select * from changes_in_order
