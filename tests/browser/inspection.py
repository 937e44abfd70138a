"""What a look at a page in a browser shows to be wrong with it: axe's rules, and what axe does not see."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What passed is left where it is: it is a hundred times what is told here, and took longer to send than to find.
AXE = """tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, preload: false, resultTypes: ['violations']})
  .then(found => found.violations.map(({id, nodes}) => [id, nodes.map(node => node.html.slice(0, 120))]))"""
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
# Fields and buttons are 44 px high (2.75 rem), links that look like buttons too; nothing may be under 24 (WCAG 2.5.8).
SMALL = r"""() => [...document.querySelectorAll('main input, main select, main button, main a.button')]
  .filter(element => element.checkVisibility() && !['hidden', 'radio', 'checkbox'].includes(element.type))
  .filter(element => !element.closest('.visually-hidden'))
  .map(element => [element, element.getBoundingClientRect().height, parseFloat(getComputedStyle(element).fontSize)])
  .filter(([element, height, size]) => height > 1 && (height < 43.5 || (element.matches('input') && size < 16)))
  .map(([element, height, size]) => `${element.outerHTML.slice(0, 80)}: ${height} px high, ${size} px letters`)"""


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
    return faults + (axe_faults(page) if javascript else [])


def axe_faults(page: Page) -> list[str]:
    """Return what axe-core finds."""
    # The same page may be looked at in several widths and schemes.
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    found: list[tuple[str, list[str]]] = page.evaluate(AXE, TAGS)
    return [f"{rule}: {elements}" for rule, elements in found]
