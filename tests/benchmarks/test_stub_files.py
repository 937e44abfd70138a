"""The stand-in where people have files: boto3 reads its answers as it reads AWS's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.parsers import create_parser
from botocore.session import Session

from benchmarks import stub_files

MODEL = Session().get_service_model("s3").operation_model("ListObjectsV2")


def listed(objects: int, **query: Any) -> dict[str, Any]:
    """Return a page of a folder as boto3 reads it."""
    answer = stub_files.listing(f"/measured?{urlencode({'list-type': 2, **query})}", objects)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert MODEL.output_shape
    parsed: dict[str, Any] = create_parser("rest-xml").parse(
        {"status_code": 200, "headers": {}, "body": body}, MODEL.output_shape
    )
    return parsed


@pytest.mark.parametrize(("objects", "most", "pages"), [(250, 100, [100, 100, 50]), (100, 100, [100]), (0, 100, [0])])
def test_a_folder_is_listed_page_by_page_and_ends(objects: int, most: int, pages: list[int]) -> None:
    met, query, names = [], {"max-keys": most, "prefix": "id/"}, set()
    while True:
        page = listed(objects, **query)
        contents = page.get("Contents", [])
        met.append(len(contents))
        names |= {entry["Key"] for entry in contents}
        assert page["IsTruncated"] is ("NextContinuationToken" in page)
        if not page["IsTruncated"]:
            break
        query["continuation-token"] = page["NextContinuationToken"]
    assert met == pages
    assert len(names) == objects
    assert all(name.startswith("id/photo-") for name in names)


def test_the_identity_pool_gives_one_identity_and_credentials_for_an_hour() -> None:
    assert stub_files.identity("GetId", 0.0) == {"IdentityId": stub_files.IDENTITY_ID}
    answer = stub_files.identity("GetCredentialsForIdentity", 5.0)
    assert answer["Credentials"]["Expiration"] == 5.0 + stub_files.HOUR
