{#
    The events that features are made from: in a first build all of them, later those in slots that the newest loads
    touched. A correction touches the slot of what it replaces as well. To be read once in a query: whatever is read
    twice is written out in between, which costs more than reading it again from its table.
#}
{% macro events_to_build() -%}
    {%- if is_incremental() -%}
    select usable_events.*
    from {{ ref('int_usable_events') }} as usable_events
    inner join ({{ touched_slots() }}) as touched_slots
        on
            usable_events.visitor_id = touched_slots.visitor_id
            and usable_events.slot = touched_slots.slot
    where usable_events.occurred_at >= {{ first_touched_time() }}
    {%- else -%}
    select * from {{ ref('int_usable_events') }}
    {%- endif -%}
{%- endmacro %}

{# Two filters, because the newest rows are found without reading the others, which holds for no `or`. #}
{% macro touched_slots() -%}
    select
        visitor_id,
        slot
    from {{ ref('int_usable_events') }}
    where {{ has_changed('loaded_at') }}
    union
    select
        visitor_id,
        slot
    from {{ ref('int_usable_events') }}
    where {{ has_changed('replaced_by_load_at') }}
{%- endmacro %}

{# Rows of slots that are made again: a touched slot may have no such row any more. #}
{% macro drop_touched_slots() -%}
    delete from {{ this }}
    where exists (
        select 1 from ({{ touched_slots() }}) as touched_slots
        where
            {{ this.identifier }}.visitor_id = touched_slots.visitor_id
            and {{ this.identifier }}.slot = touched_slots.slot
    )
{%- endmacro %}

{# A time before all slots that the newest loads touched, as a literal: what lies before it is not read. #}
{% macro first_touched_time() -%}
    {%- if execute -%}
        {%- set query -%}
            select {{ dbt.dateadd('hour', -1, 'min(occurred_at)') }}
            from (
                select occurred_at from {{ ref('int_usable_events') }}
                where {{ has_changed('loaded_at') }}
                union all
                select occurred_at from {{ ref('int_usable_events') }}
                where {{ has_changed('replaced_by_load_at') }}
            ) as touched_events
        {%- endset -%}
        {%- set found = run_query(query).columns[0].values()[0] -%}
        {{ return("timestamp '" ~ found ~ "'" if found else start_of_time()) }}
    {%- endif -%}
    {{ return(start_of_time()) }}
{%- endmacro %}
