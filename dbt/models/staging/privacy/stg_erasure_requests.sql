with erasure_requests as (

    select * from {{ source('raw', 'erasure_requests') }}

),

requests as (

    select
        request_id,
        customer_id,
        requested_at,
        {{ version_interval(key=['request_id'], occurred_at='requested_at') }}
    from erasure_requests

)

select * from requests
