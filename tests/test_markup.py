"""The page checks themselves: each rule is broken once, and must be noticed."""

from __future__ import annotations

import pytest

from tests.markup import Page, faults_in

GOOD = """<!doctype html><html lang="en"><head><title>Sign in \N{EN DASH} Latchkey</title>
<link rel="stylesheet" href="/site.css">
</head><body><a href="#main">Skip</a><main id="main"><h1>Sign in</h1>
<form method="post" action="/login/" novalidate><label for="id_code">Code</label>
<p id="id_code_error">Error: Enter the code</p>
<input id="id_code" name="code" aria-describedby="id_code_error"><button>Sign in</button></form>
<svg><title>Key</title></svg></main></body></html>"""


def test_a_good_page_has_no_fault() -> None:
    assert faults_in(GOOD) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("<h1>Sign in</h1>", "<h1>Sign in</h1><h1>Again</h1>", "2 <h1>"),
        ("<h1>Sign in</h1>", "", "0 <h1>"),
        (' lang="en"', "", "no language"),
        ("<title>Sign in \N{EN DASH} Latchkey</title>", "", "the title is []"),
        ("Sign in \N{EN DASH} Latchkey", "Latchkey", "the title is ['Latchkey']"),
        ('for="id_code"', 'for="id_cod"', "for='id_cod' leads nowhere"),
        ('describedby="id_code_error"', 'describedby="id_x"', "aria-describedby='id_x' leads nowhere"),
        ('href="#main"', 'href="#top"', "href='#top' leads nowhere"),
        ('id="id_code_error"', 'id="id_code"', "id 'id_code' stands 2 times"),
        (" novalidate", "", "form '/login/' is not novalidate"),
        (' action="/login/"', "", "form '' does not say where it goes"),
        ('action="/login/"', 'action="/login/#main"', "form '/login/#main' does not say where it goes"),
        ('name="code"', 'name="code" required', "code has required"),
        ('name="code"', 'name="code" placeholder="123456"', "code has placeholder"),
        ('<label for="id_code">Code</label>', "", "code has no label"),
        (">Code<", ">Code:<", "the label 'Code:' ends in a colon"),
        ("<h1>", '<h1 style="color:red">', "<h1 style>"),
        ("<h1>", '<h1 onclick="x()">', "<h1 onclick>"),
        ("</head>", "<style>p{}</style></head>", "a <style> element"),
        ("</head>", "<script>x()</script></head>", "an inline script"),
        ('href="/site.css"', 'href="https://cdn.example/s.css"', "href='https://cdn.example/s.css' is another site's"),
    ],
)
def test_a_broken_rule_is_noticed(right: str, wrong: str, fault: str) -> None:
    assert right in GOOD
    assert fault in faults_in(GOOD.replace(right, wrong))


def test_a_page_tells_the_error_of_a_field() -> None:
    assert Page.of(GOOD).error_of("code") == "Error: Enter the code"


def test_a_page_tells_that_a_field_has_no_error() -> None:
    assert Page.of(GOOD.replace("id_code_error", "id_code_helptext")).error_of("code") == ""
