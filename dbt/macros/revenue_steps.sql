{# The number of a waterfall step, by the rule's name; the seed revenue_rules says what each means. #}
{% macro revenue_step(rule) -%}
    {%- set steps = {
        'deleted': 45, 'rejected_order': 55, 'no_order_time': 60, 'no_customer': 70, 'cancelled_order': 80, 'returned': 90,
        'quantity_not_positive': 100, 'amount_not_positive': 110, 'repeated_line': 120, 'not_a_product': 130,
        'lines_share_total': 135,
    } -%}
    {{ steps[rule] }}
{%- endmacro %}
