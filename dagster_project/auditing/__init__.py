"""The data audit: what is in the raw tables, what is wrong with it, and what it allows to be done.

Queries are generated from the contract of the raw tables and from the columns of the marts, so a new table
or feature needs no code here. Rows are counted, nobody is profiled, and no value of a person leaves a query.
"""
