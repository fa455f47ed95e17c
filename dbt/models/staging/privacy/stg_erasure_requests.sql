with requests as (

    {{ lasting_versions_of(
        source('raw', 'erasure_requests'), key=['request_id'], occurred_at='requested_at', forbids='customer_id is not null'
    ) }}

),

erasure_requests as (

    select
        request_id,
        customer_id,
        requested_at,
        known_at,
        replaced_at
    from requests

)

select * from erasure_requests
