{#
    The stages of open deals that have features of their own, as the features' names end: those of the variable
    deal_stages, and `other` for all the rest.
#}
{% macro open_deal_stages() -%}
    {{ return(
        (var('deal_stages') | map('lower') | map('replace', ' ', '_') | map('replace', '-', '_') | list) + ['other']
    ) }}
{%- endmacro %}

{# Which of them a stage is: case, spaces, hyphens and underscores make no difference. One not known is `other`. #}
{% macro open_deal_stage(stage) -%}
    case replace(replace(replace(lower({{ stage }}), ' ', ''), '-', ''), '_', '')
        {%- for name in open_deal_stages()[:-1] %}
        when '{{ name | replace('_', '') }}' then '{{ name }}'
        {%- endfor %}
        else 'other'
    end
{%- endmacro %}

{# Counts and amounts of deals: where deals are known at all, who has none has a true zero in each. #}
{% macro deal_totals() -%}
    {%- set totals = ['deal_count', 'open_deal_count', 'won_deal_count', 'lost_deal_count'] -%}
    {%- set amounts = ['open_deal_amount', 'won_deal_amount', 'lost_deal_amount'] -%}
    {%- set by_stage = [] -%}
    {%- for total in ['open_deal_count_', 'open_deal_amount_'] -%}
        {%- for stage in open_deal_stages() -%}
            {%- do by_stage.append(total ~ stage) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(totals + amounts + by_stage) }}
{%- endmacro %}
