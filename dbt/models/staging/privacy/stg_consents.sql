with decisions as (

    {{ lasting_versions_of(
        source('raw', 'consents'), key=['consent_event_id'], occurred_at='occurred_at', forbids="decision <> 'granted'"
    ) }}

),

consents as (

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
        known_at,
        replaced_at
    from decisions

)

select * from consents
