{#
    The columns of a raw row's life: known_at is when this version arrived, replaced_at when the next
    version of the same key did (NULL: it still holds). Versions are ordered as they were loaded.
#}
{% macro version_interval(key, occurred_at=none) -%}
    {%- set known_at = 'coalesce(arrived_at, ' ~ (occurred_at ~ ', ' if occurred_at else '') ~ start_of_time() ~ ')' -%}
    {{ known_at }} as known_at,
    lead({{ known_at }}) over (
        partition by {{ key | join(', ') }} order by loaded_at, source_row
    ) as replaced_at
{%- endmacro %}
