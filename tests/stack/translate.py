"""Expand a template with AWS's own translator, where that is installed: `python translate.py TEMPLATE PARAMETERS`.

PARAMETERS is a JSON object of those that differ from their defaults. The expanded template goes to standard output as
JSON, with the functions of CloudFormation (`Ref`, `Fn::If`, …) left in it.
"""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class _NoManagedPolicies:
    """The template names none of AWS's managed policies, so nobody has to be asked for them."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> None:
    """Print the template of the first argument, expanded."""
    template = yaml_parse(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for resource in template["Resources"].values():  # as `sam deploy` does once it has uploaded the package
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://uploads/package.zip"
    json.dump(transform(template, json.loads(sys.argv[2]), _NoManagedPolicies()), sys.stdout)


if __name__ == "__main__":
    main()
