// Newer messages of the local inbox, put on top every five seconds, and said to screen readers.

const SECONDS = 5;
const list = document.querySelector("[data-inbox]");
const status = document.querySelector("[data-inbox-status]");

async function look() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) {
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const known = new Set([...list.querySelectorAll("[data-message]")].map((message) => message.dataset.message));
  const fresh = [...page.querySelectorAll("[data-message]")].filter((message) => !known.has(message.dataset.message));
  if (fresh.length) {
    list.querySelector("[data-empty]")?.remove();
    list.prepend(...fresh);
    status.textContent = fresh.length === 1 ? status.dataset.one : status.dataset.more.replace("0", fresh.length);
    document.dispatchEvent(new Event("copyable"));
  }
}

document.querySelector("[data-inbox-link]").hidden = true;
setInterval(() => document.hidden || look().catch(() => {}), SECONDS * 1000);
