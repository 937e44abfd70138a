// Moments in the reader's own time zone. The site is told the zone by a cookie, and writes them so by itself from then
// on; the page that came before the cookie is put right here, in the words of accounts/local_time.py. Times under the
// headings of days stay: the headings, and the page, say in which zone they are.

const COOKIE_SECONDS = 365 * 24 * 60 * 60;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const told = document.cookie.split("; ").includes(`tz=${zone}`);
const language = document.documentElement.lang || "en";
const english = language.startsWith("en");
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

const say = (moment, options) => new Intl.DateTimeFormat(language, options).format(moment);
const clock = (moment, more) =>
  say(moment, { hour: english ? "numeric" : "2-digit", minute: "2-digit", ...more }).replace(/\s/g, "\u00a0");
const date = (moment) => say(moment, { dateStyle: english ? "medium" : "long" });

/** How many midnights lie between two moments, here. */
function daysBetween(earlier, later) {
  const midnight = (moment) => Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate());
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}

function ago(moment, now) {
  const minutes = Math.floor((now - moment) / 60_000);
  if (minutes < 1) {
    return relative.format(0, "second");
  }
  return minutes < 60 ? relative.format(-minutes, "minute") : relative.format(-Math.floor(minutes / 60), "hour");
}

function words(moment, now, sinceThen) {
  const days = daysBetween(moment, now);
  if (days === 0 && sinceThen) {
    return ago(moment, now);
  }
  if (days === 0 || days === 1) {
    return `${relative.format(-days, "day")}, ${clock(moment)}`;
  }
  if (moment.getFullYear() === now.getFullYear()) {
    return `${say(moment, { month: english ? "short" : "long", day: "numeric" })}, ${clock(moment)}`;
  }
  return date(moment);
}

if (zone && !told) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `tz=${zone}; Path=/; Max-Age=${COOKIE_SECONDS}; SameSite=Lax${secure}`;
  const now = new Date();
  for (const element of document.querySelectorAll("time[datetime].at")) {
    const moment = new Date(element.dateTime);
    element.textContent = "day" in element.dataset ? date(moment) : words(moment, now, "ago" in element.dataset);
    element.title = `${date(moment)}, ${clock(moment, { timeZoneName: "short" })}`;
  }
}
