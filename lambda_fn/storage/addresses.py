"""What STORY_URI and MODEL_URI may be: s3://…, which `s3` reads, or the path of a folder, which is read here."""

import re
import unicodedata
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from lambda_fn.errors import SettingError

# What would be taken for the path of a folder, where an address of something else was meant.
_SCHEME = re.compile(
    r".*://|(arn|s3|s3a|s3n|gs|gcs|az|abfss?|adl|wasbs?|r2|b2|oss|cos|minio|hdfs|dbfs|https?|ftps?|file|data|git):"
    r"|s3[an]?(\W{0,3}//|\s*[:;])|https?\W{0,2}//|[a-z0-9.-]+\.amazonaws\.com(\.cn)?(/|$)",
    re.IGNORECASE,
)
_S3 = re.compile(r"s3[an]?(\s*[:;][\s/]*|\W{0,3}//+)(?P<place>.*)", re.IGNORECASE)
_WITHIN = re.compile(
    r"(?<=\W)s3[an]?:/.*|(?<=/)(arn|s3[an]?)\s*[:;].*", re.IGNORECASE
)  # an address after something else
_SERVER = re.compile(
    r"(https?://)?((localhost|\[[0-9a-f:]+\]|[\w-]+(\.[\w-]+)+):\d+|[\w-]+:\d{4,5}(?=/))(/(?P<place>.*))?",
    re.IGNORECASE,
)
_ARN = re.compile(r"arn:[a-z-]+:s3:::(?P<place>.*)", re.IGNORECASE)
_OF_BUCKET = re.compile(r"(?P<bucket>.+)\.s3[.-]([a-z0-9-]+\.)*amazonaws\.com(\.cn)?", re.IGNORECASE)
_OF_S3 = re.compile(r"s3[.-]([a-z0-9-]+\.)*amazonaws\.com(\.cn)?", re.IGNORECASE)
_CONSOLE = re.compile(r"([a-z0-9-]+\.)*console\.(aws\.amazon\.com|amazonaws\.cn)", re.IGNORECASE)
_QUOTED = re.compile(r"""(["']).*\1|[‘‚‛].*|’.*’|.*[“”„‟«»‹›＂].*""", re.DOTALL)
_VARIABLE = re.compile(r"(^|/)(\$[A-Za-z_{(]|%\w+%)")


def folder_at(text: str, setting: str, on_s3: str = "s3://bucket/prefix") -> Path:
    """The folder that a setting names: folder_at("~/novel", "STORY_URI") → Path("/home/me/novel").

    Raises `SettingError` for what is not a path, or would be one by mistake, such as s3:/bucket; it names the setting,
    what is allowed, and usually what was meant.
    """
    allowed = f"{setting} must be the path of a folder or {on_s3}, not {text!r}"
    mistake = _mistake(text)
    if mistake is not None:
        raise SettingError(f"{allowed}: {mistake}" if mistake else allowed)
    try:
        return Path(text).expanduser() if text.startswith("~") else Path(text)
    except RuntimeError:  # of a user who has none, as in a container without /etc/passwd
        raise SettingError(f"{allowed}: nobody's home is {Path(text).parts[0]} here, write the path out") from None


def _mistake(text: str) -> str | None:
    """What is wrong with a path, and what would be right ("": nothing more can be said); None: nothing is wrong."""
    if not text.strip() or "\0" in text:
        return ""
    if text != text.strip():
        return "there is white space at its beginning or end"
    if any(character < " " or character == "\x7f" for character in text):
        return "it holds characters that cannot be seen"
    if _QUOTED.fullmatch(text):
        return "write it without the quotation marks"
    if "`" in text:
        return "no command is run here, write the path out, without `"
    if re.search("[<>]", text):
        return "what stands in < > is to be filled in, write the name itself"
    if _VARIABLE.search(text):
        return "no variable is filled in here, write the path out"
    if re.match(r"[A-Za-z]:[\\/]", text):
        return f"this is no Windows, where WSL has it as {_in_wsl(text)}"
    if text.startswith("\\\\"):
        return "this is no Windows, write the path under which the share is mounted"
    if "\\" in text:
        right = re.sub(r"\\+(?! )", "/", text).replace("\\ ", " ")
        otherwise = _mistake(right)
        return f"write {right}" if otherwise is None else otherwise
    if assigned := re.match(r"(export )?(STORY|MODEL)_URI\s*=", text):
        return f"write what follows the {assigned.group()[-1]} alone"
    text = unicodedata.normalize("NFKC", text)
    if within := _WITHIN.search(text):
        text = within.group()
    if server := _SERVER.fullmatch(text):
        place = (server["place"] or "").strip("/")
        return f"name the server in AWS_ENDPOINT_URL, and write s3://{place or 'bucket/prefix'}"
    if not _SCHEME.match(text):
        return None
    if text.lower().startswith("file:"):
        return f"write {_of_file(text)}"
    place = _on_s3(text)
    return "" if place is None else f"write {place}"


def _in_wsl(text: str) -> str:
    """_in_wsl("C:\\\\novel") → "/mnt/c/novel"."""
    return f"/mnt/{text[0].lower()}/" + text[3:].replace("\\", "/")


def _of_file(text: str) -> str:
    """_of_file("file:///my%20novel") → "/my novel"."""
    rest = text[len("file:") :]
    return unquote(re.sub("^//(localhost)?(?=/)", "", rest)) or "the path alone"


def _on_s3(text: str) -> str | None:
    """Where on S3 this would be, as s3://…, if that is clear."""
    if found := _S3.fullmatch(text) or _ARN.fullmatch(text):
        place = found["place"].strip("/")
        return f"s3://{place}" if place else "s3://bucket/prefix"
    if text.lower().startswith("arn:"):  # of an access point, say
        return "s3://bucket/prefix"
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return None
    host, path = parts.netloc.rpartition("@")[2].partition(":")[0], unquote(parts.path).strip("/")
    if found := _OF_BUCKET.fullmatch(host):
        return f"s3://{found['bucket']}/{path}".rstrip("/")
    if _OF_S3.fullmatch(host):
        return f"s3://{path or 'bucket/prefix'}"
    if _CONSOLE.fullmatch(host):
        bucket, prefix = path.rpartition("buckets/")[2], parse_qs(parts.query).get("prefix", [""])[0].strip("/")
        return f"s3://{bucket or 'bucket'}/{prefix}".rstrip("/")
    return None
