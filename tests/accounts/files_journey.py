"""A journey to one's own files, with the states that S3 and its absence have."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.accounts.traveller import Journey, a_journey


@a_journey("files", "upload_files", "replace_files", "download_file", "delete_file", "new_folder")
def files_of_ones_own(journey: Journey) -> None:
    env = journey.pool.env
    named = {"IDENTITY_POOL_ID": env["COGNITO_IDENTITY_POOL_ID"], "FILES_BUCKET": env["FILES_BUCKET"]}
    journey.configure(journey.pool, ENDPOINT_URL=journey.pool.endpoint, **named)
    journey.sign_in(journey.person())
    client = journey.client
    client.get("/files/")
    for _ in range(2):
        client.post("/files/upload/", {"in": "", "files": SimpleUploadedFile("notes.txt", b"hello")})
    pair = {"file": "notes.txt", "by": "notes (2).txt"}
    client.get("/files/replace/", pair)
    client.get("/files/download/", {"file": "notes.txt"})
    client.post("/files/replace/", {**pair, "answer": "replace"})
    client.get("/files/?bucket=another-bucket")
    client.post("/files/folder/", {"name": "Invoices"})
    client.get("/files/delete/", {"file": "notes.txt"})
    client.post("/files/delete/", {"file": "notes.txt"})
    journey.settings.COGNITO = {**journey.settings.COGNITO, "ENDPOINT_URL": "http://127.0.0.1:9"}
    client.get("/files/")
    client.post("/files/folder/", {"name": "Invoices"})
