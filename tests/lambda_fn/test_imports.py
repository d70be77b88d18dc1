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
