from __future__ import annotations

import pytest

from accounts.cognito.sign_in_names import NameKind, SignInWith, international, readable

NUMBER = "+442079460042"
SPELLINGS = [
    "+442079460042",
    "00442079460042",
    "+44 20 7946 0042",
    " 0044 (20) 7946-0042 ",
    "+44 (0)20 7946 0042",
    "+44 ( 0 ) 20/7946.0042",
    "+44\u00a020\u20117946\u20130042",
    "\u202a+44 20 7946 0042\u202c",
    "+44207946004\u200b2",
    "\uff0b\uff14\uff14 20 7946 0042",
    "+٤٤ ٢٠ ٧٩٤٦ ٠٠٤٢",
]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_number_has_one_spelling(typed: str) -> None:
    assert international(typed) == NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "+",
        "020 7946 0042",
        "442079460042",
        "+0442079460042",
        "+44 call me",
        "+44207946004x",
        "++442079460042",
        "+44+2079460042",
        "+1234567890123456",
        "+12345",
        "(0)442079460042",
        "ada@example.com",
        "+442079460042\0",
        "+①②③④⑤⑥⑦⑧x",
        "+4420794600²²x",
        "+2101234567890",
        "+9991234567890",
    ],
)
def test_what_is_no_number_with_a_country_code_is_none(typed: str) -> None:
    assert international(typed) == ""


@pytest.mark.parametrize(
    "number", ["+12025550123", "+79161234567", "+358401234567", "+8613812345678", "+5491123456789", "+390612345678"]
)
def test_a_number_of_any_country_is_one(number: str) -> None:
    assert international(number) == number


def test_a_zero_is_left_out_only_where_it_is_dialled_within_the_country() -> None:
    assert international("+49 (0)30 123456") == "+4930123456"
    assert international("+39 (0)6 1234 5678") == "+390612345678"


@pytest.mark.parametrize("typed", ["+44 20 7946 00423", "+1 202 555 012", "+7 916 123 456"])
def test_a_number_its_country_cannot_have_is_none(typed: str) -> None:
    assert international(typed) == ""


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (NUMBER, "+44 20 7946 0042"),
        ("+12025550123", "+1 202-555-0123"),
        ("+1", "+1"),
        ("+9991234567890", "+9991234567890"),
        ("ada@example.com", "ada@example.com"),
        ("", ""),
    ],
)
def test_a_number_is_read_in_groups_and_all_else_as_it_is(value: str, read: str) -> None:
    assert readable(value) == read


@pytest.mark.parametrize(
    ("way", "kinds", "contact"),
    [
        ("email", ["email"], "email"),
        ("username", ["username"], "email"),
        ("phone", ["phone_number"], "phone_number"),
        ("username_email", ["username", "email"], "email"),
        ("username_phone", ["username", "phone_number"], "phone_number"),
        ("username_email_phone", ["username", "email", "phone_number"], "email"),
    ],
)
def test_each_way_says_what_accounts_are_made_under_and_where_codes_go(
    way: str, kinds: list[str], contact: str
) -> None:
    assert list(SignInWith(way).kinds) == kinds
    assert SignInWith(way).contact == contact


@pytest.mark.parametrize(
    ("way", "name", "kind"),
    [
        (SignInWith.EMAIL, NUMBER, NameKind.EMAIL),
        (SignInWith.USERNAME, "ada@example.com", NameKind.USERNAME),
        (SignInWith.USERNAME, NUMBER, NameKind.USERNAME),
        (SignInWith.PHONE, "ada", NameKind.PHONE),
        (SignInWith.USERNAME_EMAIL, "ada@example.com", NameKind.EMAIL),
        (SignInWith.USERNAME_EMAIL, NUMBER, NameKind.USERNAME),
        (SignInWith.USERNAME_PHONE, "0044 20 7946 0042", NameKind.PHONE),
        (SignInWith.USERNAME_PHONE, "ada@example.com", NameKind.USERNAME),
        (SignInWith.USERNAME_EMAIL_PHONE, "ada", NameKind.USERNAME),
        (SignInWith.USERNAME_EMAIL_PHONE, "12345678", NameKind.USERNAME),
    ],
)
def test_a_name_is_of_one_kind(way: SignInWith, name: str, kind: NameKind) -> None:
    assert way.kind_of(name) is kind


@pytest.mark.parametrize("way", [SignInWith.PHONE, SignInWith.USERNAME_PHONE, SignInWith.USERNAME_EMAIL_PHONE])
def test_where_numbers_sign_in_they_are_spelt_as_cognito_keeps_them(way: SignInWith) -> None:
    assert way.spelt("0044 20 7946 0042") == NUMBER
    assert way.spelt("Ada") == "Ada"


@pytest.mark.parametrize("way", [SignInWith.EMAIL, SignInWith.USERNAME, SignInWith.USERNAME_EMAIL])
def test_where_they_do_not_a_name_is_left_as_it_was_typed(way: SignInWith) -> None:
    assert way.spelt("0044 20 7946 0042") == "0044 20 7946 0042"
