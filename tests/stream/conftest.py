"""What tests of several modules of the stream begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream.blobs import Blobs, open_blobs
from tests.servers.s3 import S3Server


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    """Give attachments in an empty folder, and in a bucket."""
    if request.param == "folder":
        return open_blobs(f"file://{tmp_path}/kept/here")
    server: S3Server = request.getfixturevalue("s3_server")
    bucket: str = request.getfixturevalue("s3_bucket")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret_key)
    return open_blobs(f"s3://{bucket}/pre/fix?endpoint={server.url}&region={server.region}&allow_http=true")
