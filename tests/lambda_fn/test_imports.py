"""The bot must run where only its own requirements are installed."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "lambda_fn"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
DIRECT = {"numpy", "onnxruntime", "boto3", "requests_oauthlib"}
BENEATH = {"botocore", "requests"}  # what boto3 and requests-oauthlib are made of: their errors and their settings
ALLOWED = {"lambda_fn", *DIRECT, *BENEATH, *sys.stdlib_module_names}


def imported(tree: ast.AST) -> set[str]:
    """The top-level names of the packages that a module imports, anywhere in it, by whatever means."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom():
                names.add(node.module if node.module and not node.level else "lambda_fn")
            case ast.Name(id="__import__") | ast.Attribute(attr="import_module"):
                names.add("an import by a computed name")
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_imports_only_what_the_bot_is_shipped_with(module: Path) -> None:
    assert imported(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))) - ALLOWED == set()


def test_requirements_pin_every_package_exactly() -> None:
    lines = (PACKAGE / "requirements.txt").read_text().splitlines()
    wanted = [line.partition("#")[0].strip() for line in lines]
    assert [line for line in wanted if line and line.count("==") != 1] == []


# Every room may import what stands after it, and nothing before it.
FLOORS = (
    "cut_services", "script", "__main__", "app", "commands", "display", "notes", "parts", "posting", "book", "writing",
    "storage", "prose", "settings", "story", "language", "formats", "fields", "errors",
    "spelling", "progress", "log", "__init__", "entrance",
)  # fmt: skip


def rooms_of(module: Path) -> set[str]:
    """The rooms that a module imports from, its own left out."""
    names = set()
    for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module="lambda_fn"):
                names |= {alias.name for alias in node.names} & {*FLOORS}
            case ast.ImportFrom(module=str(name)) if name.startswith("lambda_fn."):
                names.add(name.split(".")[1])
    return names - {room_of(module)}


def room_of(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_no_room_imports_from_one_above_it(module: Path) -> None:
    below = FLOORS[FLOORS.index(room_of(module)) + 1 :]
    assert rooms_of(module) <= {*below}


def test_what_posts_knows_no_network() -> None:
    beside = [module for module in MODULES if room_of(module) == "posting" and "x" not in module.parts]
    for module in beside:
        assert "posting.x" not in (PACKAGE / module).read_text(encoding="utf-8").replace("see `posting.x.account`", "")
