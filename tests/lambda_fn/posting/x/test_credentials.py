import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import SettingError
from lambda_fn.posting.x.credentials import FIELDS, VARIABLES, Credentials, load_credentials

VALUES = {
    "consumer_key": "Key0fTheApp",
    "consumer_secret": "SecretOfTheApp",
    "access_token": "77-TokenOfTheAccount",
    "access_token_secret": "SecretOfTheAccount",
}
CREDENTIALS = Credentials(**VALUES)
ENVIRONMENT = {VARIABLES[field]: value for field, value in VALUES.items()}


def refusal(text: str) -> str:
    """What a text is refused with; the error must not carry another that carries the text."""
    with pytest.raises(SettingError) as caught:
        Credentials.parse(text, "the parameter /story/x")
    assert caught.value.__context__ is None
    return str(caught.value)


def without(field: str) -> dict[str, str]:
    return {name: value for name, value in VALUES.items() if name != field}


def test_credentials_are_read_from_json() -> None:
    assert Credentials.parse(json.dumps(VALUES), "here") == CREDENTIALS


def test_the_account_is_the_number_that_the_access_token_begins_with() -> None:
    assert CREDENTIALS.user_id == "77"


def test_credentials_are_read_from_the_four_variables() -> None:
    assert load_credentials(ENVIRONMENT) == CREDENTIALS


def test_credentials_show_no_secret_of_theirs() -> None:
    assert repr(CREDENTIALS) == str(CREDENTIALS) == "Credentials(user_id='77')"


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_field_is_named(field: str) -> None:
    assert refusal(json.dumps(without(field))) == f"the parameter /story/x: {field} is missing"


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_stands_there_twice_is_refused(field: str) -> None:
    text = json.dumps(VALUES)[:-1] + f', "{field}": "{VALUES[field]}"}}'
    assert refusal(text) == "the parameter /story/x has a field twice"


@pytest.mark.parametrize("field", FIELDS)
def test_an_empty_field_is_missing(field: str) -> None:
    assert refusal(json.dumps({**VALUES, field: ""})) == f"the parameter /story/x: {field} is missing"


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [" {}", "{}\n", "{} {}", "{}\u00a0", "{}é", "“{}”", "\u200b{}"])
def test_a_field_with_white_space_or_strange_characters_is_named_and_not_shown(field: str, value: str) -> None:
    message = refusal(json.dumps({**VALUES, field: value.replace("{}", VALUES[field])}))
    assert message == f"the parameter /story/x: {field} must be printable ASCII without white space, as X shows it"


@pytest.mark.parametrize("value", [7, ["a"], {"a": "b"}, True])
def test_a_field_that_is_no_text_is_named(value: Any) -> None:
    assert "consumer_secret must be" in refusal(json.dumps({**VALUES, "consumer_secret": value}))


@pytest.mark.parametrize("token", ["TokenOfTheAccount", "-77", "77", "x77-Token", "٧٧-Token"])
def test_an_access_token_without_an_account_is_refused(token: str) -> None:
    message = refusal(json.dumps({**VALUES, "access_token": token}))
    assert "access_token must" in message
    assert token not in message


def test_a_field_of_another_name_is_refused_and_not_shown() -> None:
    message = refusal(json.dumps({**VALUES, "SecretInAWrongPlace": "x"}))
    assert message == f"the parameter /story/x has other fields than {', '.join(FIELDS)}"


@pytest.mark.parametrize("text", ["", "SecretOfTheApp", '{"consumer_key": "SecretOfTheApp"', "[]", "null", "[" * 9999])
def test_what_is_no_json_object_is_refused_and_not_shown(text: str) -> None:
    assert refusal(text) == f"the parameter /story/x must be a JSON object with the fields {', '.join(FIELDS)}"


def test_without_credentials_the_error_says_what_to_set() -> None:
    with pytest.raises(SettingError) as caught:
        load_credentials({"X_CREDENTIALS": "", "X_CONSUMER_KEY": ""})
    for name in ("X_CREDENTIALS", "make credentials", *VARIABLES.values()):
        assert name in str(caught.value)


@pytest.mark.parametrize("variable", VARIABLES.values())
def test_a_missing_variable_is_named(variable: str) -> None:
    with pytest.raises(SettingError, match=rf"\A{variable} is missing\Z"):
        load_credentials({**ENVIRONMENT, variable: ""})


def test_keys_given_as_the_name_of_a_parameter_are_refused_and_not_shown() -> None:
    with pytest.raises(SettingError, match="X_CREDENTIALS must be the name of a parameter") as caught:
        load_credentials({"X_CREDENTIALS": json.dumps(VALUES)})
    assert not any(value in str(caught.value) for value in VALUES.values())


@given(
    st.dictionaries(st.sampled_from([*FIELDS, "other"]), st.sampled_from([*VALUES.values(), " SecretOfTheApp", 5, ""]))
)
def test_no_refusal_shows_a_secret(content: dict[str, Any]) -> None:
    try:
        Credentials.parse(json.dumps(content), "here")
    except SettingError as problem:
        told = "".join(traceback.format_exception_only(problem))
        assert not any(value in told for value in VALUES.values())


def test_the_words_of_others_are_shown_without_secrets_and_signatures() -> None:
    said = 'no 77-TokenOfTheAccount: OAuth oauth_nonce="12", oauth_signature="a%2Fb%3D", was oauth_token=77&x for you'
    assert CREDENTIALS.conceal(said) == "no …: OAuth …, …, was …&x for you"


def test_a_secret_is_hidden_also_as_it_stands_in_a_header() -> None:
    credentials = Credentials(**{**VALUES, "consumer_secret": "a/b+c="})
    assert credentials.conceal("a/b+c= and a%2Fb%2Bc%3D") == "… and …"
