{#
    Rows of a kept table carry changed_at, the time of the newest load that touched what they were made from. A table
    made from it takes up what changed since its own newest changed_at: a run that was cut short is caught up by
    the next one, and a rebuild gives the same stamps. Written as a literal, which lets a scan pass over old rows.
#}
{% macro has_changed(stamp) -%} {{ stamp }} > {{ built_until() }} {%- endmacro %}

{#
    The newest changed_at of this table, or of the table that its config names as `meta.kept_by`: one that is made from
    it and never stays empty.
#}
{% macro built_until() -%}
    {%- if execute -%}
        {%- set keeper = this.incorporate(path={'identifier': config.get('meta', {}).get('kept_by', this.identifier)}) -%}
        {%- set kept = load_relation(keeper) -%}
        {%- set found = run_query('select max(changed_at) from ' ~ kept).columns[0].values()[0] if kept else none -%}
        {{ return("timestamp '" ~ found ~ "'" if found else start_of_time()) }}
    {%- endif -%}
    {{ return(start_of_time()) }}
{%- endmacro %}

{#
    A table as the last run left it, read without ref(), because it is made further on; none in a first build, in
    a full one, and where the SQL is only looked at.
#}
{% macro kept_relation(schema, identifier) -%}
    {%- if execute and not flags.FULL_REFRESH -%}
        {{ return(load_relation(this.incorporate(path={'schema': schema, 'identifier': identifier}))) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{# The current as-of date of the run before is no date to keep any more, unless it was the end of a month. #}
{% macro drop_past_as_of_dates() -%}
    delete from {{ this }}
    where as_of_date not in (select as_of_date from {{ ref('int_as_of_dates') }})
{%- endmacro %}
