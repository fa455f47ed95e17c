{# Trailing windows (days) by what is summed in them. #}
{% macro session_windows() -%}
    {{ return({
        'session_count': [7, 30, 90, 180, 365],
        'engaged_session_count': [90],
        'converted_session_count': [90],
        'cart_session_count': [90],
        'abandoned_cart_count': [90],
        'view_count': [30, 90],
        'product_view_count': [7, 30, 90],
        'content_view_count': [90],
        'search_count': [30, 90],
        'add_to_cart_count': [7, 30, 90],
        'checkout_count': [90],
        'duration_seconds': [90],
    }) }}
{%- endmacro %}

{# Lengths of all those windows (days), shortest first: session_count has each of them. #}
{% macro session_window_lengths() -%} {{ return(session_windows()['session_count']) }} {%- endmacro %}

{# Acts of which the newest day is looked for, by the column of a day that counts them. #}
{% macro newest_acts() -%}
    {{ return({
        'session': 'session_count',
        'product_view': 'product_view_count',
        'content_view': 'content_view_count',
        'search': 'search_count',
        'add_to_cart': 'add_to_cart_count',
        'checkout': 'checkout_count',
    }) }}
{%- endmacro %}

{# Columns of session_sums(), in its order, after customer and as-of date. #}
{% macro session_sum_columns() -%}
    {%- set columns = day_measures() -%}
    {%- for weekday in weekdays() -%} {%- do columns.append(weekday ~ '_session_count') -%} {%- endfor -%}
    {%- for measure, lengths in session_windows().items() -%}
        {%- for length in lengths -%} {%- do columns.append(measure ~ '_' ~ length ~ 'd') -%} {%- endfor -%}
    {%- endfor -%}
    {%- for act in newest_acts() -%} {%- do columns.append('last_' ~ act ~ '_on') -%} {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# True for a day that counts on the as-of date: it was known by then as it is here. #}
{% macro counts_on(as_of_date, days) -%}
    {{ days }}.counts_from <= {{ as_of_date }}
    and ({{ days }}.counts_until is null or {{ days }}.counts_until > {{ as_of_date }})
{%- endmacro %}

{#
    What features are made of: per customer and as-of date the sums of the days that count by then, of all and of those
    in trailing windows, and the newest days. `with_stretch` adds from when and until when (holds_from, holds_until) the
    sums of these days are the same on every as-of date, and the newest change of a day.
#}
{% macro session_sums(days, as_of_dates, with_stretch=false) -%}
    {%- set as_of_date = as_of_dates ~ '.as_of_date' -%}
    {%- set started_on = days ~ '.started_on' -%}
    select
        {{ days }}.customer_id,
        {{ as_of_date }},
        {% for measure in day_measures() -%}
            {{ sum_measure(days ~ '.' ~ measure) }} as {{ measure }},
        {% endfor -%}
        {% for weekday in weekdays() -%}
            {% set is_weekday = weekday_number(started_on) ~ ' = ' ~ loop.index0 -%}
            cast({{ sum_where(days ~ '.session_count', is_weekday) }} as bigint) as {{ weekday }}_session_count,
        {% endfor -%}
        {% for measure, lengths in session_windows().items() -%}
            {%- for length in lengths -%}
                cast({{ sum_where(days ~ '.' ~ measure, in_window(started_on, as_of_date, length)) }} as bigint)
                    as {{ measure }}_{{ length }}d,
            {% endfor -%}
        {%- endfor -%}
        {% for act, measure in newest_acts().items() -%}
            max(case when {{ days }}.{{ measure }} > 0 then {{ started_on }} end)
                as last_{{ act }}_on{{ ',' if with_stretch or not loop.last }}
        {% endfor -%}
        {% if with_stretch -%}
        max(greatest({{ days }}.counts_from, {{ left_window_on(started_on, as_of_date) }})) as holds_from,
        min(
            least(
                coalesce({{ days }}.counts_until, {{ end_of_time() }}),
                {{ leaves_window_on(started_on, as_of_date) }}
            )
        ) as holds_until,
        max({{ days }}.changed_at) as changed_at
        {% endif -%}
    from {{ days }}
    inner join {{ as_of_dates }}
        on {{ counts_on(as_of_date, days) }}
    group by {{ days }}.customer_id, {{ as_of_date }}
{%- endmacro %}

{# The first as-of date after this one on which a day is in one window less. #}
{% macro leaves_window_on(day, as_of_date) -%}
    case
        {% for length in session_window_lengths() -%}
            when {{ in_window(day, as_of_date, length) }}
                then cast({{ dbt.dateadd('day', length, day) }} as date)
        {% endfor -%}
        else {{ end_of_time() }}
    end
{%- endmacro %}

{# The newest as-of date, up to this one, on which a day came to be in one window less; the day itself without one. #}
{% macro left_window_on(day, as_of_date) -%}
    case
        {% for length in session_window_lengths() | reverse -%}
            when not ({{ in_window(day, as_of_date, length) }})
                then cast({{ dbt.dateadd('day', length, day) }} as date)
        {% endfor -%}
        else {{ day }}
    end
{%- endmacro %}

{# Sums that may be other ones on the current as-of date, and those of people who may not be profiled any more. #}
{% macro drop_outdated_sums() -%}
    {%- set current_date = '(select as_of_date from ' ~ ref('int_as_of_dates_to_build') ~ ' where is_current)' -%}
    delete from {{ this }}
    where
        holds_from > {{ current_date }}
        or holds_until <= {{ current_date }}
        or customer_id in (select customer_id from ({{ touched_customers() }}) as touched_customers)
        or customer_id not in (select customer_id from {{ ref('int_profiled_customers') }})
{%- endmacro %}
