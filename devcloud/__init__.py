"""A local AWS for development and tests: MiniStack, with what it leaves out of Amazon Cognito added."""
