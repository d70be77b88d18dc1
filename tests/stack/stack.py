"""The stack as CloudFormation would make it: the template, expanded by AWS's translator, its functions worked out."""

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
SAM = ROOT / ".venv" / "sam" / "bin"
ACCOUNT, REGION, NAME = "123456789012", "eu-west-1", "endless-novel"
NOTHING = object()  # AWS::NoValue
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::StackName": NAME,
    "AWS::NoValue": NOTHING,
}


def need_sam() -> None:
    """Skip the test where AWS's tools are not installed; fail it in CI."""
    if not (SAM / "python").exists():
        give_up("aws-sam-cli is not installed in .venv/sam: run `make tools`")


def give_up(reason: str) -> None:
    """Skip the test, or fail it in CI, where nothing may be left out."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def expanded() -> dict[str, Any]:
    """The template, expanded, with CloudFormation's functions in it: never change it."""
    need_sam()
    done = subprocess.run(
        [SAM / "python", Path(__file__).with_name("translate.py"), TEMPLATE, "{}"],
        env={**os.environ, "AWS_DEFAULT_REGION": REGION},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def resources(**parameters: str | int) -> dict[str, Any]:
    """Every resource that a stack with these parameters has, by its logical id, without any functions left."""
    template = expanded()
    values = {name: given["Default"] for name, given in template["Parameters"].items()}
    assert parameters.keys() <= values.keys()
    for name, value in parameters.items():
        check_parameter(name, value)
    stack = _Stack(template, {**PSEUDO, **values, **parameters})
    return {
        name: stack.resolve(resource)
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or stack.holds(resource["Condition"])
    }


def check_parameter(name: str, value: str | int) -> None:
    """What CloudFormation checks of a parameter's value; raises `ValueError`."""
    given = expanded()["Parameters"][name]
    if "AllowedPattern" in given and not re.fullmatch(given["AllowedPattern"], str(value)):
        raise ValueError(f"{name} does not match {given['AllowedPattern']}")
    if "AllowedValues" in given and str(value) not in map(str, given["AllowedValues"]):
        raise ValueError(f"{name} is none of {given['AllowedValues']}")
    if "MinValue" in given and not given["MinValue"] <= float(value) <= given["MaxValue"]:
        raise ValueError(f"{name} is not from {given['MinValue']} to {given['MaxValue']}")


def arn(kind: str, name: str) -> str:
    """The ARN of a resource that has this name."""
    match kind:
        case "AWS::S3::Bucket":
            return f"arn:aws:s3:::{name}"
        case "AWS::IAM::Role":
            return f"arn:aws:iam::{ACCOUNT}:role/{name}"
        case "AWS::Logs::LogGroup":
            return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"
        case "AWS::SQS::Queue":
            return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        case "AWS::SNS::Topic":
            return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
        case "AWS::Lambda::Function":
            return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    raise ValueError(f"{kind} has no ARN here")


class _Stack:
    """CloudFormation's functions over one set of parameters."""

    def __init__(self, template: dict[str, Any], values: dict[str, Any]) -> None:
        self._template, self._values = template, values

    def holds(self, condition: str) -> bool:
        return bool(self.resolve(self._template["Conditions"][condition]))

    def resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for each in node if (value := self.resolve(each)) is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            match name:
                case "Ref":
                    return self._reference(argument)
                case "Fn::GetAtt":
                    return self._attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
                case "Fn::Sub":
                    return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", lambda found: str(self._named(found[1])), argument)
                case "Fn::If":
                    return self.resolve(argument[1] if self.holds(argument[0]) else argument[2])
                case "Fn::Equals":
                    return self.resolve(argument[0]) == self.resolve(argument[1])
                case "Fn::Not":
                    return not self.resolve(argument[0])
            assert not name.startswith("Fn::"), name
        found = {key: self.resolve(value) for key, value in node.items()}
        return {key: value for key, value in found.items() if value is not NOTHING}

    def _named(self, name: str) -> Any:
        return self._attribute(*name.split(".", 1)) if "." in name else self._reference(name)

    def _reference(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        properties = self._template["Resources"][name].get("Properties", {})
        match self._template["Resources"][name]["Type"]:
            case "AWS::Logs::LogGroup":
                return self.resolve(properties["LogGroupName"])
            case "AWS::Lambda::Function":
                return self.resolve(properties["FunctionName"])
            case "AWS::SNS::Topic":
                return arn("AWS::SNS::Topic", _physical(name))
        return _physical(name)

    def _attribute(self, name: str, attribute: str) -> str:
        kind = self._template["Resources"][name]["Type"]
        plain = _physical(name) if kind == "AWS::SNS::Topic" else self._reference(name)
        return plain if attribute == "QueueName" else arn(kind, plain)


def _physical(logical: str) -> str:
    """A name as CloudFormation makes them: StoryBucket → endless-novel-storybucket."""
    return f"{NAME}-{logical.lower()}"
