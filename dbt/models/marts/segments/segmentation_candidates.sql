with candidates as (

    select * from {{ source('segmentation', 'segmentation_candidates') }}

),

published as (

    select
        segmentation,
        method,
        segment_count,
        silhouette,
        stability_mean,
        stability_min,
        smallest_share,
        revenue_variance_explained,
        is_offered,
        is_chosen,
        reason,
        as_of_date,
        computed_at,
        model_version
    from candidates

)

select * from published
