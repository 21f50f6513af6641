// The pages work without this. It shows times in the viewer's zone, asks again for what is under way, sends files as they
// are, and asks before what cannot be undone.
(() => {
  "use strict";
  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" }).formatToParts(new Date()).find((p) => p.type === "timeZoneName");
  const sameYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const otherYear = new Intl.DateTimeFormat(undefined, { year: "numeric", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

  const times = (root) => {
    for (const el of root.querySelectorAll("time[datetime]")) {
      const at = new Date(el.dateTime);
      if (isNaN(at)) continue;
      el.textContent = (at.getFullYear() === new Date().getFullYear() ? sameYear : otherYear).format(at);
    }
  };

  // Fields for a time hold UTC, as the server wrote them; people write them in their own zone.
  const two = (n) => String(n).padStart(2, "0");
  const zoned = () => {
    for (const el of document.querySelectorAll("input[data-utc]")) {
      const at = new Date(el.value + "Z");
      if (!isNaN(at)) el.value = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}${at.getSeconds() ? ":" + two(at.getSeconds()) : ""}`;
    }
    for (const el of document.querySelectorAll("[data-zone]")) el.textContent = zone ? zone.value : "";
    for (const form of document.querySelectorAll("form[data-times]")) {
      form.addEventListener("formdata", (e) => {
        for (const el of form.querySelectorAll("input[data-utc]")) {
          const at = new Date(el.value);
          if (el.value && !isNaN(at)) e.formData.set(el.name, at.toISOString().replace(/\.\d+Z$/, "Z"));
        }
        for (const [name, text] of [...e.formData]) if (text === "") e.formData.delete(name);
      });
    }
  };

  // What is under way is asked for again until it says that it is done; not while nobody looks. What somebody reads, marks or
  // works on there is left alone, and where it is asked for no more, the page says so.
  const inUse = (el) => {
    const marked = getSelection();
    return el.contains(document.activeElement) || (!marked.isCollapsed && (el.contains(marked.anchorNode) || el.contains(marked.focusNode)));
  };
  const state = (el) => el.querySelector(".title .pill")?.textContent;
  const replace = (was, now) => {
    times(now);
    const open = new Set([...was.querySelectorAll("details")].map((d, i, all) => d.open && all.length - i));
    const details = [...now.querySelectorAll("details")];
    details.forEach((d, i) => { if (open.has(details.length - i)) d.open = true; });
    if (state(now) !== state(was)) document.getElementById("said").textContent = state(now) ?? "";
    was.replaceWith(now);
  };
  const given = document.getElementById("live")?.outerHTML;
  const live = () => {
    const every = Number(document.getElementById("live")?.dataset.live);
    if (!every) return;
    let failed = 0;
    let last = given;
    const over = () => {
      const note = document.createElement("p");
      note.className = "note warn";
      note.setAttribute("role", "status");
      document.getElementById("live").before(note);
      note.textContent = "This page is no longer updated. Reload it.";
    };
    const again = async () => {
      if (document.hidden) return void document.addEventListener("visibilitychange", again, { once: true });
      try {
        const url = new URL(location.href);
        url.searchParams.set("part", "live");
        url.searchParams.delete("done");
        const answer = await fetch(url, { headers: { Accept: "text/html" }, redirect: "manual" });
        if (answer.type === "opaqueredirect") return void over();
        if (!answer.ok) throw new Error(answer.status);
        const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
        if (!now) throw new Error("no part");
        failed = 0;
        const text = now.outerHTML;
        const was = document.getElementById("live");
        if (text !== last && !inUse(was)) {
          replace(was, now);
          last = text;
        }
        if (text === last && !now.dataset.live) return;
      } catch {
        if (++failed > 4) return void over();
      }
      setTimeout(again, every * (failed + 1));
    };
    setTimeout(again, every);
  };

  // A file is sent as it is, so that its bytes are what counts and its progress shows.
  const upload = (form) => form.addEventListener("submit", (e) => {
    const file = form.elements.file.files[0];
    if (!file) return;
    e.preventDefault();
    const place = form.querySelector(".progress");
    const bar = place.querySelector("progress");
    const words = place.querySelector("[role=status]");
    const button = form.querySelector("button[type=submit]");
    const url = new URL(form.action);
    if (form.elements.schedule) url.searchParams.set("schedule", form.elements.schedule.value);
    const request = new XMLHttpRequest();
    request.upload.onprogress = (p) => {
      if (!p.lengthComputable) return;
      bar.value = (100 * p.loaded) / p.total;
      words.textContent = p.loaded < p.total ? `${Math.round(bar.value)} % sent` : "sent; the lines are being read";
    };
    const ended = (text) => { button.disabled = false; bar.hidden = true; words.textContent = text; };
    request.onerror = () => ended("The connection broke. Send the file again.");
    request.onload = () => {
      if (request.status < 300) return void location.assign(request.responseURL);
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const wrong = page.querySelector("#summary") || page.querySelector("main p");
      ended("");
      const note = document.importNode(wrong, true);
      if (!note.id) note.className = "note bad";
      document.getElementById("summary")?.remove();
      document.querySelector(".columns").before(note);
      note.tabIndex = -1;
      note.focus();
    };
    request.open("POST", url);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    button.disabled = true;
    place.hidden = bar.hidden = false;
    request.send(file);
  });

  document.addEventListener("click", (e) => {
    const button = e.target.closest("button[data-ask]");
    if (button && !confirm(button.dataset.ask)) e.preventDefault();
  });
  times(document);
  zoned();
  live();
  document.querySelectorAll("form[data-upload]").forEach(upload);
  document.querySelectorAll(".menu [aria-current]").forEach((el) => el.scrollIntoView({ block: "nearest", inline: "center" }));
  document.querySelector("[data-focus]")?.focus();
})();
