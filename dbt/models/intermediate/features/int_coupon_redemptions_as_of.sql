with customers_as_of as (

    select * from {{ ref('int_customers_as_of') }}

),

redemptions as (

    select * from {{ ref('stg_coupon_redemptions') }}

),

redemptions_known as (

    select
        customers_as_of.as_of_date,
        redemptions.redemption_id,
        redemptions.customer_id,
        redemptions.campaign_id,
        redemptions.redeemed_on
    from redemptions
    inner join customers_as_of
        on
            redemptions.customer_id = customers_as_of.customer_id
            and redemptions.redeemed_on <= customers_as_of.as_of_date
            and {{ known_by('customers_as_of.as_of_date', 'redemptions') }}

)

select * from redemptions_known
