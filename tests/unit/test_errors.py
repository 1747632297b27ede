import inspect

import pytest

from assistant import errors
from assistant.errors import AssistantError, PictureUnreadable

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, AssistantError)]


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_every_error_has_a_sentence_in_both_languages(error: type[AssistantError]) -> None:
    spoken = error("detail", "thing.gguf")
    assert spoken.spoken("en").endswith(".")
    assert spoken.spoken("zh").endswith("。")
    assert "{" not in spoken.spoken("en") + spoken.spoken("zh")
    assert "detail" not in spoken.spoken("en")


def test_every_error_but_the_base_owns_its_sentence() -> None:
    owners = {id(error.sentence) for error in CLASSES}
    assert len(owners) == len(CLASSES)


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_the_tree_in_the_docstring_names_every_error(error: type[AssistantError]) -> None:
    assert f" {error.__name__} " in (errors.__doc__ or "") or error is AssistantError


@pytest.mark.parametrize("error", [PictureUnreadable, *PictureUnreadable.__subclasses__()], ids=lambda c: c.__name__)
def test_a_picture_without_a_name_leaves_no_gap_in_the_sentence(error: type[AssistantError]) -> None:
    sentence = error("detail").spoken("en")
    assert "{" not in sentence
    assert "  " not in sentence
    assert " ." not in sentence
