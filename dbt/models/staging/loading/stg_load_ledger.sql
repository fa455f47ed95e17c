with load_ledger as (

    select * from {{ source('ops', 'load_ledger') }}

),

loads as (

    select
        load_id,
        source_name,
        table_name,
        source_file,
        rows_read,
        rows_loaded,
        rows_quarantined,
        rows_duplicate,
        rows_replaced,
        amount_read,
        amount_loaded,
        amount_quarantined,
        amount_duplicate,
        known_from,
        loaded_at
    from load_ledger

)

select * from loads
