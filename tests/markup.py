"""Reads a page as HTML and tells what breaks the project's rules for every page (WCAG 2.2, GOV.UK, strict CSP)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
REFERENCES = {"for", "aria-describedby", "aria-labelledby", "aria-controls", "list"}
FIELDS = {"input", "select", "textarea"}
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
URL_ATTRIBUTES = {"href", "src", "action", "formaction", "poster", "srcset"}


@dataclass
class Element:
    """One element: its tag, attributes, all the text inside it and its ancestors' tags."""

    tag: str
    attributes: dict[str, str]
    ancestors: tuple[str, ...]
    text: str = ""

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self.attributes


@dataclass
class Page(HTMLParser):
    """A parsed page; `elements` are in document order, and so are `strings`, its pieces of text."""

    html: str
    elements: list[Element] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()

    @classmethod
    def of(cls, content: str | bytes) -> Self:
        """Parse a response's content."""
        return cls(content.decode() if isinstance(content, bytes) else content)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements with this tag and these attributes; `_` stands for `-`, and `class_` for class."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element[name] == value for name, value in wanted.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        """Return the only such element; any other number is an AssertionError."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} <{tag}> with {attributes}"
        return found[0]

    def field(self, name: str) -> Element:
        """Return the visible form field with this name."""
        fields = [
            element
            for element in self.elements
            if element.tag in {"input", "select", "textarea"}
            and element["name"] == name
            and element["type"] != "hidden"
        ]
        assert len(fields) == 1, f"{len(fields)} fields named {name}"
        return fields[0]

    def error_of(self, name: str) -> str:
        """Return the words of the error above the field `name`, "" when it has none."""
        shown = [element for element in self.elements if element["id"] == f"id_{name}_error"]
        return " ".join(shown[0].text.split()) if shown else ""

    def summary(self) -> str:
        """Return the words of the error summary, "" when the page has none."""
        shown = [element for element in self.elements if element["id"] == "error-summary"]
        return " ".join(shown[0].text.split()) if shown else ""

    @property
    def title(self) -> str:
        """Return the words of the `<title>`; an SVG's own title is not it."""
        titles = [element.text for element in self.all("title") if "svg" not in element.ancestors]
        assert len(titles) == 1, f"{len(titles)} titles"
        return " ".join(titles[0].split())

    @property
    def words(self) -> str:
        """Return all text of the page but scripts and styles, with single spaces."""
        return " ".join(self.one("body").text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(e.tag for e in self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in [element.tag for element in self._open]:
            return
        while self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].tag in {"script", "style"}:
            return
        self.strings += [data.strip()] if data.strip() else []
        for element in self._open:
            element.text += data


def faults_in(content: str | bytes) -> list[str]:
    """Return one sentence for each rule that the page breaks; none for a good page."""
    page = Page.of(content)
    return [*_outline(page), *_references(page), *_forms(page), *_content_security(page)]


def _outline(page: Page) -> list[str]:
    faults = [f"{len(page.all(tag))} <{tag}>" for tag in ("h1", "main") if len(page.all(tag)) != 1]
    if not any(element["lang"] for element in page.all("html")):
        faults.append("no language")
    titles = [element.text.strip() for element in page.all("title") if "svg" not in element.ancestors]
    if len(titles) != 1 or " \N{EN DASH} " not in titles[0]:
        faults.append(f"the title is {titles}")
    return faults


def _references(page: Page) -> list[str]:
    ids = Counter(element["id"] for element in page.elements if "id" in element)
    faults = [f"id {name!r} stands {count} times" for name, count in ids.items() if count > 1 or not name]
    for element in page.elements:
        for name in REFERENCES & element.attributes.keys():
            faults += [f"{name}={target!r} leads nowhere" for target in element[name].split() if target not in ids]
        href = element["href"]
        if href.startswith("#") and href[1:] not in ids:
            faults.append(f"href={href!r} leads nowhere")
    return faults


def _forms(page: Page) -> list[str]:
    faults = [f"form {form['action']!r} is not novalidate" for form in page.all("form") if "novalidate" not in form]
    faults += [f"form {form['action']!r} does not say where it goes" for form in page.all("form") if _adrift(form)]
    labelled = {label["for"] for label in page.all("label")}
    for element in page.elements:
        if element.tag not in FIELDS:
            continue
        name = element["name"] or element["id"]
        faults += [f"{name} has {rule}" for rule in ("placeholder", "required") if rule in element]
        if element["type"] in UNLABELLED:
            continue
        if element["id"] not in labelled and "label" not in element.ancestors and "aria-label" not in element:
            faults.append(f"{name} has no label")
    faults += [f"the label {label.text.strip()!r} ends in a colon" for label in page.all("label") if _colon(label)]
    return faults


def _adrift(form: Element) -> bool:
    # Without an action of its own a form goes where the page is, with the fragment of that address.
    return not form["action"] or "#" in form["action"]


def _colon(label: Element) -> bool:
    return label.text.strip().endswith(":")


def _content_security(page: Page) -> list[str]:
    faults = []
    for element in page.elements:
        faults += [f"<{element.tag} {name}>" for name in element.attributes if name == "style" or name.startswith("on")]
        if element.tag == "style":
            faults.append("a <style> element")
        if element.tag == "script" and "src" not in element and element["type"] != "application/json":
            faults.append("an inline script")
        faults += [
            f"{name}={element[name]!r} is another site's"
            for name in URL_ATTRIBUTES & element.attributes.keys()
            if element.tag != "a" and _foreign(element[name])
        ]
    return faults


def _foreign(url: str) -> bool:
    return url.startswith(("http:", "https:", "//", "data:", "javascript:"))
