with consents as (

    select * from {{ source('raw', 'consents') }}

),

decisions as (

    select
        consent_event_id,
        customer_id,
        anonymous_id,
        purpose,
        decision,
        jurisdiction,
        occurred_at,
        loaded_at,
        source_row,
        {{ version_interval(key=['consent_event_id'], occurred_at='occurred_at') }}
    from consents

)

select * from decisions
