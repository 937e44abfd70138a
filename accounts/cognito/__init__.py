"""Amazon Cognito and its tokens, without Django.

``config`` says which pool; ``user_pool``, ``user_account`` and ``directory`` call it, by who may: anybody, a signed-in
person, or a holder of an AWS key; ``verifier`` decides whether a token is genuine; ``errors`` is what can go wrong.
"""
