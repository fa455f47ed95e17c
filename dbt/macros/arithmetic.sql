{# A share or mean: NULL, not an error or infinity, where there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double precision) / nullif(cast({{ denominator }} as double precision), 0)
{%- endmacro %}

{# Sum of an expression over the rows where a condition holds; 0 where none does, which is a true count or total. #}
{% macro sum_where(expression, condition) -%}
    sum(case when {{ condition }} then {{ expression }} else 0 end)
{%- endmacro %}

{# Number of rows where a condition holds. #}
{% macro count_where(condition) -%}
    count(case when {{ condition }} then 1 end)
{%- endmacro %}
