"""Numbers and aliases as names, as Cognito has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.accounts.phones import BY_PHONE, new_number, with_aliases
from tests.local_pool import PASSWORD, LocalPool, new_email
from tests.other_pools import another_pool


@pytest.fixture
def phones(local_pool: LocalPool) -> LocalPool:
    return another_pool(local_pool, client={"GenerateSecret": False}, **BY_PHONE)


@pytest.fixture
def aliases(local_pool: LocalPool) -> LocalPool:
    client = {"GenerateSecret": False}
    return another_pool(local_pool, client=client, **with_aliases("email", "phone_number"))


def sign_up(pool: LocalPool, name: str, **attributes: str) -> Any:
    given = [{"Name": key, "Value": value} for key, value in attributes.items()]
    client_id = pool.env["COGNITO_CLIENT_ID"]
    return pool.root.sign_up(ClientId=client_id, Username=name, Password=PASSWORD, UserAttributes=given)


def confirm(pool: LocalPool, name: str, code: str, **more: Any) -> None:
    pool.root.confirm_sign_up(ClientId=pool.env["COGNITO_CLIENT_ID"], Username=name, ConfirmationCode=code, **more)


def create(pool: LocalPool, name: str, **more: Any) -> str:
    """Create somebody by the administrator, and return the username."""
    attributes = [{"Name": key, "Value": value} for key, value in more.pop("attributes", {}).items()]
    made = pool.root.admin_create_user(UserPoolId=pool.id, Username=name, UserAttributes=attributes, **more)
    return str(made["User"]["Username"])


def subject_of(pool: LocalPool, name: str) -> str:
    return pool.attributes(name)["sub"]


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    """Return the code and the words that AWS refuses `call` with."""
    with pytest.raises(Exception, match="An error occurred") as caught:
        call()
    error = caught.value.response["Error"]  # type: ignore[attr-defined]
    return error["Code"], error["Message"]


def test_a_sign_up_by_number_is_confirmed_by_text_message(phones: LocalPool) -> None:
    number = new_number()
    answer = sign_up(phones, number)
    delivery = answer["CodeDeliveryDetails"]
    assert (delivery["DeliveryMedium"], delivery["AttributeName"]) == ("SMS", "phone_number")
    assert delivery["Destination"] == f"+*******{number[-4:]}"
    [message] = phones.mails(number)
    assert (message["kind"], message["subject"]) == ("text message", "")
    confirm(phones, number, phones.code(number))
    assert phones.attributes(number)["phone_number_verified"] == "true"


@pytest.mark.parametrize("name", ["ada", "ada@example.com", "442079460042", "+44 20 7946 0042"])
def test_what_is_no_number_is_no_name_there(phones: LocalPool, name: str) -> None:
    assert refused(lambda: sign_up(phones, name))[0] == "InvalidParameterException"


def test_a_hidden_unknown_number_is_sent_a_text_message_that_nobody_gets(phones: LocalPool) -> None:
    number = new_number()
    client_id = phones.env["COGNITO_CLIENT_ID"]
    for call in (phones.root.forgot_password, phones.root.resend_confirmation_code):
        delivery = call(ClientId=client_id, Username=number)["CodeDeliveryDetails"]
        assert (delivery["DeliveryMedium"], delivery["AttributeName"]) == ("SMS", "phone_number")
    assert phones.mails(number) == []


@pytest.mark.parametrize(("name", "word"), [("ada@example.com", "email"), ("+442079460042", "phone number")])
def test_a_user_name_that_looks_like_an_alias_is_refused(aliases: LocalPool, name: str, word: str) -> None:
    expected = f"Username cannot be of {word} format, since user pool is configured for {word} alias."
    assert refused(lambda: sign_up(aliases, name, email=new_email())) == ("InvalidParameterException", expected)
    attributes = {"email": new_email()}
    assert refused(lambda: create(aliases, name, attributes=attributes)) == ("InvalidParameterException", expected)


def test_an_alias_is_a_name_once_it_is_proved(aliases: LocalPool) -> None:
    email = new_email()
    sign_up(aliases, "ada", email=email)
    assert aliases.status(email) == ""
    confirm(aliases, "ada", aliases.code(email))
    assert subject_of(aliases, email.upper()) == subject_of(aliases, "ada")


def test_a_later_one_gets_an_alias_only_where_the_call_says_so(aliases: LocalPool) -> None:
    email = new_email()
    for name in ("ada", "eve"):
        sign_up(aliases, name, email=email)
    code = aliases.code(email)
    create(aliases, "bob", attributes={"email": email, "email_verified": "true"}, MessageAction="SUPPRESS")
    assert refused(lambda: confirm(aliases, "eve", code))[0] == "AliasExistsException"
    assert subject_of(aliases, email) == subject_of(aliases, "bob")
    confirm(aliases, "eve", code, ForceAliasCreation=True)
    assert subject_of(aliases, email) == subject_of(aliases, "eve")


@pytest.mark.parametrize("force", [False, True])
def test_an_administrator_moves_an_alias_only_by_force(aliases: LocalPool, force: bool) -> None:
    attributes = {"email": new_email(), "email_verified": "true"}
    create(aliases, "ada", attributes=attributes, MessageAction="SUPPRESS")

    def again() -> str:
        return create(aliases, "bob", attributes=attributes, MessageAction="SUPPRESS", ForceAliasCreation=force)

    if not force:
        assert refused(again)[0] == "AliasExistsException"
        assert aliases.status("bob") == ""
        return
    again()
    assert subject_of(aliases, attributes["email"]) == subject_of(aliases, "bob")


def test_an_update_takes_nobodys_alias(aliases: LocalPool) -> None:
    email = new_email()
    create(aliases, "ada", attributes={"email": email, "email_verified": "true"}, MessageAction="SUPPRESS")
    create(aliases, "bob", attributes={"email": new_email()}, MessageAction="SUPPRESS")
    taken = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]

    def update() -> None:
        aliases.root.admin_update_user_attributes(UserPoolId=aliases.id, Username="bob", UserAttributes=taken)

    assert refused(update)[0] == "AliasExistsException"
    assert subject_of(aliases, email) == subject_of(aliases, "ada")


@pytest.mark.parametrize("mediums", [["SMS"], ["SMS", "EMAIL"], ["EMAIL"]])
def test_an_invitation_goes_where_it_is_asked_to(aliases: LocalPool, mediums: list[str]) -> None:
    number, email = new_number(), new_email()
    create(aliases, "ada", attributes={"phone_number": number, "email": email}, DesiredDeliveryMediums=mediums)
    sent = {"SMS": aliases.mails(number), "EMAIL": aliases.mails(email)}
    assert {medium for medium, messages in sent.items() if messages} == set(mediums)
    if "SMS" in mediums:
        [message] = sent["SMS"]
        assert message["kind"] == "invitation"
        assert re.fullmatch(r"Your username is ada and temporary password is \S+\.", message["body"])


def test_an_invitation_by_text_message_takes_a_number(aliases: LocalPool) -> None:
    attributes = {"email": new_email()}
    answer = refused(lambda: create(aliases, "ada", attributes=attributes, DesiredDeliveryMediums=["SMS"]))
    assert answer[0] == "InvalidParameterException"


@pytest.mark.parametrize("number", ["+4420", "442079460042", "+44 20 7946 0042", "ada"])
def test_a_message_is_published_to_a_number_only(local_pool: LocalPool, number: str) -> None:
    sns = boto3.client(
        "sns",
        region_name=local_pool.env["AWS_REGION"],
        endpoint_url=local_pool.endpoint,
        aws_access_key_id=local_pool.root_env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=local_pool.root_env["AWS_SECRET_ACCESS_KEY"],
    )
    sent = len(local_pool.mails(number))
    if number == "+4420":
        sns.publish(PhoneNumber=number, Message="hello")
        assert len(local_pool.mails(number)) == sent + 1
        return
    assert refused(lambda: sns.publish(PhoneNumber=number, Message="hello"))[0] == "InvalidParameter"
