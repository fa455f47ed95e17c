with assignments as (

    select * from {{ source('segmentation', 'segment_assignments') }}

),

history as (

    select * from {{ ref('customer_segment_history') }}

),

open_stays as (

    select * from history
    where valid_to is null

),

left_segments as (

    select
        segmentation,
        customer_id,
        segment_id,
        row_number() over (
            partition by segmentation, customer_id order by valid_to desc, valid_from desc
        ) as newest_first
    from history
    where valid_to is not null

),

-- The history holds people who may be profiled only, so this join is the consent gate as well.
customer_segments as (

    select
        assignments.segmentation,
        assignments.customer_id,
        assignments.as_of_date,
        assignments.segment_id,
        assignments.segment_name,
        assignments.strength,
        assignments.next_segment_id,
        left_segments.segment_id as previous_segment_id,
        open_stays.valid_from as entered_on,
        assignments.computed_at,
        assignments.model_version
    from assignments
    inner join open_stays
        on
            assignments.segmentation = open_stays.segmentation
            and assignments.customer_id = open_stays.customer_id
    left join left_segments
        on
            assignments.segmentation = left_segments.segmentation
            and assignments.customer_id = left_segments.customer_id
            and left_segments.newest_first = 1

)

select * from customer_segments
