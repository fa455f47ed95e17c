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

{#
    A correction, or a second customer on a device, may take the last session from a customer: no new day replaces
    their old ones then. Only customers whose devices have several links can be such.
#}
{% macro drop_days_without_sessions() -%}
    delete from {{ this }}
    where
        customer_id in (
            select links.customer_id
            from {{ ref('int_visitor_links') }} as links
            inner join (
                select visitor_id from {{ ref('int_visitor_links') }}
                group by visitor_id
                having count(*) > 1 or count(replaced_on) > 0
            ) as contested
                on links.visitor_id = contested.visitor_id
        )
        and customer_id not in (select session_customer_id from {{ ref('int_customer_sessions') }})
{%- endmacro %}
