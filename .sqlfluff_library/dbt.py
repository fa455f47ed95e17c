"""What sqlfluff renders for the macros that come with dbt itself, which its own templater does not know."""


def dateadd(datepart: str, interval: object, from_date_or_timestamp: str) -> str:
    """A date moved by so many days, months or years."""
    return f"({from_date_or_timestamp} + {interval} * interval 1 {datepart})"


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    """How many borders between days, months or years lie between two dates."""
    return f"date_diff('{datepart}', {first_date}, {second_date})"
