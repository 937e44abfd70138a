"""The gateway to Cognito, tested without Django's database and without a network."""
