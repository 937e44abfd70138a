"""What the profile says of an attribute: its place, who keeps it, and what cannot be done about it, and why."""

from __future__ import annotations

import pytest
import yaml
from django.conf import LazySettings
from django.utils.translation import override

from accounts import facts
from accounts.cognito.factors import Factor
from accounts.cognito.results import Attribute, Profile
from infra.template import COGNITO, _Loader

NAMES = ["name", "given_name", "family_name", "middle_name", "email", "phone_number"]
PROVIDERS = "AWS::Cognito::UserPoolIdentityProvider"


def test_names_addresses_and_numbers_come_first_and_the_rest_as_the_pool_has_it_but_the_language() -> None:
    names = ["locale", "custom:a", *reversed(NAMES), "address", "name"]
    assert facts.in_order(names) == [*NAMES, "custom:a", "address", "locale"]


@pytest.mark.parametrize(
    "name", ["sub", "identities", "email_verified", "phone_number_verified", "cognito:user_status", "cognito:mfa"]
)
def test_what_names_the_account_to_machines_is_no_fact(name: str) -> None:
    assert facts.in_order([name]) == []


def test_a_provider_keeps_what_the_template_has_it_tell() -> None:
    resources = yaml.load(COGNITO.read_text(), _Loader)["Resources"].values()  # noqa: S506
    mapped = [each["Properties"]["AttributeMapping"] for each in resources if each["Type"] == PROVIDERS]
    told = set().union(*mapped) - {"email_verified"}
    assert told == facts.OF_PROVIDERS


@pytest.mark.parametrize("name", ["given_name", "family_name", "middle_name"])
def test_parts_of_a_name_are_asked_for_where_the_name_is_not_or_they_have_to_be(name: str) -> None:
    part = Attribute(name)
    whole = {"name": Attribute("name"), name: part}
    assert not facts.is_asked_for(part, whole)
    assert facts.is_asked_for(part, {name: part})
    assert facts.is_asked_for(Attribute(name, required=True), whole)


def test_the_name_itself_is_always_asked_for() -> None:
    assert facts.is_asked_for(Attribute("name"), {"name": Attribute("name")})


def test_a_language_is_asked_for_where_there_are_two(settings: LazySettings) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    assert facts.is_asked_for(Attribute("locale"), {})
    settings.LANGUAGES = [("en", "English")]
    assert not facts.is_asked_for(Attribute("locale"), {})
    assert facts.is_asked_for(Attribute("locale", required=True), {})


@pytest.mark.parametrize(
    ("name", "factor", "why"),
    [
        ("email", Factor.EMAIL, "Turn off email codes under Security first."),
        ("phone_number", Factor.SMS, "Turn off text messages under Security first."),
        ("email", Factor.SMS, ""),
        ("phone_number", Factor.EMAIL, ""),
        ("name", Factor.SMS, ""),
        ("email", Factor.TOTP, ""),
    ],
)
def test_what_the_second_step_goes_to_is_kept_and_nothing_else(name: str, factor: Factor, why: str) -> None:
    profile = Profile(username="ada", attributes={}, factors=(factor,))
    assert facts.why_kept(name, profile) == why


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("email", "Another account uses this email. Choose a different one."),
        ("phone_number", "Another account uses this phone number. Choose a different one."),
        ("preferred_username", "Another account uses this name. Choose a different one."),
    ],
)
def test_what_another_account_has_is_named(name: str, sentence: str) -> None:
    assert facts.taken(name) == sentence


@pytest.mark.parametrize(
    ("fact", "removable"),
    [
        ({"name": "phone_number", "value": "+442079460042"}, True),
        ({"name": "phone_number", "value": ""}, False),
        ({"name": "phone_number", "value": "+442079460042", "required": True}, False),
        ({"name": "phone_number", "value": "+442079460042", "keeps": "Turn it off."}, False),
        ({"name": "name", "value": "Ada"}, False),
    ],
)
def test_what_a_button_removes(fact: dict[str, object], removable: bool) -> None:
    assert facts.Fact(**fact).removable is removable  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verified", "awaits", "sent"), [(False, "", True), (False, "x", False), (True, "", False), (None, "", False)]
)
def test_a_code_can_be_sent_to_what_is_not_proved_and_awaits_none(
    verified: bool | None, awaits: str, sent: bool
) -> None:
    fact = facts.Fact(name="email", value="ada@example.com", verified=verified, awaits=awaits)
    assert fact.can_be_sent_code is sent


def test_a_fact_that_says_nothing_else_can_neither_be_written_nor_is_it_required() -> None:
    fact = facts.Fact(name="custom:badge", value="B-7")
    assert (fact.writable, fact.required, fact.proved_by_code, fact.shown) == (False, False, False, "B-7")


@pytest.mark.parametrize(("value", "shown"), [("fr", "Français"), ("", "Deutsch"), ("nl", "nl")])
def test_the_language_is_the_one_chosen_or_that_of_the_pages(value: str, shown: str) -> None:
    with override("de"):
        assert facts.Fact(name="locale", value=value).shown == shown


def test_numbers_are_read_in_groups_and_names_are_not() -> None:
    number = facts.Fact(name="phone_number", value="+442079460042", awaits="+442079460888")
    assert (number.shown, number.awaits_shown) == ("+44 20 7946 0042", "+44 20 7946 0888")
    badge = facts.Fact(name="custom:badge", value="+442079460042", awaits="+442079460888")
    assert (badge.shown, badge.awaits_shown) == (badge.value, badge.awaits)
