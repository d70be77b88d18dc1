"""A bucket on moto's S3, and a road to it that can break."""

from tests.bucket import aws, road

__all__ = ["aws", "road"]
