"""Amazon Cognito and its tokens, without Django.

``config`` says which pool; ``authentication``, ``user_pool``, ``user_account`` and ``directory`` call it, by who may:
anybody, a signed-in person, or a holder of an AWS key; ``answers`` reads what comes back into the values of
``results``; ``verifier`` decides whether a token is genuine; ``errors`` is what can go wrong.
"""
