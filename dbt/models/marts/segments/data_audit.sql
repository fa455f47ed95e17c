with findings as (

    select * from {{ source('segmentation', 'data_audit') }}

),

published as (

    select
        as_of_date,
        subject_kind,
        subject,
        check_name,
        family,
        status,
        value,
        figure,
        sentence,
        remedy,
        computed_at
    from findings

)

select * from published
