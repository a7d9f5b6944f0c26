// The little the pages do by themselves: keys, live pages, the theme, the reader's zone. Everything works without it.
"use strict";
(() => {
  const one = (query, root = document) => root.querySelector(query);
  const all = (query, root = document) => [...root.querySelectorAll(query)];

  // The reader's own zone goes along with the next request, so that the server prints times once and nothing jumps.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`zone=${zone}`)) {
    document.cookie = `zone=${zone};path=/;max-age=31536000;samesite=strict`;
  }

  // Rows and lines for j and k.
  const stops = () => all("[data-row], .line").filter((each) => each.offsetParent !== null);
  const here = () => one("[data-here]");
  function step(by) {
    const places = stops();
    if (!places.length) return;
    const at = places.indexOf(here());
    const next = places[Math.min(Math.max(at + by, 0), places.length - 1)];
    here()?.removeAttribute("data-here");
    next.setAttribute("data-here", "");
    next.scrollIntoView({ block: "nearest" });
    (one("[data-open], .why", next) || next).focus({ preventScroll: true });
  }

  function open(name) {
    const panel = one(`[data-panel="${name}"]`);
    if (panel) {
      panel.open = true;
      panel.scrollIntoView({ block: "nearest" });
      one("textarea, input:not([type=hidden]), button", panel)?.focus();
      return;
    }
    one(`[data-act="${name}"]`)?.focus();
  }

  const acts = {
    j: () => step(1),
    k: () => step(-1),
    a: () => open("approve"),
    e: () => open("edit"),
    v: () => open("revise"),
    r: () => open("reject"),
    "?": () => one("#keys")?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=hidden]), textarea, select, [contenteditable]");
    if (event.key === "Escape" && typing) typing.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    const page = /^[1-9]$/.test(event.key) && one(`.menu [data-key="${event.key}"]`);
    if (page) page.click();
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // A click anywhere on a line of a document asks why it is there.
  document.addEventListener("click", (event) => {
    const line = event.target.closest(".line");
    if (!line || event.target.closest("a, button") || String(getSelection())) return;
    one(".why", line)?.click();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const line = event.target.closest?.(".line");
    if (!line) return;
    all(".line[data-explained]").forEach((each) => each.removeAttribute("data-explained"));
    line.setAttribute("data-explained", "");
    one("#reasons")?.scrollIntoView({ block: "nearest" });
  });

  // On a small screen reasons lie over the page: a way to put them away again.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) one("#reasons").classList.add("hint");
  });

  // The theme changes at once; the form alone would load the page again.
  one(".theme")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = one("button", event.target);
    const order = { auto: "dark", dark: "light", light: "auto" };
    const theme = button.value;
    document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=strict`;
    document.documentElement.dataset.theme = theme;
    button.value = order[theme];
    button.title = `Theme: ${theme}`;
    button.setAttribute("aria-label", `Theme is ${theme}; change to ${order[theme]}`);
    all("img[data-light]").forEach((each) => {
      const source = each.parentElement.querySelector("source");
      if (source) source.media = { auto: "(prefers-color-scheme: dark)", dark: "all", light: "not all" }[theme];
    });
  });

  // A live page: the stream says that something changed, the page fetches its own part again. The browser reconnects by
  // itself and names the last thing it heard, so nothing is lost on the way.
  const live = document.body.dataset.live;
  if (live && window.EventSource) {
    const stream = new EventSource(live);
    const tell = (place, text) => { if (place && text) place.textContent = text; };
    stream.addEventListener("progress", (event) => {
      const news = JSON.parse(event.data);
      tell(one(`[data-progress="${news.run}"] [data-now]`), news.words);
      const log = one(`[data-log="${news.run}"]`);
      if (log && news.words) {
        const item = document.createElement("li");
        item.textContent = news.words;
        log.append(item);
      }
    });
    let asked = 0;
    stream.addEventListener("changed", () => {
      const board = one("[data-refresh]");
      if (!board || one("textarea:focus, input:focus, dialog[open]")) return;
      clearTimeout(asked);
      asked = setTimeout(() => window.htmx?.ajax("GET", board.dataset.refresh, { source: board, target: board, select: "#board", swap: "outerHTML" }), 150);
    });
    addEventListener("pagehide", () => stream.close());
  }

  // On a phone the menu is wider than the screen: show where we are.
  const current = one(".menu [aria-current]");
  if (current) current.parentElement.scrollLeft = current.offsetLeft + current.offsetWidth / 2 - current.parentElement.clientWidth / 2;

  // Where a form is refused the page says so at its top: bring it into view for those who cannot see it.
  one("[data-notice]")?.focus();

  // A time that runs out while the page is open.
  for (const place of all("[data-left]")) {
    const until = performance.now() + 1000 * Number(place.dataset.left);
    const look = () => {
      if (performance.now() < until) return;
      place.textContent = place.dataset.over;
      place.setAttribute("role", "status");
      all("[data-needs-time] button, [data-needs-time] textarea").forEach((each) => { each.disabled = true; });
      clearInterval(timer);
    };
    const timer = setInterval(look, 1000);
    look();
  }
})();
