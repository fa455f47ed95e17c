{# A difference of up to a cent is rounding. #}
{% macro is_within_a_cent(amount, other) -%} abs({{ amount }} - ({{ other }})) <= 0.01 {%- endmacro %}

{#
    How far lines that sell for so much are from making the total, which may be with or without what is no product and
    before or after returns.
#}
{% macro distance_to_total(sales_amount) -%}
    least(
        {% for others in ['0', 'other_amount', 'returned_amount', '(other_amount + returned_amount)'] -%}
            abs(order_amount - {{ sales_amount }} - deduction_amount - {{ others }}){{ ',' if not loop.last }}
        {% endfor -%}
    )
{%- endmacro %}

{# The part of an amount in proportion, rounded to the last digit of money. #}
{% macro share_of(amount, part, whole) -%}
    cast({{ ratio('cast(' ~ amount ~ ' as double precision) * cast(' ~ part ~ ' as double precision)', whole) }} as decimal(18, 4))
{%- endmacro %}
