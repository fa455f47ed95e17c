with products as (

    select * from {{ source('raw', 'products') }}

),

product_versions as (

    select
        product_id,
        name as product_name,
        category,
        subcategory,
        brand,
        list_price,
        {{ version_interval(key=['product_id']) }}
    from products

),

with_days as (

    select
        product_id,
        product_name,
        category,
        subcategory,
        brand,
        list_price,
        {{ business_date('known_at') }} as known_on,
        {{ business_date('replaced_at') }} as replaced_on
    from product_versions

)

select * from with_days
