{# Event types that features are made from; other values of event_type are kept in raw and counted by the data audit. #}
{% macro known_event_types() -%}
    'page_view', 'product_view', 'content_view', 'search', 'add_to_cart', 'remove_from_cart', 'checkout_started',
    'purchase', 'scroll', 'identify', 'sign_up'
{%- endmacro %}

{#
    Width of a slot in microseconds. Two events of a visitor in one slot are never more than 30 minutes apart, so
    they are of one session and can be summed before sessions are made. Slots must not cross midnight of the
    business time zone either: a few zones are a quarter of an hour off.
#}
{% macro slot_width() -%}
    {{ 900000000 if env_var("BUSINESS_TIME_ZONE", "UTC") in
        ("Asia/Kathmandu", "Asia/Katmandu", "Australia/Eucla", "Pacific/Chatham", "NZ-CHAT") else 1800000000 }}
{%- endmacro %}

{# Microseconds since 1970. #}
{% macro unix_micros(utc_timestamp) -%} {{ return(adapter.dispatch('unix_micros')(utc_timestamp)) }} {%- endmacro %}

{% macro default__unix_micros(utc_timestamp) -%}
    cast(extract(epoch from {{ utc_timestamp }}) * 1000000 as bigint)
{%- endmacro %}

{% macro duckdb__unix_micros(utc_timestamp) -%} epoch_us({{ utc_timestamp }}) {%- endmacro %}

{# Whole seconds that have gone by; datediff counts the seconds of the clock that were crossed. #}
{% macro elapsed_seconds(started_at, ended_at) -%}
    cast(floor(({{ unix_micros(ended_at) }} - {{ unix_micros(started_at) }}) / 1000000) as bigint)
{%- endmacro %}

{# The start of the slot a time lies in, as microseconds since 1970: a number, because ten million are grouped by it. #}
{% macro slot_of(utc_timestamp) -%}
    {{ unix_micros(utc_timestamp) }} - mod({{ unix_micros(utc_timestamp) }}, {{ slot_width() }})
{%- endmacro %}

{# The day in UTC on which a slot lies, as microseconds since 1970: to look slots up by, not to show. #}
{% macro slot_day(slot) -%} {{ slot }} - mod({{ slot }}, {{ day_width() }}) {%- endmacro %}

{# Length of a day in microseconds. #}
{% macro day_width() -%} 86400000000 {%- endmacro %}

{# The day in the business time zone on which a slot lies. #}
{% macro slot_date(slot) -%}
    {{ business_date(dbt.dateadd('second', slot ~ ' / 1000000', "timestamp '1970-01-01 00:00:00'")) }}
{%- endmacro %}

{# One number that rows share which agree in all columns; never stored. #}
{% macro fingerprint(columns) -%} {{ return(adapter.dispatch('fingerprint')(columns)) }} {%- endmacro %}

{% macro default__fingerprint(columns) -%}
    md5(concat({% for column in columns %}coalesce(cast({{ column }} as varchar), '~'), '|'{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{% macro duckdb__fingerprint(columns) -%} hash({{ columns | join(', ') }}) {%- endmacro %}

{# True where a visitor's software says itself that it is no person. #}
{% macro is_bot_agent(user_agent) -%}
    {% for word in var('bot_agent_words') -%}
        {{ user_agent }} like '%{{ word }}%'{{ ' or ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    What a session's value of a kind is: that of its first event that has one. min() over time and value in one
    number finds it without a window; code_of() takes the value out again. Codes are below 16.
#}
{% macro time_and_code(utc_timestamp, code) -%}
    min({{ unix_micros(utc_timestamp) }} * 16 + {{ code }})
{%- endmacro %}

{% macro code_of(time_and_code) -%} mod({{ time_and_code }}, 16) {%- endmacro %}

{% macro device_code(device_type) -%}
    case {{ device_type }}
        {% for device in device_types() %}when '{{ device }}' then {{ loop.index0 }}
        {% endfor %}
    end
{%- endmacro %}

{% macro device_types() -%} {{ return(['desktop', 'mobile', 'tablet', 'other']) }} {%- endmacro %}

{# The devices that features tell apart. #}
{% macro known_devices() -%} {{ return(device_types()[:3]) }} {%- endmacro %}

{% macro traffic_classes() -%}
    {{ return(['organic', 'paid', 'email', 'social', 'referral', 'direct', 'other']) }}
{%- endmacro %}

{# How a visitor came, by the medium as trackers write it: the place in traffic_classes(). #}
{% macro traffic_code(medium) -%}
    case
        when {{ medium }} is null then null
        when {{ medium }} = 'organic' then 0
        when {{ medium }} in ('cpc', 'ppc', 'paid', 'paidsearch', 'display', 'cpm', 'affiliate') then 1
        when {{ medium }} in ('email', 'e-mail', 'newsletter') then 2
        when {{ medium }} in ('social', 'social-network', 'paid_social') then 3
        when {{ medium }} = 'referral' then 4
        when {{ medium }} in ('direct', '(none)', 'none') then 5
        else 6
    end
{%- endmacro %}

{# Whole numbers and decimals of an activity that add up: from slots to sessions, to days, to all time. #}
{% macro activity_measures() -%}
    {{ return([
        'event_count', 'view_count', 'product_view_count', 'content_view_count', 'search_count', 'add_to_cart_count',
        'remove_from_cart_count', 'checkout_count', 'purchase_count', 'engaged_seconds', 'content_seconds',
        'scroll_percent', 'scroll_count',
    ]) }}
{%- endmacro %}

{# sum() widens its type; the sums here stay narrow, because they are carried through windows and joins. #}
{% macro sum_measure(measure) -%}
    cast(sum({{ measure }}) as {{ measure_type(measure) }})
{%- endmacro %}

{% macro measure_type(measure) -%}
    {{ 'decimal(18, 3)' if measure.endswith('_seconds') or measure.endswith('_percent') else 'bigint' }}
{%- endmacro %}
