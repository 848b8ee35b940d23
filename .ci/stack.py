"""The stack that CloudFormation would make of template.yaml with given parameters: SAM's transform by SAM's own
library, then the conditions and the functions of CloudFormation that the template uses."""

import copy
import functools
import logging
import pathlib
import re

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = pathlib.Path("template.yaml")
PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "us-west-2",
    "AWS::StackName": "liftgate",
    "AWS::URLSuffix": "amazonaws.com",
}
# Stands for a member that is not there.
NO_VALUE = object()

# SAM's library logs features and metrics of the service.
logging.disable()


# Reading takes longer than all else. Nobody changes what is read.
parsed = functools.cache(yaml_parse)


def defaults():
    parameters = parsed(TEMPLATE.read_text())["Parameters"]
    return {name: str(parameter["Default"]) for name, parameter in parameters.items()}


def transformed(source, parameters):
    """The template that SAM makes of the parsed one."""
    source = copy.deepcopy(source)
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # sam deploy sets a URI too; no code is there.
            resource["Properties"]["CodeUri"] = "s3://bucket/code.zip"
    return Translator({}, Parser()).translate(source, dict(parameters))


@functools.cache
def deployed_text(text, parameters):
    return Stack(parsed(text), dict(parameters))


def deployed(text=None, **changed):
    """The stack of the template, with its parameters' defaults but for those given."""
    parameters = defaults() | changed
    return deployed_text(text or TEMPLATE.read_text(), tuple(sorted(parameters.items())))


class Stack:
    """Resources and outputs as deployed: those whose condition holds, with every condition decided."""

    def __init__(self, source, parameters):
        self.source, self.parameters = source, parameters
        self.template = transformed(source, parameters)
        self.conditions = self.template.get("Conditions", {})
        self.resources = self.there("Resources")
        self.outputs = self.there("Outputs")

    def there(self, section):
        return {
            name: self.value(it)
            for name, it in self.template[section].items()
            if "Condition" not in it or self.holds(it["Condition"])
        }

    def of_type(self, kind):
        return {name: it.get("Properties", {}) for name, it in self.resources.items() if it["Type"] == kind}

    def missing(self):
        """Yields the resources that a resource or an output names, and that are not in the stack."""
        for user, it in (self.resources | self.outputs).items():
            depends_on = it.get("DependsOn", [])
            names = {*([depends_on] if isinstance(depends_on, str) else depends_on), *named(it)}
            yield from (f"{user} names {name}, which is not there" for name in sorted(names - self.resources.keys()))

    def holds(self, condition):
        if isinstance(condition, str):
            return self.holds(self.conditions[condition])
        [(function, operands)] = condition.items()
        match function:
            case "Condition":
                return self.holds(operands)
            case "Fn::Not":
                return not self.holds(operands[0])
            case "Fn::And":
                return all(map(self.holds, operands))
            case "Fn::Or":
                return any(map(self.holds, operands))
            case "Fn::Equals":
                first, second = map(self.value, operands)
                return str(first) == str(second)
        raise AssertionError(f"the condition {function} is not known here")

    def value(self, it):
        """Decides conditions and fills in parameters; what only AWS knows stays as it is."""
        if isinstance(it, list):
            return [value for value in map(self.value, it) if value is not NO_VALUE]
        if not isinstance(it, dict):
            return it
        if len(it) == 1:
            [(function, operand)] = it.items()
            known = self.function(function, operand)
            if known is not None:
                return known
        members = {name: self.value(value) for name, value in it.items()}
        return {name: value for name, value in members.items() if value is not NO_VALUE}

    def function(self, function, operand):
        match function:
            case "Fn::If":
                condition, yes, no = operand
                return self.value(yes if self.holds(condition) else no)
            case "Ref" if operand == "AWS::NoValue":
                return NO_VALUE
            case "Ref":
                return (self.parameters | PSEUDO).get(operand)
            case "Fn::Join":
                separator, values = operand[0], self.value(operand[1])
                values = values.split(",") if isinstance(values, str) else values
                return separator.join(values) if all(isinstance(value, str) for value in values) else None
            case "Fn::Split":
                text = self.value(operand[1])
                return text.split(operand[0]) if isinstance(text, str) else None
            case "Fn::Sub":
                text, names = operand if isinstance(operand, list) else (operand, {})
                for name, value in (self.parameters | PSEUDO | self.value(names)).items():
                    text = text.replace(f"${{{name}}}", value) if isinstance(value, str) else text
                return text
        return None


def named(it):
    """Yields the names of the resources that a decided value refers to."""
    if isinstance(it, list):
        for value in it:
            yield from named(value)
    elif isinstance(it, dict):
        for name, value in it.items():
            if name == "Ref":
                yield value
            elif name == "Fn::GetAtt":
                yield value[0] if isinstance(value, list) else value.split(".")[0]
            elif name == "Fn::Sub":
                text = value if isinstance(value, str) else value[0]
                yield from re.findall(r"\$\{([A-Za-z0-9]+)", text)
                yield from () if isinstance(value, str) else named(value[1])
            else:
                yield from named(value)
    elif isinstance(it, str):
        # What is left of a text once the parameters are filled in.
        yield from re.findall(r"\$\{([A-Z][A-Za-z0-9]+)[.}]", it)
