-- noqa: disable=LT02
with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

sessions as (

    select * from {{ ref('int_sessions') }}

),

totals as (

    select * from {{ ref('int_session_totals') }}

),

windows as (

    select * from {{ ref('int_session_windows') }}

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
        coalesce(totals.session_count, 0) as session_count,
        {% for length in [7, 30, 90, 365] -%}
            coalesce(windows.session_count_{{ length }}d, 0) as session_count_{{ length }}d,
        {% endfor -%}
        coalesce(totals.view_count, 0) as view_count,
        coalesce(windows.view_count_30d, 0) as view_count_30d,
        coalesce(windows.view_count_90d, 0) as view_count_90d,
        {% for measure in ['product_view_count', 'add_to_cart_count'] -%}
            coalesce(totals.{{ measure }}, 0) as {{ measure }},
            {% for length in [7, 30, 90] -%}
                coalesce(windows.{{ measure }}_{{ length }}d, 0) as {{ measure }}_{{ length }}d,
            {% endfor -%}
        {% endfor -%}
        coalesce(totals.content_view_count, 0) as content_view_count,
        coalesce(windows.content_view_count_90d, 0) as content_view_count_90d,
        coalesce(totals.search_count, 0) as search_count,
        coalesce(windows.search_count_30d, 0) as search_count_30d,
        coalesce(windows.search_count_90d, 0) as search_count_90d,
        coalesce(totals.checkout_count, 0) as checkout_count,
        coalesce(windows.checkout_count_90d, 0) as checkout_count_90d,
        {{ ratio('totals.duration_seconds', '(60 * totals.session_count)') }} as average_session_minutes,
        {{ ratio('windows.duration_seconds_90d', '(60 * windows.session_count_90d)') }} as average_session_minutes_90d,
        {{ ratio('totals.view_count', 'totals.session_count') }} as pages_per_session,
        {{ ratio('totals.engaged_session_count', 'totals.session_count') }} as engaged_session_share,
        {{ ratio('windows.engaged_session_count_90d', 'windows.session_count_90d') }} as engaged_session_share_90d,
        {{ ratio('totals.add_to_cart_count', 'totals.product_view_count') }} as click_to_cart_ratio,
        {{ ratio('totals.abandoned_cart_count', 'totals.cart_session_count') }} as cart_abandonment_rate,
        {{ ratio('windows.abandoned_cart_count_90d', 'windows.cart_session_count_90d') }} as cart_abandonment_rate_90d,
        {{ ratio('totals.converted_session_count', 'totals.session_count') }} as session_conversion_rate,
        {{ ratio('windows.converted_session_count_90d', 'windows.session_count_90d') }} as session_conversion_rate_90d,
        {% for device in known_devices() -%}
            {{ ratio('totals.' ~ device ~ '_converted_session_count', 'totals.' ~ device ~ '_session_count') }}
                as {{ device }}_conversion_rate,
        {% endfor -%}
        {{ ratio('totals.bought_browsing_session_count', 'totals.browsing_session_count') }} as browse_to_buy_ratio,
        {{ ratio('totals.scroll_percent', 'totals.scroll_count') }} as average_scroll_depth,
        {{ ratio('totals.engaged_seconds', 'totals.view_count') }} as average_view_seconds,
        {{ ratio('totals.content_view_count', 'totals.view_count') }} as content_view_share,
        {{ ratio('totals.content_seconds', 'totals.content_view_count') }} as average_content_seconds,
        {% for part in ['morning', 'afternoon', 'evening', 'night'] -%}
            {{ ratio('totals.' ~ part ~ '_session_count', 'totals.session_count') }} as {{ part }}_session_share,
        {% endfor -%}
        {% for weekday in weekdays() -%}
            {{ ratio('totals.' ~ weekday ~ '_session_count', 'totals.session_count') }} as {{ weekday }}_session_share,
        {% endfor -%}
        {{ ratio('(totals.saturday_session_count + totals.sunday_session_count)', 'totals.session_count') }}
            as weekend_session_share,
        {% for traffic_class in traffic_classes() -%}
            {{ ratio('totals.' ~ traffic_class ~ '_session_count', 'totals.session_count') }}
                as {{ traffic_class }}_session_share,
        {% endfor -%}
        {{ ratio('(2 * windows.session_count_90d - windows.session_count_180d)', 'windows.session_count_180d') }}
            as session_count_trend_90d,
        coalesce(viewed_category_features.viewed_category_count_90d, 0) as viewed_category_count_90d,
        viewed_category_features.viewed_category_entropy_90d,
        viewed_category_features.top_viewed_category_share_90d,
        {% for act in ['session', 'product_view', 'content_view', 'search', 'add_to_cart', 'checkout'] -%}
            {{ dbt.datediff('windows.last_' ~ act ~ '_on', 'tracked_customers.as_of_date', 'day') }}
                as days_since_last_{{ act }}{{ ',' if not loop.last }}
        {% endfor %}
    from tracked_customers
    left join totals
        on
            tracked_customers.customer_id = totals.customer_id
            and tracked_customers.as_of_date = totals.as_of_date
    left join windows
        on
            tracked_customers.customer_id = windows.customer_id
            and tracked_customers.as_of_date = windows.as_of_date
    left join viewed_category_features
        on
            tracked_customers.customer_id = viewed_category_features.customer_id
            and tracked_customers.as_of_date = viewed_category_features.as_of_date

)

select * from session_features
