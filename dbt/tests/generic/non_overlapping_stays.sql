{# Fails where a customer is in two segments of one segmentation on the same day. #}
{% test non_overlapping_stays(model) %}

with stays as (

    select
        segmentation,
        customer_id,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by segmentation, customer_id order by valid_from) as next_valid_from
    from {{ model }}

)

select *
from stays
where valid_to < valid_from or (next_valid_from is not null and (valid_to is null or valid_to > next_valid_from))

{% endtest %}
