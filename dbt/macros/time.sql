{# The shop's own calendar. Timestamps are stored in UTC; days are counted in the business time zone. #}
{% macro business_timestamp(utc_timestamp) -%}
    timezone('{{ env_var("BUSINESS_TIME_ZONE", "UTC") }}', timezone('UTC', {{ utc_timestamp }}))
{%- endmacro %}

{% macro business_date(utc_timestamp) -%}
    cast({{ business_timestamp(utc_timestamp) }} as date)
{%- endmacro %}

{# A fact without a time of its own counts as known from the start. #}
{% macro start_of_time() -%} timestamp '1900-01-01 00:00:00' {%- endmacro %}

{# The day before all others. #}
{% macro start_of_days() -%} cast('1900-01-01' as date) {%- endmacro %}

{# The day until which a version holds that nothing has replaced. #}
{% macro end_of_time() -%} cast('9999-12-31' as date) {%- endmacro %}

{# True where a fact version had arrived, and was not yet replaced, by the end of the as-of date. #}
{% macro known_by(as_of_date, version) -%}
    {{ version }}.known_on <= {{ as_of_date }}
    and ({{ version }}.replaced_on is null or {{ version }}.replaced_on > {{ as_of_date }})
{%- endmacro %}

{# True for a day within the trailing window of so many days that ends with, and includes, the as-of date. #}
{% macro in_window(day, as_of_date, days) -%}
    {{ day }} > {{ dbt.dateadd('day', -1 * days, as_of_date) }} and {{ day }} <= {{ as_of_date }}
{%- endmacro %}

{#
    A time before all windows of so many days that end with an as-of date to build, as a literal: what lies before it is
    not read.
#}
{% macro first_time_in_reach(days) -%}
    {%- set dates = load_relation(ref('int_as_of_dates_to_build')) if execute else none -%}
    {%- if dates is not none -%}
        {%- set earliest = 'select ' ~ dbt.dateadd('day', -1 - days, 'min(as_of_date)') ~ ' from ' ~ dates -%}
        {%- set found = run_query(earliest).columns[0].values()[0] -%}
        {{ return("timestamp '" ~ found ~ "'" if found else start_of_time()) }}
    {%- endif -%}
    {{ return(start_of_time()) }}
{%- endmacro %}

{# Days of the week in the order of weekday_number(). #}
{% macro weekdays() -%}
    {{ return(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']) }}
{%- endmacro %}

{# 0 for Monday to 6 for Sunday: extract(dow) differs between engines, a known Monday does not. #}
{% macro weekday_number(day) -%}
    mod({{ dbt.datediff("cast('1900-01-01' as date)", day, 'day') }}, 7)
{%- endmacro %}
