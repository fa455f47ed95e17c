with deals as (

    select * from {{ ref('int_deals_as_of') }}

),

deals_with_days as (

    select
        *,
        case
            when state = 'won' and ended_on >= created_on then {{ dbt.datediff('created_on', 'ended_on', 'day') }}
        end as days_to_win
    from deals

),

-- A deal that nobody has put an amount on adds none.
deal_features as (

    select
        account_id,
        as_of_date,
        count(*) as deal_count,
        {{ count_where("state = 'open'") }} as open_deal_count,
        {{ count_where("state = 'won'") }} as won_deal_count,
        {{ count_where("state = 'lost'") }} as lost_deal_count,
        {{ sum_where('coalesce(amount, 0)', "state = 'open'") }} as open_deal_amount,
        {{ sum_where('coalesce(amount, 0)', "state = 'won'") }} as won_deal_amount,
        {{ sum_where('coalesce(amount, 0)', "state = 'lost'") }} as lost_deal_amount,
        {% for stage in open_deal_stages() %}
        {{ count_where("open_stage = '" ~ stage ~ "'") }} as open_deal_count_{{ stage }},
        {{ sum_where('coalesce(amount, 0)', "open_stage = '" ~ stage ~ "'") }} as open_deal_amount_{{ stage }},
        {% endfor %}
        {{ ratio(count_where("state = 'won'"), count_where("state in ('won', 'lost')")) }} as win_rate,
        {{ ratio('sum(ended_stage_days)', 'sum(ended_stage_count)') }} as average_days_per_stage,
        {{ ratio('sum(days_to_win)', 'count(days_to_win)') }} as average_days_to_win
    from deals_with_days
    group by account_id, as_of_date

)

select * from deal_features
