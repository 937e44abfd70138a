// The account menu closes by Escape and by a click elsewhere; the current place of a line of places is brought into view.

for (const menu of document.querySelectorAll("details[data-menu]")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

const current = document.querySelector("[data-tabs] [aria-current]");
const line = current?.closest("ul");
if (line && line.scrollWidth > line.clientWidth) {
  line.scrollLeft += current.getBoundingClientRect().left - line.getBoundingClientRect().left - line.clientWidth / 3;
}
