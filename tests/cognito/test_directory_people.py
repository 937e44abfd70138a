"""People as an AWS key sees them: found, described, acted on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from accounts.cognito import errors
from accounts.cognito.directory import Directory
from accounts.cognito.factors import Factor
from accounts.cognito.filters import matching
from accounts.cognito.identities import Identity
from accounts.cognito.results import AuthEvent, PeoplePage, Person, Status
from tests.cognito.conftest import cognito_config
from tests.signed_tokens import POOL_ID

AT = datetime(2026, 11, 1, tzinfo=UTC)
ATTRIBUTES = [
    {"Name": "sub", "Value": "1-2-3"},
    {"Name": "email", "Value": "ada@example.com"},
    {"Name": "email_verified", "Value": "true"},
    {"Name": "phone_number", "Value": "+442079460777"},
    {"Name": "name"},
]
ADA: dict[str, Any] = {
    "Username": "ada",
    "UserStatus": "CONFIRMED",
    "Enabled": True,
    "UserCreateDate": AT,
    "UserLastModifiedDate": AT,
}
WHO = {"UserPoolId": POOL_ID, "Username": "ada"}


@pytest.fixture
def directory(idp: Any) -> Directory:
    return Directory(idp, cognito_config())


def listed(**changes: Any) -> dict[str, Any]:
    return {**ADA, "Attributes": ATTRIBUTES, **changes}


def by_sub(**more: Any) -> dict[str, Any]:
    return {"UserPoolId": POOL_ID, "Limit": 60, "Filter": 'sub = "1-2-3"', **more}


def test_a_person_has_all_that_cognito_tells(directory: Directory, aws: Stubber) -> None:
    factors = {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"], "PreferredMfaSetting": "EMAIL_OTP"}
    aws.add_response("admin_get_user", {**ADA, "UserAttributes": ATTRIBUTES, **factors}, WHO)
    person = directory.get("ada")
    assert (person.username, person.sub, person.status, person.enabled) == ("ada", "1-2-3", Status.CONFIRMED, True)
    assert (person.created_at, person.changed_at) == (AT, AT)
    assert (person.email, person.email_verified, person.name) == ("ada@example.com", True, "")
    assert person.phone_number == "+442079460777"
    assert (person.factors, person.preferred_factor) == ((Factor.TOTP, Factor.EMAIL), Factor.EMAIL)


def test_what_a_person_is_called_stays_out_of_their_repr(directory: Directory, aws: Stubber) -> None:
    aws.add_response("admin_get_user", {**ADA, "UserAttributes": ATTRIBUTES})
    assert "ada@example.com" not in repr(directory.get("ada"))


def test_a_status_nobody_knows_is_unknown(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": [{**listed(), "UserStatus": "UNKNOWN"}]})
    assert directory.list_people().people[0].status is Status.UNKNOWN
    assert Status.named("SOMETHING_NEW") is Status.UNKNOWN


def test_somebody_disabled_is_not_taken_for_somebody_enabled(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": [listed(Enabled=False)]})
    assert not directory.list_people().people[0].enabled


def test_an_answer_that_names_nobody_makes_no_sense(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": [{"Attributes": ATTRIBUTES}]})
    with pytest.raises(errors.Unreachable):
        directory.list_people()


def test_a_page_of_people_asks_for_what_is_wanted(directory: Directory, aws: Stubber) -> None:
    wanted = {"Filter": 'email ^= "a"', "AttributesToGet": ["sub"], "Limit": 10, "PaginationToken": "page-2"}
    aws.add_response(
        "list_users", {"Users": [listed()], "PaginationToken": "page-3"}, {"UserPoolId": POOL_ID, **wanted}
    )
    page = directory.list_people(filter='email ^= "a"', attributes=["sub"], limit=10, token="page-2")
    assert (len(page.people), page.next_token) == (1, "page-3")


def test_a_pool_without_people_has_an_empty_page(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": []}, {"UserPoolId": POOL_ID, "Limit": 60})
    assert directory.list_people() == PeoplePage()


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("ada", '"ada"'),
        ('a"d', '"a\\"d"'),
        ("a\\", '"a\\\\"'),
        ('" or email ^= "', '"\\" or email ^= \\""'),
        ("", '""'),
    ],
)
def test_nothing_in_a_value_gets_out_of_its_quotes(value: str, quoted: str) -> None:
    assert matching("name", value) == f"name = {quoted}"
    assert matching("name", value, prefix=True) == f"name ^= {quoted}"


def test_people_are_found_by_the_beginning_of_a_value(directory: Directory, aws: Stubber) -> None:
    wanted = {"UserPoolId": POOL_ID, "Limit": 5, "Filter": 'email ^= "ada@"'}
    aws.add_response("list_users", {"Users": [listed()]}, wanted)
    assert [person.sub for person in directory.find("email", "ada@", limit=5)] == ["1-2-3"]


def test_nobody_is_found_by_more_than_a_filter_holds(directory: Directory, aws: Stubber) -> None:
    assert directory.find("email", "a" * 300) == ()


def test_somebody_known_is_found_by_the_sub_alone(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": [listed()]}, by_sub())
    found = directory.known("1-2-3", "the-name-they-had")
    assert found
    assert found.username == "ada"


def test_a_server_that_answers_with_somebody_else_finds_nobody(directory: Directory, aws: Stubber) -> None:
    other = listed(Attributes=[{"Name": "sub", "Value": "another"}])
    aws.add_response("list_users", {"Users": [other]}, by_sub())
    assert directory.known("1-2-3", "ada") is None


def test_whoever_a_list_does_not_show_is_asked_for_by_name(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": []}, by_sub())
    aws.add_response("admin_get_user", {**ADA, "UserAttributes": ATTRIBUTES}, WHO)
    assert directory.known("1-2-3", "ada")


def test_whoever_has_the_name_now_is_not_who_had_it(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": []}, by_sub())
    aws.add_response("admin_get_user", {**ADA, "UserAttributes": [{"Name": "sub", "Value": "another"}]}, WHO)
    assert directory.known("1-2-3", "ada") is None


def test_whoever_cognito_does_not_know_is_gone(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": []}, by_sub())
    aws.add_client_error("admin_get_user", "UserNotFoundException")
    assert directory.known("1-2-3", "ada") is None


def test_without_a_name_a_list_has_the_last_word(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": []}, by_sub())
    assert directory.known("1-2-3") is None


def test_an_outage_makes_nobody_gone(directory: Directory, aws: Stubber) -> None:
    aws.add_response("list_users", {"Users": []}, by_sub())
    aws.add_client_error("admin_get_user", "InternalErrorException", http_status_code=500)
    with pytest.raises(errors.Unavailable):
        directory.known("1-2-3", "ada")


INVITED = {**WHO, "UserAttributes": [{"Name": "email", "Value": "a@b.c"}], "DesiredDeliveryMediums": ["EMAIL"]}


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"send_mail": True}, {}),
        ({"send_mail": False}, {"MessageAction": "SUPPRESS"}),
        ({"send_mail": True, "resend": True}, {"MessageAction": "RESEND"}),
        ({"send_mail": True, "language": "de-AT"}, {"ClientMetadata": {"language": "de-AT"}}),
        ({"send_mail": True, "temporary_password": "Made-up-1"}, {"TemporaryPassword": "Made-up-1"}),
    ],
)
def test_an_invitation_says_how_it_is_sent(
    directory: Directory, aws: Stubber, options: dict[str, Any], sent: dict[str, Any]
) -> None:
    aws.add_response("admin_create_user", {"User": listed(UserStatus="FORCE_CHANGE_PASSWORD")}, {**INVITED, **sent})
    person = directory.create("ada", {"email": "a@b.c"}, **options)
    assert (person.sub, person.status) == ("1-2-3", Status.FORCE_CHANGE_PASSWORD)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UsernameExistsException", errors.UsernameTaken),
        ("UnsupportedUserStateException", errors.InputRejected),
        ("CodeDeliveryFailureException", errors.CodeNotDelivered),
        ("UserLambdaValidationException", errors.RefusedByTrigger),
        ("PreconditionNotMetException", errors.Misconfigured),
        ("AccessDeniedException", errors.Misconfigured),
        ("TooManyRequestsException", errors.Throttled),
    ],
)
def test_what_an_invitation_can_meet(directory: Directory, aws: Stubber, code: str, kind: type[Exception]) -> None:
    aws.add_client_error("admin_create_user", code)
    with pytest.raises(kind):
        directory.create("ada", {}, send_mail=True)


def test_an_invitation_without_a_person_makes_no_sense(directory: Directory, aws: Stubber) -> None:
    aws.add_response("admin_create_user", {})
    with pytest.raises(errors.Unreachable):
        directory.create("ada", {}, send_mail=True)


@pytest.mark.parametrize(
    ("method", "operation", "arguments", "sent"),
    [
        ("confirm", "admin_confirm_sign_up", (), {}),
        ("disable", "admin_disable_user", (), {}),
        ("enable", "admin_enable_user", (), {}),
        ("reset_password", "admin_reset_user_password", (), {}),
        ("sign_out", "admin_user_global_sign_out", (), {}),
        ("delete", "admin_delete_user", (), {}),
        ("delete_software_token", "admin_delete_software_token", (), {}),
        ("add_to_group", "admin_add_user_to_group", ("editors",), {"GroupName": "editors"}),
        ("remove_from_group", "admin_remove_user_from_group", ("editors",), {"GroupName": "editors"}),
        (
            "set_permanent_password",
            "admin_set_user_password",
            ("Made-up-1",),
            {"Password": "Made-up-1", "Permanent": True},
        ),
        (
            "update_attributes",
            "admin_update_user_attributes",
            ({"name": "Ada"},),
            {"UserAttributes": [{"Name": "name", "Value": "Ada"}]},
        ),
    ],
)
def test_an_act_names_pool_and_person(
    directory: Directory, aws: Stubber, method: str, operation: str, arguments: tuple[Any, ...], sent: dict[str, Any]
) -> None:
    aws.add_response(operation, {}, {**WHO, **sent})
    getattr(directory, method)("ada", *arguments)


def test_second_steps_are_switched_one_by_one(directory: Directory, aws: Stubber) -> None:
    sent = {
        "SoftwareTokenMfaSettings": {"Enabled": False, "PreferredMfa": False},
        "EmailMfaSettings": {"Enabled": True, "PreferredMfa": True},
        "WebAuthnMfaSettings": {"Enabled": False},
    }
    aws.add_response("admin_set_user_mfa_preference", {}, {**WHO, **sent})
    switched = {Factor.TOTP: (False, True), Factor.EMAIL: (True, True)}
    directory.set_mfa_preference("ada", switched, passkeys=False)


@pytest.mark.parametrize("code", ["InvalidAction", "UnknownOperationException", "NotImplemented"])
def test_where_no_authenticator_can_be_deleted_it_is_turned_off(directory: Directory, aws: Stubber, code: str) -> None:
    aws.add_client_error("admin_delete_software_token", code)
    off = {"SoftwareTokenMfaSettings": {"Enabled": False, "PreferredMfa": False}}
    aws.add_response("admin_set_user_mfa_preference", {}, {**WHO, **off})
    directory.delete_software_token("ada")


@pytest.mark.parametrize("code", ["AccessDeniedException", "UserNotFoundException", "TooManyRequestsException"])
def test_a_refusal_to_delete_an_authenticator_is_one(directory: Directory, aws: Stubber, code: str) -> None:
    aws.add_client_error("admin_delete_software_token", code)
    with pytest.raises(errors.CognitoError):
        directory.delete_software_token("ada")


def groups(*names: str, **more: str) -> dict[str, Any]:
    return {"Groups": [{"GroupName": name} for name in names], **more}


def test_all_pages_of_groups_are_read(directory: Directory, aws: Stubber) -> None:
    aws.add_response("admin_list_groups_for_user", groups("a", "b", NextToken="2"), {**WHO, "Limit": 60})
    aws.add_response("admin_list_groups_for_user", groups(NextToken="3"), {**WHO, "Limit": 60, "NextToken": "2"})
    aws.add_response("admin_list_groups_for_user", groups("c"), {**WHO, "Limit": 60, "NextToken": "3"})
    assert directory.groups_of("ada") == ("a", "b", "c")


def test_a_list_without_an_end_is_not_read_for_ever(directory: Directory, aws: Stubber) -> None:
    for _ in range(2):
        aws.add_response("admin_list_groups_for_user", groups("a", NextToken="2"))
    with pytest.raises(errors.Unreachable, match="SamePageAgain"):
        directory.groups_of("ada")


def test_cognitos_own_history_is_read_as_far_as_it_is_wanted(directory: Directory, aws: Stubber) -> None:
    event = {
        "CreationDate": AT,
        "EventType": "SignIn",
        "EventResponse": "Fail",
        "EventRisk": {"RiskLevel": "High"},
        "EventContextData": {"IpAddress": "192.0.2.7", "DeviceName": "Firefox", "City": "Turin", "Country": "Italy"},
    }
    aws.add_response("admin_list_user_auth_events", {"AuthEvents": [event], "NextToken": "2"}, {**WHO, "MaxResults": 2})
    bare = {"CreationDate": AT}
    aws.add_response(
        "admin_list_user_auth_events",
        {"AuthEvents": [bare, bare], "NextToken": "3"},
        {**WHO, "MaxResults": 2, "NextToken": "2"},
    )
    assert directory.auth_events("ada", 2) == (
        AuthEvent(AT, "SignIn", "Fail", "High", "192.0.2.7", "Firefox", "Turin", "Italy"),
        AuthEvent(AT, "", ""),
    )


def test_a_page_of_history_is_no_longer_than_cognito_makes_it(directory: Directory, aws: Stubber) -> None:
    aws.add_response("admin_list_user_auth_events", {"AuthEvents": []}, {**WHO, "MaxResults": 60})
    assert directory.auth_events("ada", 10_000) == ()


def test_a_pool_without_threat_protection_has_no_history(directory: Directory, aws: Stubber) -> None:
    aws.add_client_error("admin_list_user_auth_events", "UserPoolAddOnNotEnabledException")
    with pytest.raises(errors.Misconfigured):
        directory.auth_events("ada")


def test_what_somebody_may_begin_with_is_told(directory: Directory, aws: Stubber) -> None:
    answer = {"Username": "ada", "ConfiguredUserAuthFactors": ["PASSWORD", "WEB_AUTHN"]}
    aws.add_response("admin_get_user_auth_factors", answer, WHO)
    assert directory.first_factors("ada") == {"PASSWORD", "WEB_AUTHN"}


def test_a_person_is_a_plain_value() -> None:
    person = Person("ada", "1", Status.CONFIRMED, True, None, None, {})
    assert person == Person("ada", "1", Status.CONFIRMED, True, None, None, {})
    assert (person.email, person.email_verified, person.phone_number) == ("", False, "")


BY_SUBJECT = {"ProviderName": "Google", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "1093485"}


@pytest.mark.parametrize("to", [("Cognito", "ada"), ("Elsewhere", "ada-there")])
def test_somebody_elsewhere_is_linked_by_their_subject(directory: Directory, aws: Stubber, to: tuple[str, str]) -> None:
    """API_AdminLinkProviderForUser: the name of the attribute is ignored for the destination."""
    destination = {"ProviderName": to[0], "ProviderAttributeValue": to[1]}
    expected = {"UserPoolId": POOL_ID, "DestinationUser": destination, "SourceUser": BY_SUBJECT}
    aws.add_response("admin_link_provider_for_user", {}, expected)
    directory.link(Identity("Google", "1093485"), to=Identity(*to))


def test_somebody_elsewhere_is_unlinked_by_their_subject(directory: Directory, aws: Stubber) -> None:
    aws.add_response("admin_disable_provider_for_user", {}, {"UserPoolId": POOL_ID, "User": BY_SUBJECT})
    directory.unlink(Identity("Google", "1093485"))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InvalidParameterException", errors.InputRejected),
        ("AliasExistsException", errors.AliasTaken),
        ("LimitExceededException", errors.TooManyAttempts),
        ("AccessDeniedException", errors.Misconfigured),
        ("OperationNotEnabledException", errors.Unreachable),
    ],
)
def test_a_refusal_to_link_is_translated(
    directory: Directory, aws: Stubber, code: str, error: type[errors.CognitoError]
) -> None:
    aws.add_client_error("admin_link_provider_for_user", code)
    with pytest.raises(error):
        directory.link(Identity("Google", "1"), to=Identity("Cognito", "ada"))
