"""Which of somebody's ways to confirm a sign-in comes first, and going over to another one.

Cognito asks for the choice (SELECT_MFA_TYPE) where people have several second steps and prefer none. The site chooses,
so that nobody is stopped by a question, and leaves the choice open as long as it can: Cognito takes each session once,
but a code of an app needs none until it is there (docs/adr/0048).
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
"""

from dataclasses import asdict, replace

from django.http import HttpRequest

from accounts import challenges, client_address, conf, last_used, limits
from accounts.cognito.challenges import ChallengeName
from accounts.cognito.errors import NotAuthorized, Refused
from accounts.cognito.factors import Factor
from accounts.cognito.results import Challenge
from accounts.models import CameBy
from accounts.sessions.pending import PendingChallenge

# What is asked first of people of whom this browser remembers nothing.
FIRST = (Factor.TOTP, Factor.SMS, Factor.EMAIL)
# What is answered together with the choice: nothing has to be sent for it, and Cognito asks for nothing in between.
WITH_THE_CHOICE = (ChallengeName.PASSWORD, ChallengeName.SOFTWARE_TOKEN_MFA)
CHOICES = (ChallengeName.SELECT_CHALLENGE, ChallengeName.SELECT_MFA_TYPE)


def is_choice(pending: PendingChallenge) -> bool:
    """Whether ``pending`` asks for nothing but a choice."""
    return pending.asked in CHOICES


def choice_of(pending: PendingChallenge) -> Challenge | None:
    """Return the question at which ``pending`` was chosen, or is to be; None where nothing was left to choose."""
    if pending.name in CHOICES:
        return pending.challenge
    return Challenge(**{**pending.choice, "available": tuple(pending.choice["available"])}) if pending.choice else None


def begun(request: HttpRequest, pending: PendingChallenge) -> PendingChallenge:
    """Return what to ask for ``pending``: one of the second steps where it leaves the choice, else itself.

    It is the one that was last used in this browser, else the first of FIRST. Where Cognito does not take the choice,
    the person makes it.
    """
    if pending.name != ChallengeName.SELECT_MFA_TYPE:
        return pending
    offered = {Factor.named(way): way for way, _label in challenges.factors_to_choose(pending.challenge)}
    first = next((factor for factor in (last_used.second_step(request), *FIRST) if factor in offered), None)
    if first is None:
        return pending
    try:
        return gone_over(request, pending, offered[first])
    except Refused:
        return pending


def gone_over(request: HttpRequest, pending: PendingChallenge, way: str) -> PendingChallenge:
    """Return what is asked once ``way`` is chosen in place of what ``pending`` asks.

    A choice that Cognito has taken before is sent again. Raises Refused, as a rule, where Cognito has taken it once.
    """
    if challenges.plain(way) == challenges.plain(pending.asked):
        return pending
    if pending.name in CHOICES and way in WITH_THE_CHOICE:
        return replace(pending, chosen=challenges.plain(way))
    return chosen_at_cognito(request, pending, way)


def chosen_at_cognito(request: HttpRequest, pending: PendingChallenge, way: str) -> PendingChallenge:
    """Have Cognito ask for ``way``, which may send a code; return its question. Raises Refused."""
    choice = choice_of(pending)
    if choice is None:
        raise NotAuthorized("RespondToAuthChallenge")
    known = challenges.supported(challenges.plain(way))
    if known and known.code_sent:
        limits.code_was_sent()
    asked = conf.authentication().answer(choice, {"ANSWER": way}, client_address.context(request))
    if not isinstance(asked, Challenge):
        raise NotAuthorized("RespondToAuthChallenge")
    following = PendingChallenge.of(
        asked,
        typed=pending.typed,
        next_url=pending.next_url,
        came_by=pending.came_by,
        second_step=pending.second_step,
    )
    return replace(following, choice=asdict(choice))


def sent_again(request: HttpRequest, pending: PendingChallenge) -> PendingChallenge:
    """Return the question of ``pending`` with another code sent for it.

    Cognito sends one where a choice can be made again. For the code after a password there is nothing that could:
    https://github.com/aws-amplify/amplify-js/issues/6676. Raises Refused.
    """
    choice = choice_of(pending)
    if choice is not None:
        named = {challenges.plain(way): way for way in choice.listed("MFAS_CAN_CHOOSE")}
        return chosen_at_cognito(request, pending, named.get(challenges.plain(pending.name), pending.name))
    if pending.came_by != CameBy.CHOICE:
        raise NotAuthorized("InitiateAuth")
    limits.code_was_sent()
    context = client_address.context(request)
    asked = conf.authentication().with_choice(pending.typed, context, preferred=pending.name)
    if not isinstance(asked, Challenge) or asked.name != pending.name:
        raise NotAuthorized("InitiateAuth")
    return PendingChallenge.of(asked, typed=pending.typed, next_url=pending.next_url, came_by=pending.came_by)
