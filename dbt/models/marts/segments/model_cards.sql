with model_cards as (

    select * from {{ source('segmentation', 'model_cards') }}

),

published as (

    select
        model,
        model_version,
        method,
        purpose,
        trained_through,
        training_rows,
        summary,
        card,
        as_of_date,
        computed_at
    from model_cards

)

select * from published
