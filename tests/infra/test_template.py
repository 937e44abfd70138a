from __future__ import annotations

from typing import Any

import pytest
import yaml
from cfnlint.decode import cfn_yaml

from infra.errors import Misused
from infra.template import COGNITO, Template, _Loader


def plain(value: Any) -> Any:
    """Return what cfn-lint decoded as plain data."""
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def test_the_template_is_read_as_cfn_lint_reads_it() -> None:
    ours = yaml.load(COGNITO.read_text(), _Loader)  # noqa: S506
    theirs = plain(cfn_yaml.load(str(COGNITO)))
    assert ours["Parameters"] == theirs["Parameters"]
    assert ours["Conditions"] == theirs["Conditions"]
    assert ours["Rules"] == theirs["Rules"]


def test_no_tag_makes_an_object() -> None:
    with pytest.raises(yaml.YAMLError):
        Template.parse("Parameters: {Name: !!python/object/apply:os.getcwd []}")


def test_defaults_are_texts_and_a_parameter_may_have_none() -> None:
    template = Template.parse("Parameters: {Port: {Type: Number, Default: 8000}, Name: {Type: String}}")
    assert template.parameters == {"Port": "8000", "Name": None}


@pytest.mark.parametrize(
    ("name", "meant"),
    [("SiteURL", "Is SiteUrl meant"), ("Colour", "There are: Environment"), ("Enviroment", "Is Environment meant")],
)
def test_a_name_that_no_parameter_has_is_refused_with_the_one_that_is_meant(name: str, meant: str) -> None:
    with pytest.raises(Misused, match=f"no parameter {name}. .*{meant}"):
        Template.read().refuse_unknown(["SiteUrl", name])


def test_names_that_parameters_have_are_not_refused() -> None:
    Template.read().refuse_unknown(["SiteUrl", "Environment"])
