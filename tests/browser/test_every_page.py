"""Each page once, as people set up their screens: narrow, enlarged, spaced out, mirrored, in few colours, unmoving."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import URLPattern
from playwright.sync_api import Page
from pytest_django import Settings

from accounts.urls import urlpatterns
from tests.browser.conftest import Visit, Visitor
from tests.browser.inspection import faults_from_all_sides
from tests.checked_client import CheckedClient
from tests.conftest import SignIn
from tests.documents import ROOT
from tests.local_pool import LocalPool

Look = Callable[[Page], list[str]]

LATEST = 180  # px from the top of a phone at which a heading begins
# https://www.w3.org/WAI/WCAG22/Understanding/text-spacing.html
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""
ENLARGED = "html { font-size: 200% }"
# A sheet that is made by a script is none of those that the policy forbids.
STYLE = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
# What sticks out: of the page, or of a button, a row or a badge. The quiet button at the end of a row hangs over it by
# three quarters of a letter's height, so that its words end where others do.
WIDE = """() => {
  const shown = element => element.checkVisibility() && !element.closest('.visually-hidden, .skip-link');
  const letter = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const hanging = element => element.querySelector('.button--quiet') ? 0.75 * letter : 0;
  const inside = [...document.querySelectorAll('.button, button, .row, .fact, .badge')]
    .filter(element => shown(element) && element.scrollWidth > element.clientWidth + 1 + hanging(element))
    .map(element => `${element.tagName}.${element.className} is wider inside: ${element.textContent.trim()}`);
  const [page, window] = [document.documentElement.scrollWidth, innerWidth];
  return page > window ? [`the page is ${page} px wide in ${window}`, ...inside] : inside;
}"""
HEADING = """() => document.querySelector('main .notice, main .error-summary') ? 0
  : document.querySelector('main h1').getBoundingClientRect().top"""
# The places of the account are one line that fits.
TABS = """() => [...document.querySelectorAll('.tabs ul')]
  .filter(list => list.scrollWidth > list.clientWidth || list.clientHeight > 48)
  .map(list => `the places take ${list.scrollWidth} px in ${list.clientWidth}, and are ${list.clientHeight} px high`)"""
HIDDEN = """() => [...document.querySelectorAll('.tabs a[aria-current]')].map(place => place.getBoundingClientRect())
  .filter(place => place.left < 0 || place.right > innerWidth).map(() => 'the place that is shown is out of sight')"""
# Where a background is not drawn, a border says where something begins.
BORDERLESS = """() => [...document.querySelectorAll('main :is(.button, button, .badge, .tile, .notice, .next-step)')]
  .filter(element => element.checkVisibility() && parseFloat(getComputedStyle(element).borderTopWidth) < 1)
  .map(element => `${element.tagName}.${element.className} has no border`)"""
UNMARKED = """() => [...document.querySelectorAll('.tabs a[aria-current]')]
  .filter(element => getComputedStyle(element).outlineStyle === 'none').map(() => 'no outline of the current place')"""
MOVING = """() => [...document.querySelectorAll('*')].map(element => getComputedStyle(element))
  .filter(style => parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none')
  .map(style => `something moves: ${style.transitionProperty} ${style.animationName}`)"""


def findings(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands, which is left as it was found."""
    found = as_on_a_phone(page)
    for name, width, css, direction in (
        ("spaced out", 320, SPACED, "ltr"),
        ("mirrored", 320, "", "rtl"),
        ("enlarged", 640, ENLARGED, "ltr"),
        ("enlarged", 1280, ENLARGED, "ltr"),
        ("mirrored", 1280, "", "rtl"),
    ):
        if page.viewport_size != {"width": width, "height": 640}:
            page.set_viewport_size({"width": width, "height": 640})
        page.evaluate(STYLE, css)
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        found += [f"{name} at {width}: {each}" for each in page.evaluate(WIDE)]
    page.evaluate(STYLE, "")
    page.evaluate("document.documentElement.dir = 'ltr'")
    return found + in_few_colours(page)


def as_on_a_phone(page: Page) -> list[str]:
    """Return what is wrong in the narrowest window: where the heading stands, and whether the places fit."""
    page.set_viewport_size({"width": 320, "height": 640})
    top = page.evaluate(HEADING)
    late = [f"the heading begins at {top}"] if top > LATEST else []
    return [*late, *page.evaluate(TABS), *page.evaluate(WIDE)]


def in_longer_words(page: Page) -> list[str]:
    """Return what is wrong on a phone where words are longer: the places may be scrolled, to the one that is shown."""
    return [*page.evaluate(WIDE), *page.evaluate(HIDDEN)]


def in_few_colours(page: Page) -> list[str]:
    """Return what cannot be told apart without backgrounds, and what moves although nothing should."""
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    found = [finding for script in (BORDERLESS, UNMARKED, MOVING) for finding in page.evaluate(script)]
    page.emulate_media(forced_colors="none", reduced_motion="reduce")
    return found


def addresses(*, closed: bool) -> list[str]:
    """Return the addresses of the pages that are closed to strangers, or open to them, and of one that is not there."""
    templates = {path.stem for path in (ROOT / "templates/accounts").glob("*.html")}
    routes = [each for each in urlpatterns if isinstance(each, URLPattern) and each.name in templates]
    ours = [each for each in routes if getattr(each.callback, "login_required", True) is closed]
    return [*(f"/{each.pattern}" for each in ours if "<" not in str(each.pattern)), "/nowhere/"]


def walk(visitor: Visitor, look: Look, *, closed: bool) -> tuple[int, dict[str, list[str]]]:
    """Return how many of the pages were looked at, which are those that lead nowhere else, and what is wrong there."""
    found = {}
    for path in addresses(closed=closed):
        answer = visitor.page.goto(f"{visitor.site}{path}")
        if answer is not None and answer.request.redirected_from is None:
            found[path] = list(dict.fromkeys(look(visitor.page)))
    return len(found), {path: wrong for path, wrong in found.items() if wrong}


def walk_all(visitor: Visitor, client: CheckedClient, look: Look = findings) -> str:
    """Return what is wrong with which page, a line each: to strangers, and to whoever `client` has signed in."""
    strangers, theirs = walk(visitor, look, closed=False)
    visitor.be(client)
    persons, own = walk(visitor, look, closed=True)
    # The browser tells its console of every page that is refused or not there.
    visitor.noises[:] = [noise for noise in visitor.noises if "status of 40" not in noise]
    assert (strangers > 7, persons > 12) == (True, True)
    return "\n".join(f"{path}: {each}" for path, wrong in {**theirs, **own}.items() for each in wrong)


def with_files(pool: LocalPool, settings: Settings) -> None:
    """Let the site have files, so that each of its pages is there."""
    named = {"IDENTITY_POOL_ID": pool.env["COGNITO_IDENTITY_POOL_ID"], "FILES_BUCKET": pool.env["FILES_BUCKET"]}
    settings.COGNITO = pool.cognito_setting(ENDPOINT_URL=pool.endpoint, **named)


def test_every_page_fits_and_can_be_told_apart_however_it_is_shown(
    visit: Visit, pool: LocalPool, settings: Settings, browser_of: SignIn
) -> None:
    with_files(pool, settings)
    person = pool.person(name="Wolfeschlegelsteinhausenbergerdorff Hopper", phone_number="+442079460042")
    assert walk_all(visit(), browser_of(person)) == ""


def test_axe_finds_nothing_on_any_page(visit: Visit, pool: LocalPool, settings: Settings, browser_of: SignIn) -> None:
    with_files(pool, settings)
    assert walk_all(visit(), browser_of(pool.person(name="Ada Lovelace")), faults_from_all_sides) == ""


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_every_page_fits_a_phone_in_each_language(
    visit: Visit, pool: LocalPool, settings: Settings, browser_of: SignIn, language: str
) -> None:
    with_files(pool, settings)
    visitor, person = visit(width=320), pool.person(name="Ada Lovelace", locale=language)
    visitor.page.context.add_cookies([{"name": "language", "value": language, "url": visitor.site}])
    assert walk_all(visitor, browser_of(person), in_longer_words) == ""
    assert visitor.page.locator("html").get_attribute("lang") == language
