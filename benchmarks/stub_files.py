"""What the stand-in says where people have files: the identity pool, and a bucket with one long folder in it."""

import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

IDENTITY_POOL = "AWSCognitoIdentityService"
IDENTITY_ID = "eu-west-1:0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
HOUR = 3600
# As long as AWS's own.
CREDENTIALS = {"AccessKeyId": "ASIAMEASURED12345678", "SecretKey": "s" * 40, "SessionToken": "t" * 1200}


def identity(operation: str, now: float) -> Mapping[str, Any]:
    """Return what the identity pool answers at ``now``, whoever asks: one identity, and credentials for an hour."""
    credentials = {"Credentials": {**CREDENTIALS, "Expiration": now + HOUR}} if operation != "GetId" else {}
    return {"IdentityId": IDENTITY_ID, **credentials}


def listing(target: str, objects: int) -> bytes:
    """Return the answer to ListObjectsV2, whose address is ``target``, of a folder with so many ``objects``."""
    query = {name: values[0] for name, values in parse_qs(target.partition("?")[2]).items()}
    start = int(query.get("continuation-token", 0))
    return page(query.get("prefix", ""), start, min(objects, start + int(query.get("max-keys", 1000))), objects)


@lru_cache(maxsize=4)
def page(prefix: str, start: int, end: int, objects: int) -> bytes:
    """Return a whole HTTP answer with the objects from ``start`` to ``end``."""
    entries = "".join(
        f"<Contents><Key>{prefix}photo-{number:07}.jpg</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>&quot;{number:032x}&quot;</ETag><Size>{1000 + number}</Size><StorageClass>STANDARD</StorageClass>"
        "</Contents>"
        for number in range(start, end)
    )
    more = f"<NextContinuationToken>{end:064}</NextContinuationToken>" if end < objects else ""
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>measured</Name><Prefix>{prefix}</Prefix><Delimiter>/</Delimiter><KeyCount>{end - start}</KeyCount>"
        f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}{entries}</ListBucketResult>"
    ).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(content)}\r\n"
    return f"{head}x-amz-request-id: {uuid.uuid4()}\r\n\r\n".encode() + content
