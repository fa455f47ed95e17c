-- depends_on: {{ ref('fct_customer_features') }}
with load_ledger as (

    select * from {{ ref('stg_load_ledger') }}

),

feature_loads as (

    select distinct
        load_id,
        '{{ env_var("FEATURE_RECIPE", "") }}' as recipe
    from load_ledger

)

select * from feature_loads
