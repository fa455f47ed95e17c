with product_versions as (

    {{ versions_of(source('raw', 'products'), key=['product_id']) }}

),

products as (

    select
        product_id,
        name as product_name,
        category,
        subcategory,
        brand,
        list_price,
        known_at,
        replaced_at
    from product_versions

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
    from products

)

select * from with_days
