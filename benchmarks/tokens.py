"""Tokens of somebody who has just signed in."""

from accounts import conf
from accounts.cognito.results import Tokens
from benchmarks.environment import PASSWORD, email


def signed_in(number: int = 0) -> Tokens:
    """Return the tokens of one of the PEOPLE."""
    tokens = conf.authentication().with_password(email(number), PASSWORD)
    if not isinstance(tokens, Tokens):
        raise TypeError("the stand-in for Cognito asks no questions")
    return tokens
