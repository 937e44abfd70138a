"""Text messages that this site sends itself, where it makes the accounts: Cognito sends none but its own codes."""

from accounts.cognito.client import Gateway

# Delivered before advertising, and meant for codes: https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
TRANSACTIONAL = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}


class TextMessages(Gateway):
    """SNS, for messages to numbers. The client must be a signed one."""

    def send(self, number: str, words: str) -> None:
        """Send ``words`` to ``number``, which is in E.164 form. Once: a message that went out is paid for.

        Raises Misconfigured where the key lacks the permission, Unavailable (Throttled is one).
        https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
        """
        self._call("Publish", PhoneNumber=number, Message=words, MessageAttributes=TRANSACTIONAL)
