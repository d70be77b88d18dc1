from lambda_fn import errors


def kinds() -> list[type]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type)]


def test_every_error_can_be_caught_as_a_story_error() -> None:
    assert [kind for kind in kinds() if not issubclass(kind, errors.StoryError)] == []


def test_the_tree_at_the_top_of_the_module_shows_every_error() -> None:
    drawn = str(errors.__doc__)
    assert [kind.__name__ for kind in kinds() if kind.__name__ not in drawn] == []
