{% set earlier_history = load_relation(this) if execute else none %}

with assignments as (

    select * from {{ source('segmentation', 'segment_assignments') }}

),

profiled_customers as (

    select * from {{ ref('int_profiled_customers') }}

),

current_segments as (

    select assignments.*
    from assignments
    inner join profiled_customers
        on assignments.customer_id = profiled_customers.customer_id

),

-- Rows that this as-of date wrote in an earlier run are taken back first, so a repeated run changes nothing.
earlier_stays as (

    {% if earlier_history %}
    select
        history.segmentation,
        history.customer_id,
        history.segment_id,
        history.valid_from,
        case when history.valid_to < current_segments.as_of_date then history.valid_to end as valid_to,
        history.entered_because,
        history.model_version
    from {{ this }} as history
    inner join current_segments
        on
            history.segmentation = current_segments.segmentation
            and history.customer_id = current_segments.customer_id
    where history.valid_from < current_segments.as_of_date
    {% else %}
    select
        segmentation,
        customer_id,
        segment_id,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        cast(null as varchar) as entered_because,
        model_version
    from current_segments
    where 1 = 0
    {% endif %}

),

current_with_open_stay as (

    select
        current_segments.*,
        earlier_stays.segment_id as earlier_segment_id
    from current_segments
    left join earlier_stays
        on
            current_segments.segmentation = earlier_stays.segmentation
            and current_segments.customer_id = earlier_stays.customer_id
            and earlier_stays.valid_to is null

),

earlier_stays_closed as (

    select
        earlier_stays.segmentation,
        earlier_stays.customer_id,
        earlier_stays.segment_id,
        earlier_stays.valid_from,
        case
            when
                earlier_stays.valid_to is null
                and earlier_stays.segment_id <> current_segments.segment_id
                then current_segments.as_of_date
            else earlier_stays.valid_to
        end as valid_to,
        earlier_stays.entered_because,
        earlier_stays.model_version
    from earlier_stays
    inner join current_segments
        on
            earlier_stays.segmentation = current_segments.segmentation
            and earlier_stays.customer_id = current_segments.customer_id

),

new_stays as (

    select
        segmentation,
        customer_id,
        segment_id,
        as_of_date as valid_from,
        cast(null as date) as valid_to,
        case
            when earlier_segment_id is null then 'first seen'
            when segment_id_by_previous_model = earlier_segment_id then 'model moved'
            else 'customer moved'
        end as entered_because,
        model_version
    from current_with_open_stay
    where earlier_segment_id is null or earlier_segment_id <> segment_id

),

stays as (

    select * from earlier_stays_closed
    union all
    select * from new_stays

),

with_stamp as (

    select
        stays.segmentation,
        stays.customer_id,
        stays.segment_id,
        stays.valid_from,
        stays.valid_to,
        stays.entered_because,
        stays.model_version,
        current_segments.as_of_date,
        current_segments.computed_at
    from stays
    inner join current_segments
        on
            stays.segmentation = current_segments.segmentation
            and stays.customer_id = current_segments.customer_id

)

select * from with_stamp
