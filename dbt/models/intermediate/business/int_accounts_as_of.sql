with as_of_dates as (

    select * from {{ ref('int_as_of_dates_to_build') }}

),

accounts as (

    select * from {{ ref('stg_accounts') }}

),

deals as (

    select * from {{ ref('stg_deals') }}

),

calls as (

    select * from {{ ref('stg_calls') }}

),

rep_activities as (

    select * from {{ ref('stg_rep_activities') }}

),

-- An account is known by its own record, or by the first thing that happened with it.
first_facts as (

    select
        account_id,
        greatest(coalesce(created_on, known_on), known_on) as known_on,
        replaced_on
    from accounts
    union all
    select
        account_id,
        greatest(coalesce(created_on, known_on), known_on) as known_on,
        replaced_on
    from deals
    union all
    select
        account_id,
        greatest(occurred_on, known_on) as known_on,
        replaced_on
    from calls
    union all
    select
        account_id,
        greatest(occurred_on, known_on) as known_on,
        replaced_on
    from rep_activities

),

account_starts as (

    select
        account_id,
        min(known_on) as known_on
    from first_facts
    -- A version that was replaced before it was known never held.
    where replaced_on is null or replaced_on > known_on
    group by account_id

),

accounts_as_of as (

    select
        account_starts.account_id,
        as_of_dates.as_of_date
    from account_starts
    inner join as_of_dates
        on account_starts.known_on <= as_of_dates.as_of_date

)

select * from accounts_as_of
