{# Columns of a customer's day that count sessions; everything below them is summed from days. #}
{% macro session_counts() -%}
    {%- set counts = [
        'session_count', 'engaged_session_count', 'converted_session_count', 'browsing_session_count',
        'bought_browsing_session_count', 'cart_session_count', 'abandoned_cart_count',
        'morning_session_count', 'afternoon_session_count', 'evening_session_count', 'night_session_count',
    ] -%}
    {%- for device in known_devices() -%}
        {%- do counts.extend([device ~ '_session_count', device ~ '_converted_session_count']) -%}
    {%- endfor -%}
    {%- for class in traffic_classes() -%} {%- do counts.append(class ~ '_session_count') -%} {%- endfor -%}
    {{ return(counts) }}
{%- endmacro %}

{% macro day_measures() -%}
    {{ return(session_counts() + activity_measures() + ['duration_seconds']) }}
{%- endmacro %}

{# Who is logged in is the visitor; else whose device it is, as far and as long as that is known. #}
{% macro attribute_sessions(sessions, owners) -%}
    select
        {{ sessions }}.*,
        {{ sessions }}.customer_id as session_customer_id,
        {{ sessions }}.known_on as counts_from,
        {{ sessions }}.replaced_on as counts_until
    from {{ sessions }}
    where {{ sessions }}.customer_id is not null
    union all
    select
        {{ sessions }}.*,
        {{ owners }}.customer_id as session_customer_id,
        greatest({{ sessions }}.known_on, {{ owners }}.known_on) as counts_from,
        -- least() of two days of which one may be missing.
        nullif(
            least(
                coalesce({{ sessions }}.replaced_on, {{ end_of_time() }}),
                coalesce({{ owners }}.replaced_on, {{ end_of_time() }})
            ),
            {{ end_of_time() }}
        ) as counts_until
    from {{ sessions }}
    inner join {{ owners }}
        on
            {{ sessions }}.visitor_id = {{ owners }}.visitor_id
            and ({{ sessions }}.replaced_on is null or {{ owners }}.known_on < {{ sessions }}.replaced_on)
            and ({{ owners }}.replaced_on is null or {{ sessions }}.known_on < {{ owners }}.replaced_on)
    where {{ sessions }}.customer_id is null
{%- endmacro %}

{#
    Customers with the first of their days that the newest loads may have changed. Sessions grow and merge, so no day
    before the one on which a touched session begins is another one; where a visitor's links changed, any day may be.
    Everybody who was ever linked to the visitor is touched: a link that was taken back takes sessions away.
#}
{% macro touched_customers() -%}
    select
        touched.customer_id,
        min(touched.first_on) as first_on
    from (
        select
            links.customer_id,
            touched_visitors.first_on
        from {{ ref('int_visitor_links') }} as links
        inner join (
            select
                visitor_id,
                {{ start_of_days() }} as first_on
            from {{ ref('int_visitor_links') }}
            where {{ has_changed('settled_at') }}
            union all
            select
                visitor_id,
                {{ slot_date('first_slot') }} as first_on
            from {{ ref('int_sessions') }}
            where {{ has_changed('changed_at') }}
        ) as touched_visitors
            on links.visitor_id = touched_visitors.visitor_id
        union all
        select
            customer_id,
            {{ slot_date('first_slot') }} as first_on
        from {{ ref('int_sessions') }}
        where customer_id is not null and {{ has_changed('changed_at') }}
    ) as touched
    group by touched.customer_id
{%- endmacro %}

{# Days that are made again, or that no session is left of. #}
{% macro drop_touched_days() -%}
    delete from {{ this }}
    where (customer_id, started_on) in (
        select
            days.customer_id,
            days.started_on
        from {{ this }} as days
        inner join ({{ touched_customers() }}) as touched_customers
            on
                days.customer_id = touched_customers.customer_id
                and days.started_on >= touched_customers.first_on
    )
{%- endmacro %}
