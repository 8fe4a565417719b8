"""Applications: their routes, the hook before routing, and the answers to exceptions of their handlers."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import pytest
from werkzeug.test import Client

from pytest_doctor_maint.simtime.http import Answer, App, ErrorAnswer, HttpError, Request, route, with_its_status


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Missing(LookupError):
    pass


class Shelf(App):
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {ValueError: 400, Missing: 404}

    @route("GET", "/raise/<name>")
    def fail(self, request: Request, name: str) -> Answer:
        raise {
            "value": ValueError("no number"),
            "unicode": UnicodeError("no text"),
            "missing": Missing("no book"),
            "key": KeyError("unlisted"),
            "refused": Refused(409, "it is lent"),
            "http": HttpError(418, "short and stout"),
        }[name]


class LockedShelf(Shelf):
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {
        Missing: lambda error, request: HttpError(410, f"{error}, {request.method}", headers={"X-Seen": "yes"}),
        LookupError: 423,
        Refused: with_its_status,
    }

    def before_routing(self, request: Request) -> None:
        if request.path != "/" and "X-Key" not in request.headers:
            raise HttpError(401, "a key is needed")
        if request.headers.get("X-Key") == "bent":
            raise Refused(403, "the key is bent")

    @route("GET", "/")
    def entrance(self, request: Request) -> Answer:
        return {"open": True}


# -- answers to exceptions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("value", 400, "no number"),
        ("unicode", 400, "no text"),
        ("missing", 404, "no book"),
        ("http", 418, "short and stout"),
    ],
)
def test_a_listed_exception_and_its_subclasses_are_answered_with_their_status(
    name: str, status: int, message: str
) -> None:
    answer = Client(Shelf()).get(f"/raise/{name}")
    assert (answer.status_code, answer.json) == (status, {"error": message})


def test_an_exception_that_is_not_listed_leaves_the_application() -> None:
    with pytest.raises(KeyError):
        Client(Shelf()).get("/raise/key")
    with pytest.raises(Refused):
        Client(Shelf()).get("/raise/refused")


def test_a_subclass_adds_to_the_answers_of_its_base_and_replaces_them() -> None:
    client, key = Client(LockedShelf()), {"X-Key": "good"}
    assert client.get("/raise/value", headers=key).status_code == 400
    assert client.get("/raise/refused", headers=key).status_code == 409
    answer = client.get("/raise/missing", headers=key)
    assert (answer.status_code, answer.json, answer.headers["X-Seen"]) == (410, {"error": "no book, GET"}, "yes")


def test_the_most_specific_type_decides_wherever_it_is_listed() -> None:
    class Outer(Shelf):
        errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {LookupError: 500}

    client = Client(Outer())
    assert client.get("/raise/missing").status_code == 404
    assert client.get("/raise/key").status_code == 500


# -- in front of the routes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("PUT", "/raise/value"), ("GET", "/raise/value")])
def test_what_is_refused_before_routing_is_refused_whether_there_is_a_route_or_not(method: str, path: str) -> None:
    answer = Client(LockedShelf()).open(path, method=method)
    assert (answer.status_code, answer.json) == (401, {"error": "a key is needed"})


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/raise/value", 405), ("GET", "/raise/value", 400)]
)
def test_what_passes_before_routing_is_routed(method: str, path: str, status: int) -> None:
    assert Client(LockedShelf()).open(path, method=method, headers={"X-Key": "good"}).status_code == status


def test_a_path_that_needs_no_key_is_reached_without_one() -> None:
    assert Client(LockedShelf()).get("/").json == {"open": True}


def test_an_exception_before_routing_is_answered_like_one_of_a_handler() -> None:
    answer = Client(LockedShelf()).get("/nowhere", headers={"X-Key": "bent"})
    assert (answer.status_code, answer.json) == (403, {"error": "the key is bent"})


# -- routes that get lost ----------------------------------------------------------------------------------------------


class Books(App):
    @route("GET", "/books")
    def show(self, request: Request) -> Answer:
        return {"from": "Books"}


class Maps(App):
    @route("GET", "/maps")
    def show(self, request: Request) -> Answer:
        return {"from": "Maps"}


def test_a_handler_that_hides_the_handler_of_another_mixin_is_refused() -> None:
    class Library(Books, Maps):
        pass

    with pytest.raises(TypeError, match=r"Books.show hides the handler Maps.show and drops its route GET /maps"):
        Library()


@pytest.mark.parametrize("serve", [route("GET", "/others"), route("PUT", "/books"), lambda handler: handler])
def test_an_overriding_method_that_does_not_serve_the_same_route_is_refused(
    serve: Callable[[Callable[..., Answer]], Callable[..., Answer]],
) -> None:
    class Other(Books):
        @serve
        def show(self, request: Request) -> Answer:
            return None

    with pytest.raises(TypeError, match=r"Other.show hides the handler .*Books.show and drops its route GET /books"):
        Other()


def test_an_overriding_method_with_the_same_route_is_the_handler() -> None:
    class Other(Books):
        @route("GET", "/more")
        @route("GET", "/books")
        def show(self, request: Request) -> Answer:
            return {"from": "Other"}

    client = Client(Other())
    assert client.get("/books").json == client.get("/more").json == {"from": "Other"}


def test_two_handlers_of_one_route_are_refused() -> None:
    class Other(Books):
        @route("GET", "/books/")
        def show_again(self, request: Request) -> Answer:
            return None

    with pytest.raises(TypeError, match="Other: the handlers show and show_again both serve GET /books"):
        Other()


def test_names_of_values_do_not_tell_routes_apart_but_their_kinds_and_methods_do() -> None:
    class Fine(App):
        @route("GET", "/<int:number>")
        def by_number(self, request: Request, number: int) -> Answer:
            return {"number": number}

        @route("GET", "/<name>")
        def by_name(self, request: Request, name: str) -> Answer:
            return {"name": name}

        @route("DELETE", "/<name>")
        def delete(self, request: Request, name: str) -> Answer:
            return None

    class Ambiguous(Fine):
        @route("GET", "/<string:title>")
        def by_title(self, request: Request, title: str) -> Answer:
            return None

    assert Client(Fine()).get("/7").json == {"number": 7}
    with pytest.raises(TypeError, match="the handlers by_name and by_title both serve"):
        Ambiguous()
