-- noqa: disable=LT02
with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

sessions as (

    select * from {{ ref('int_sessions') }}

),

sums as (

    select * from {{ ref('int_session_sums') }}

),

viewed_category_features as (

    select * from {{ ref('int_viewed_category_features') }}

),

-- Before anything was tracked there is no zero, only nothing known. The first event of a session says that something
-- is: the rest of it may arrive on a later day.
tracking as (

    select {{ slot_date('min(first_known_slot)') }} as known_on from sessions

),

tracked_customers as (

    select
        customers_as_of.customer_id,
        customers_as_of.as_of_date
    from customers_as_of
    cross join tracking
    where tracking.known_on <= customers_as_of.as_of_date

),

session_features as (

    select
        tracked_customers.customer_id,
        tracked_customers.as_of_date,
        coalesce(sums.session_count, 0) as session_count,
        {% for length in [7, 30, 90, 365] -%}
            coalesce(sums.session_count_{{ length }}d, 0) as session_count_{{ length }}d,
        {% endfor -%}
        coalesce(sums.view_count, 0) as view_count,
        coalesce(sums.view_count_30d, 0) as view_count_30d,
        coalesce(sums.view_count_90d, 0) as view_count_90d,
        {% for measure in ['product_view_count', 'add_to_cart_count'] -%}
            coalesce(sums.{{ measure }}, 0) as {{ measure }},
            {% for length in [7, 30, 90] -%}
                coalesce(sums.{{ measure }}_{{ length }}d, 0) as {{ measure }}_{{ length }}d,
            {% endfor -%}
        {% endfor -%}
        coalesce(sums.content_view_count, 0) as content_view_count,
        coalesce(sums.content_view_count_90d, 0) as content_view_count_90d,
        coalesce(sums.search_count, 0) as search_count,
        coalesce(sums.search_count_30d, 0) as search_count_30d,
        coalesce(sums.search_count_90d, 0) as search_count_90d,
        coalesce(sums.checkout_count, 0) as checkout_count,
        coalesce(sums.checkout_count_90d, 0) as checkout_count_90d,
        {{ ratio('sums.duration_seconds', '(60 * sums.session_count)') }} as average_session_minutes,
        {{ ratio('sums.duration_seconds_90d', '(60 * sums.session_count_90d)') }} as average_session_minutes_90d,
        {{ ratio('sums.view_count', 'sums.session_count') }} as pages_per_session,
        {{ ratio('sums.engaged_session_count', 'sums.session_count') }} as engaged_session_share,
        {{ ratio('sums.engaged_session_count_90d', 'sums.session_count_90d') }} as engaged_session_share_90d,
        {{ ratio('sums.add_to_cart_count', 'sums.product_view_count') }} as click_to_cart_ratio,
        {{ ratio('sums.abandoned_cart_count', 'sums.cart_session_count') }} as cart_abandonment_rate,
        {{ ratio('sums.abandoned_cart_count_90d', 'sums.cart_session_count_90d') }} as cart_abandonment_rate_90d,
        {{ ratio('sums.converted_session_count', 'sums.session_count') }} as session_conversion_rate,
        {{ ratio('sums.converted_session_count_90d', 'sums.session_count_90d') }} as session_conversion_rate_90d,
        {% for device in known_devices() -%}
            {{ ratio('sums.' ~ device ~ '_converted_session_count', 'sums.' ~ device ~ '_session_count') }}
                as {{ device }}_conversion_rate,
        {% endfor -%}
        {{ ratio('sums.bought_browsing_session_count', 'sums.browsing_session_count') }} as browse_to_buy_ratio,
        {{ ratio('sums.scroll_percent', 'sums.scroll_count') }} as average_scroll_depth,
        {{ ratio('sums.engaged_seconds', 'sums.view_count') }} as average_view_seconds,
        {{ ratio('sums.content_view_count', 'sums.view_count') }} as content_view_share,
        {{ ratio('sums.content_seconds', 'sums.content_view_count') }} as average_content_seconds,
        {% for part in ['morning', 'afternoon', 'evening', 'night'] -%}
            {{ ratio('sums.' ~ part ~ '_session_count', 'sums.session_count') }} as {{ part }}_session_share,
        {% endfor -%}
        {% for weekday in weekdays() -%}
            {{ ratio('sums.' ~ weekday ~ '_session_count', 'sums.session_count') }} as {{ weekday }}_session_share,
        {% endfor -%}
        {{ ratio('(sums.saturday_session_count + sums.sunday_session_count)', 'sums.session_count') }}
            as weekend_session_share,
        {% for traffic_class in traffic_classes() -%}
            {{ ratio('sums.' ~ traffic_class ~ '_session_count', 'sums.session_count') }}
                as {{ traffic_class }}_session_share,
        {% endfor -%}
        {{ ratio('(2 * sums.session_count_90d - sums.session_count_180d)', 'sums.session_count_180d') }}
            as session_count_trend_90d,
        coalesce(viewed_category_features.viewed_category_count_90d, 0) as viewed_category_count_90d,
        viewed_category_features.viewed_category_entropy_90d,
        viewed_category_features.top_viewed_category_share_90d,
        {% for act in newest_acts() -%}
            {{ dbt.datediff('sums.last_' ~ act ~ '_on', 'tracked_customers.as_of_date', 'day') }}
                as days_since_last_{{ act }}{{ ',' if not loop.last }}
        {% endfor %}
    from tracked_customers
    left join sums
        on
            tracked_customers.customer_id = sums.customer_id
            and tracked_customers.as_of_date = sums.as_of_date
    left join viewed_category_features
        on
            tracked_customers.customer_id = viewed_category_features.customer_id
            and tracked_customers.as_of_date = viewed_category_features.as_of_date

)

select * from session_features
