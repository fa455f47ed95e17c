with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

deals as (

    select * from {{ ref('stg_deals') }}

),

stage_changes as (

    select * from {{ ref('int_deal_stage_changes_as_of') }}

),

deals_known as (

    select
        as_of_dates.as_of_date,
        deals.deal_id,
        deals.account_id,
        deals.amount,
        deals.created_at,
        deals.created_on,
        deals.closed_on,
        -- Won and lost close a deal: in every other stage it is open.
        case when deals.deal_stage in ('won', 'lost') then deals.deal_stage else 'open' end as state,
        case when deals.stage_known_on <= as_of_dates.as_of_date then deals.deal_stage end as deal_stage
    from deals
    inner join as_of_dates
        on
            coalesce(deals.created_on, deals.known_on) <= as_of_dates.as_of_date
            and {{ known_by('as_of_dates.as_of_date', 'deals') }}

),

dates_with_stage_changes as (

    select distinct as_of_date from stage_changes

),

newest_changes as (

    select
        deal_id,
        as_of_date,
        changed_on,
        deal_stage,
        case when deal_stage in ('won', 'lost') then deal_stage else 'open' end as state
    from stage_changes
    where newest_first = 1

),

newest_amounts as (

    select
        deal_id,
        as_of_date,
        amount
    from stage_changes
    where newest_amount_first = 1

),

-- A move at the creation, or before it, says where the deal began and ends no stage.
ended_stages as (

    select
        stage_changes.deal_id,
        stage_changes.as_of_date,
        stage_changes.changed_on as ended_on,
        coalesce(
            stage_changes.previous_changed_on,
            case when deals_known.created_at < stage_changes.changed_at then deals_known.created_on end
        ) as began_on
    from stage_changes
    inner join deals_known
        on
            stage_changes.deal_id = deals_known.deal_id
            and stage_changes.as_of_date = deals_known.as_of_date

),

stage_totals as (

    select
        deal_id,
        as_of_date,
        count(began_on) as ended_stage_count,
        sum({{ dbt.datediff('began_on', 'ended_on', 'day') }}) as ended_stage_days
    from ended_stages
    group by deal_id, as_of_date

),

-- The deal's own record says in one row how it ended, so of the history it counts from the closing on. Without a day
-- of closing it counts only as long as no moves are kept, which would say when the deal was still open.
deals_with_state as (

    select
        deals_known.deal_id,
        deals_known.as_of_date,
        deals_known.account_id,
        deals_known.created_on,
        case
            when newest_changes.state is not null then newest_changes.state
            when deals_known.closed_on <= deals_known.as_of_date then deals_known.state
            when deals_known.closed_on is null and dates_with_stage_changes.as_of_date is null then deals_known.state
            else 'open'
        end as state,
        case when newest_changes.state is not null then newest_changes.changed_on else deals_known.closed_on end
            as state_since,
        case when newest_changes.state is not null then newest_changes.deal_stage else deals_known.deal_stage end
            as deal_stage,
        coalesce(newest_amounts.amount, deals_known.amount) as amount,
        coalesce(stage_totals.ended_stage_count, 0) as ended_stage_count,
        stage_totals.ended_stage_days
    from deals_known
    left join dates_with_stage_changes
        on deals_known.as_of_date = dates_with_stage_changes.as_of_date
    left join newest_changes
        on
            deals_known.deal_id = newest_changes.deal_id
            and deals_known.as_of_date = newest_changes.as_of_date
    left join newest_amounts
        on
            deals_known.deal_id = newest_amounts.deal_id
            and deals_known.as_of_date = newest_amounts.as_of_date
    left join stage_totals
        on
            deals_known.deal_id = stage_totals.deal_id
            and deals_known.as_of_date = stage_totals.as_of_date

),

deals_as_of as (

    select
        deal_id,
        as_of_date,
        account_id,
        created_on,
        state,
        case when state = 'open' then {{ open_deal_stage('deal_stage') }} end as open_stage,
        case when state <> 'open' then state_since end as ended_on,
        amount,
        ended_stage_count,
        ended_stage_days
    from deals_with_state

)

select * from deals_as_of
