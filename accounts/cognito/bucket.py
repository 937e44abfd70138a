"""Objects in S3, read and written with the credentials of the person whose call it is: IAM decides what they may."""

from typing import IO, Any
from urllib.parse import quote

from accounts.cognito.client import CallersCredentials, Gateway
from accounts.cognito.config import CognitoConfig
from accounts.cognito.errors import AccessDenied
from accounts.cognito.results import AwsCredentials, ObjectPage, StoredObject

DELETED_AT_ONCE = 1000  # objects, the most that S3 lists and deletes at once


class Bucket(Gateway):
    """S3, by one client for everybody. Each method says whose call it is and which bucket it is about.

    All raise AccessDenied, CredentialsRefused, Unavailable, Misconfigured, and InputRejected for names S3 cannot take.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
    """

    def __init__(self, client: Any, config: CognitoConfig, credentials: CallersCredentials) -> None:
        super().__init__(client, config)
        self._credentials = credentials

    def list(self, person: AwsCredentials, bucket: str, prefix: str, *, token: str = "", most: int = 100) -> ObjectPage:
        """Return one page, of ``most`` entries, of what lies right under ``prefix``; ``token`` asks for a later one.

        Raises InputRejected for a token that S3 did not make.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
        """
        with self._credentials.holding(person):
            answer = self._call(
                "ListObjectsV2",
                Bucket=bucket,
                Prefix=prefix,
                Delimiter="/",
                MaxKeys=most,
                ContinuationToken=token or None,
            )
        return ObjectPage(
            tuple(entry["Prefix"] for entry in answer.get("CommonPrefixes", [])),
            tuple(
                StoredObject(entry["Key"], entry["Size"], entry["LastModified"]) for entry in answer.get("Contents", [])
            ),
            answer.get("NextContinuationToken", ""),
        )

    def find(self, person: AwsCredentials, bucket: str, key: str) -> None:
        """Look whether there is an object. Raises ObjectNotFound.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        with self._credentials.holding(person):
            self._call("HeadObject", Bucket=bucket, Key=key)

    def put_new(self, person: AwsCredentials, bucket: str, key: str, body: IO[bytes] | bytes) -> None:
        """Write ``body`` as a new object, in one step with seeing that there is none. Raises ObjectExists.

        A file is read piece by piece, once to sign it and once to send it.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        with self._credentials.holding(person):
            self._call("PutObject", Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")

    def copy(self, person: AwsCredentials, bucket: str, source: str, key: str) -> None:
        """Write what ``source`` holds as ``key``, in the place of what is there. Raises ObjectNotFound.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        """
        with self._credentials.holding(person):
            self._call("CopyObject", Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": source})

    def delete(self, person: AwsCredentials, bucket: str, key: str) -> None:
        """Delete an object; one that is not there is no mistake.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
        """
        with self._credentials.holding(person):
            self._call("DeleteObject", Bucket=bucket, Key=key)

    def delete_page(self, person: AwsCredentials, bucket: str, prefix: str) -> bool:
        """Delete up to a thousand objects whose keys begin with ``prefix``; return whether there are more.

        What is deleted is listed no more, so each page is the first one, and nothing is kept from one to the next.
        Raises AccessDenied where S3 leaves one of them.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
        """
        with self._credentials.holding(person):
            page = self._call("ListObjectsV2", Bucket=bucket, Prefix=prefix, MaxKeys=DELETED_AT_ONCE)
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
            if keys:
                done = self._call("DeleteObjects", Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
                if left := done.get("Errors"):
                    raise AccessDenied("DeleteObjects", str(left[0].get("Code", "")))
        return bool(keys and page.get("IsTruncated"))

    def download_url(self, person: AwsCredentials, bucket: str, key: str, *, name: str, seconds: int) -> str:
        """Return an address that gives the object to whoever has it for so many ``seconds``, as a file called ``name``.

        It is made without a call. In it are the person's key id and session token, but not the secret to sign with.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html
        """
        with self._credentials.holding(person):
            url: str = self._client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": bucket,
                    "Key": key,
                    # RFC 6266 and RFC 8187: a name of any letters, and never a page that a browser would show.
                    "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
                    "ResponseContentType": "application/octet-stream",
                },
                ExpiresIn=seconds,
            )
        return url
