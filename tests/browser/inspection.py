"""What a look at a page in a browser shows to be wrong with it: axe's rules, and what axe does not see."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only what is wrong is described: to describe all that is right takes axe longer than to look for it.
AXE = """([type, values]) => axe.run(document, {runOnly: {type, values}, resultTypes: ['violations'], preload: false})
  .then(found => found.violations.map(({id, nodes}) => [id, nodes.map(node => node.html.slice(0, 120))]))"""
# The rules that look at colours: all that the dark scheme can change (tests/test_contrast.py).
OF_COLOURS = ["color-contrast", "link-in-text-block"]
WIDTHS = (1280, 320)
# A word that stands on two lines without a hyphen, except where it may break anywhere (keys, addresses).
BROKEN_WORDS = r"""() => {
  const broken = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (!node.parentElement.checkVisibility() || node.parentElement.closest('[data-wrap], .visually-hidden')) continue;
    for (const word of node.data.matchAll(/[^\s\-\u2010-\u2014\/]+/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const tops = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
      if (tops.size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""
# Fields and buttons are 44 px high (2.75 rem), and links that look like buttons or stand by themselves.
SMALL = r"""() => [...document.querySelectorAll(`:is(main, footer) :is(input, select, button, a.button),
    :is(.beside, .crumbs, .forgot) a`)]
  .filter(element => element.checkVisibility() && !['hidden', 'radio', 'checkbox'].includes(element.type))
  .filter(element => !element.closest('.visually-hidden'))
  .map(element => [element, element.getBoundingClientRect().height, parseFloat(getComputedStyle(element).fontSize)])
  .filter(([element, height, size]) => height > 1 && (height < 43.5 || (element.matches('input, select') && size < 16)))
  .map(([element, height, size]) => `${element.outerHTML.slice(0, 80)}: ${height} px high, ${size} px letters`)"""

# What axe's rules leave open: one heading of the page, which is its title; fields with labels; links that lead there.
STRUCTURE = r"""() => {
  const words = element => element.innerText.replace(/\s+/g, ' ').trim();
  const faults = [];
  const headings = [...document.querySelectorAll('h1')].filter(heading => heading.checkVisibility());
  if (headings.length !== 1) return [`there are ${headings.length} headings of the page`];
  const error = document.querySelector('#error-summary, .errornote') ? 'Error: ' : '';
  const site = document.querySelector('#site-name') ? 'Latchkey Administration' : 'Latchkey';
  const name = {'/': 'Welcome', '/account/': 'Overview'}[location.pathname];
  const titles = [words(headings[0]), name].filter(Boolean).map(title => `${error}${title} \u2013 ${site}`);
  if (!titles.includes(document.title)) faults.push(`the title is ${document.title}, not ${titles[0]}`);
  for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (field.checkVisibility() && !field.labels.length && !field.ariaLabel && !field.getAttribute('aria-labelledby'))
      faults.push(`no label: ${field.outerHTML.slice(0, 120)}`);
  }
  for (const link of document.querySelectorAll('#error-summary a')) {
    if (!document.getElementById(link.hash.slice(1))) faults.push(`${link.hash} of the summary leads nowhere`);
  }
  return faults;
}"""


@cache
def axe_source() -> str:
    """Return axe-core's source, which comes with the package that drives it."""
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def faults_of(page: Page, *, width: int, javascript: bool) -> list[str]:
    """Return one sentence for each thing that is wrong with the page as it stands; axe itself needs JavaScript."""
    faults = [f"the word {word!r} is broken" for word in page.evaluate(BROKEN_WORDS)]
    faults += [f"too small: {element}" for element in page.evaluate(SMALL)]
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        faults.append(f"the page is {wide} px wide")
    return faults + (axe_faults(page, tag=TAGS) if javascript else [])


def faults_from_all_sides(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands, wide and narrow, light and dark; it is wide and light then."""
    faults = list(page.evaluate(STRUCTURE))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found = faults_of(page, width=width, javascript=True)
        page.emulate_media(color_scheme="dark")
        found += [f"in the dark: {fault}" for fault in axe_faults(page, rule=OF_COLOURS)]
        page.emulate_media(color_scheme="light")
        faults += [f"at {width} px: {fault}" for fault in found]
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    return faults


def axe_faults(page: Page, **rules: list[str]) -> list[str]:
    """Return what axe-core finds by the rules of these tags (`tag`) or these names (`rule`)."""
    [(kind, values)] = rules.items()
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    found: list[tuple[str, list[str]]] = page.evaluate(AXE, [kind, values])
    return [f"{rule}: {nodes}" for rule, nodes in found]
