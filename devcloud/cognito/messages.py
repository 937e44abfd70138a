"""The mails and text messages that carry codes, worded by the pool's templates and put in the outbox.

MiniStack mails the same constants to everybody, shows the whole address in its answer and knows no text messages.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-message-customizations.html
"""

from __future__ import annotations

from ministack.services import cognito as ministack

from devcloud import outbox
from devcloud.cognito import context
from devcloud.cognito.records import Answer, Pool, User, attributes
from devcloud.patching import replace

EMAIL = "email"
PHONE = "phone_number"
_MEDIUM = {EMAIL: "EMAIL", PHONE: "SMS"}


def masked(address: str) -> str:
    """Return the address as an answer may show it: ``j***@e***`` for a mail address, ``+*******1234`` for a number.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CodeDeliveryDetailsType.html
    """
    local, at, domain = address.partition("@")
    if at:
        return f"{local[:1]}***@{domain[:1]}***"
    if address.startswith("+"):
        return f"+*******{address[-4:]}"
    return f"{address[:1]}***@{address[:1]}***"


def simulated_delivery(name: str) -> Answer:
    """Return the CodeDeliveryDetails for a person who is hidden because they do not exist."""
    return delivery_details(PHONE if name.startswith("+") else EMAIL, name)


def send_invitation(user_pool: Pool, user: User, password: str) -> None:
    """Send an invitation by text message.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_MessageTemplateType.html
    """
    template = (user_pool.get("AdminCreateUserConfig") or {}).get("InviteMessageTemplate") or {}
    body = template.get("SMSMessage") or "Your username is {username} and temporary password is {####}."
    values = attributes(user)
    name = ministack._template_username(user_pool, user["Username"], values)
    text = ministack._expand_template(body, name, password)
    outbox.deliver(context.settings().outbox, to=values[PHONE], subject="", body=text, kind="invitation")


def delivery_details(attribute: str, address: str) -> Answer:
    """Return the CodeDeliveryDetails of a code sent to ``address``."""
    return {"Destination": masked(address), "DeliveryMedium": _MEDIUM[attribute], "AttributeName": attribute}


def send_verification_code(user_pool: Pool, user: User, attribute: str, code: str, *, kind: str, to: str = "") -> None:
    """Send a code that proves ``attribute`` (``email`` or ``phone_number``), to its value or to the one in ``to``."""
    address = to or attributes(user)[attribute]
    name = attributes(user).get(EMAIL) or user["Username"]
    if attribute == PHONE:
        template = (user_pool.get("VerificationMessageTemplate") or {}).get("SmsMessage")
        _send_text(address, template or "Your verification code is {####}.", code)
        return
    subject, body = ministack._resolve_verification_template(user_pool)
    _send_mail(address, subject, body, kind=kind, name=name, code=code)


def send_sign_in_code(user_pool: Pool, user: User, attribute: str, code: str) -> None:
    """Send the code of a second factor or of a passwordless sign-in to the person's ``attribute``."""
    values = attributes(user)
    if attribute == PHONE:
        configuration = user_pool.get("SmsMfaConfiguration") or {}
        template = configuration.get("SmsAuthenticationMessage") or user_pool.get("SmsAuthenticationMessage")
        _send_text(values[PHONE], template or "Your authentication code is {####}.", code)
        return
    configuration = user_pool.get("EmailMfaConfiguration") or {}
    _send_mail(
        values[EMAIL],
        configuration.get("Subject") or "Your sign-in code",
        configuration.get("Message") or "Your sign-in code is {####}.",
        kind="sign-in code",
        name=values[EMAIL],
        code=code,
    )


def install() -> None:
    """Keep MiniStack from mailing its constant codes beside ours."""
    replace(ministack, "_send_verification_email", lambda *_arguments, **_named: None)


def _send_text(number: str, template: str, code: str) -> None:
    body = ministack._expand_template(template, "", code)
    outbox.deliver(context.settings().outbox, to=number, subject="", body=body, kind="text message")


def _send_mail(address: str, subject: str, body: str, *, kind: str, name: str, code: str) -> None:
    outbox.deliver(
        context.settings().outbox,
        to=address,
        subject=ministack._expand_template(subject, name, code),
        body=ministack._expand_template(body, name, code),
        kind=kind,
    )
