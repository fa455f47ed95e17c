{#
    The columns of a raw row's life: known_at is when this version arrived, replaced_at when a version of the
    same key that was loaded later did (NULL: it still holds). The earliest arrival of all later ones counts,
    not the next one's: a correction may say that it was known before what it corrects.
#}
{% macro version_interval(key, occurred_at=none) -%}
    {{ known_at(occurred_at) }} as known_at,
    {{ first_later(known_at(occurred_at), key) }} as replaced_at
{%- endmacro %}

{# When a version could be known: on arrival, else when it occurred, else always. #}
{% macro known_at(occurred_at=none) -%}
    coalesce(arrived_at, {{ occurred_at ~ ', ' if occurred_at }}{{ start_of_time() }})
{%- endmacro %}

{# The earliest of what the versions of a key that were loaded later say. #}
{% macro first_later(expression, key) -%}
    min({{ expression }}) over (
        partition by {{ key | join(', ') }} order by loaded_at, source_row
        rows between 1 following and unbounded following
    )
{%- endmacro %}

{#
    The versions of a raw table with known_at and replaced_at. One that says that its row has left (is_deleted) ends
    the version before it and is no fact itself; what_has_left() gives these instead.
#}
{% macro versions_of(raw_table, key, occurred_at=none) -%}
    select * from ({{ all_versions_of(raw_table, key, occurred_at) }}) as versions
    where not has_left
{%- endmacro %}

{% macro what_has_left(raw_table, key, occurred_at=none) -%}
    select * from ({{ all_versions_of(raw_table, key, occurred_at) }}) as versions
    where has_left
{%- endmacro %}

{% macro all_versions_of(raw_table, key, occurred_at=none) -%}
    select
        *,
        coalesce(is_deleted, false) as has_left,
        {{ version_interval(key, occurred_at) }}
    from {{ raw_table }}
{%- endmacro %}

{#
    The versions of a raw table whose rows forbid something; `forbids` says which rows do. What has left forbids on:
    a prohibition ends only where a version that is there, or that forbids as well, comes after it, so that nobody is
    opted in because a row is missing.
#}
{% macro lasting_versions_of(raw_table, key, occurred_at, forbids) -%}
    select * from (
        select
            *,
            case
                when {{ forbids }} then {{ first_later('case when has_a_say then known_at end', key) }}
                else {{ first_later('known_at', key) }}
            end as replaced_at
        from (
            select
                *,
                coalesce(not is_deleted, true) or coalesce({{ forbids }}, false) as has_a_say,
                {{ known_at(occurred_at) }} as known_at
            from {{ raw_table }}
        ) as known_versions
    ) as versions
    where has_a_say
{%- endmacro %}
