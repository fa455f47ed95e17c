import pytest

from dagster_project.auditing.examples import mask_examples, mask_identifier


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("anna.klein@example.org", "ann…g"),
        ("C00412", "C00…2"),
        ("C0041", "C…"),
        ("7", "…"),
        ("", "…"),
    ],
)
def test_identifier_of_a_person_is_cut_to_what_recognises_it(value, shown):
    assert mask_identifier(value) == shown


def test_short_word_that_is_nobody_is_shown_whole():
    assert mask_identifier("guest", is_no_person=True) == "guest"
    assert mask_identifier("undefined", is_no_person=True) == "und…d"


def test_blanks_and_invisible_characters_are_shown_by_their_number():
    assert mask_identifier("C00412\u200b") == "C00…U+200B"
    assert mask_identifier(" C00412") == "U+0020C0…2"


def test_no_more_than_three_examples_are_given():
    assert mask_examples(["C00412", "C00413", "C00414", "C00415"]) == "'C00…2', 'C00…3', 'C00…4'"
