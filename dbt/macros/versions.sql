{#
    The columns of a raw row's life: known_at is when this version arrived, replaced_at when a version of the
    same key that was loaded later did (NULL: it still holds). The earliest arrival of all later ones counts,
    not the next one's: a correction may say that it was known before what it corrects.
#}
{% macro version_interval(key, occurred_at=none) -%}
    {%- set known_at = 'coalesce(arrived_at, ' ~ (occurred_at ~ ', ' if occurred_at else '') ~ start_of_time() ~ ')' -%}
    {{ known_at }} as known_at,
    min({{ known_at }}) over (
        partition by {{ key | join(', ') }} order by loaded_at, source_row
        rows between 1 following and unbounded following
    ) as replaced_at
{%- endmacro %}
