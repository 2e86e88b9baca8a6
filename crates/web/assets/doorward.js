// Doorward's pages work without this, except where the browser itself needs
// script: passkeys, and what changes while one looks at it.
const $ = (s, r = document) => r.querySelector(s);
const $$ = (s, r = document) => [...r.querySelectorAll(s)];
const word = (k) => document.body.dataset[k] ?? "";

// Passkeys.
const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const ids = (l) => (l ?? []).map((c) => ({ ...c, id: bytes(c.id) }));

async function ceremony(el, conditional, signal) {
  const given = JSON.parse(el.dataset.options);
  const o = given.publicKey ?? given;
  const publicKey = { ...o, challenge: bytes(o.challenge) };
  let c;
  if (el.dataset.webauthn === "create") {
    publicKey.user = { ...o.user, id: bytes(o.user.id) };
    publicKey.excludeCredentials = ids(o.excludeCredentials);
    c = await navigator.credentials.create({ publicKey, signal });
  } else {
    publicKey.allowCredentials = ids(o.allowCredentials);
    c = await navigator.credentials.get({ publicKey, signal, ...(conditional ? { mediation: "conditional" } : {}) });
  }
  const r = c.response;
  const response = { clientDataJSON: text(r.clientDataJSON) };
  if (r.attestationObject) {
    response.attestationObject = text(r.attestationObject);
    response.transports = r.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(r.authenticatorData);
    response.signature = text(r.signature);
    response.userHandle = r.userHandle ? text(r.userHandle) : null;
  }
  return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: c.getClientExtensionResults() });
}

for (const el of $$("[data-webauthn]")) {
  const form = el.closest("form");
  const field = $("input[type=hidden]", el);
  const problem = $("[data-problem]", el);
  const say = (text) => { problem.textContent = text; problem.hidden = false; };
  let waiting = new AbortController();
  const run = async (conditional) => {
    problem.hidden = true;
    try {
      field.value = await ceremony(el, conditional, waiting.signal);
      field.disabled = false;
      for (const i of $$("input[required]", form)) i.required = false;
      form.requestSubmit();
    } catch (e) {
      if (e.name === "AbortError" || conditional) return;
      say(word(e.name === "InvalidStateError" ? "passkeyKnown" : "passkeyFailed"));
    }
  };
  // Marked only where no answer was refused before: a passkey that is offered by
  // itself and refused must not be offered by itself again.
  const offer = el.dataset.conditional !== undefined;
  if (!window.PublicKeyCredential) {
    const only = !$("button:not([type=button])", form);
    el.hidden = !only;
    if (only) say(word("noPasskeys"));
    continue;
  }
  // Until here a click would have done nothing.
  $("button", el).disabled = false;
  $("button", el).addEventListener("click", () => { waiting.abort(); waiting = new AbortController(); run(false); });
  if (offer) PublicKeyCredential.isConditionalMediationAvailable?.().then((yes) => { if (yes) run(true); });
}

// The strength of a new password.
for (const input of $$("input[data-fresh]")) {
  const box = $(`#${input.id}-strength`);
  let turn = 0, timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++turn;
      const r = await fetch("/sign-in/strength", { method: "POST", body: new URLSearchParams({ password: input.value }) });
      if (!r.ok || mine !== turn) return;
      const s = await r.json();
      box.hidden = input.value === "";
      $("meter", box).value = s.score + 0.2;
      $("[data-advice]", box).textContent = s.advice.join(" ");
    }, 250);
  });
}

// Copying.
for (const b of $$("[data-copy]")) {
  b.addEventListener("click", async () => {
    const was = [...b.childNodes];
    const done = await navigator.clipboard.writeText(b.dataset.copy).then(() => true, () => false);
    b.textContent = word(done ? "copied" : "notCopied");
    b.setAttribute("aria-live", "polite");
    setTimeout(() => b.replaceChildren(...was), 2000);
  });
}

// Times in the reader's own zone and words.
const lang = document.documentElement.lang;
const near = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
const full = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
function tell() {
  for (const t of $$("time[datetime]")) {
    const at = new Date(t.dateTime), s = (at - Date.now()) / 1000, a = Math.abs(s);
    t.title = full.format(at);
    t.textContent = a < 45 ? near.format(0, "second") : a < 5400 ? near.format(Math.round(s / 60), "minute") : a < 129600 ? near.format(Math.round(s / 3600), "hour") : full.format(at);
  }
}
tell();
setInterval(tell, 10_000);

// What changes while one looks: the server says that it did. The page is fetched
// again at once when nobody is at work on it; otherwise it says that there is more.
if (document.body.dataset.live) {
  const source = new EventSource("/live");
  const fresh = $(".fresh");
  $("button", fresh).addEventListener("click", () => location.reload());
  source.addEventListener("changed", () => {
    const busy = document.activeElement !== document.body || $("details[open] form") || $$("textarea").some((t) => t.value);
    if (busy) fresh.hidden = false; else location.reload();
  });
  source.addEventListener("over", () => location.reload());
}

// The commands of a session that is watched: fetched when its screen has moved,
// and once more when it has come to rest.
const list = $("#commands");
let soon, later;
async function more() {
  soon = undefined;
  const r = await fetch(`${$("[data-watch]").dataset.commands}?after=${list.dataset.after}`);
  if (!r.ok) return;
  for (const command of await r.json()) {
    if (command.number <= Number(list.dataset.after)) continue;
    const row = $("tbody", list).insertRow();
    const when = document.createElement("time"), what = document.createElement("code");
    when.dateTime = command.at;
    what.textContent = command.text;
    row.append(document.createElement("td"), document.createElement("td"));
    row.cells[0].className = "small soft";
    row.cells[0].append(when);
    row.cells[1].append(what);
    if (!command.certain) {
      const pill = document.createElement("span");
      pill.className = "pill";
      pill.textContent = list.dataset.uncertain;
      row.cells[1].append(" ", pill);
    }
    list.dataset.after = command.number;
    list.hidden = false;
    $("#none").hidden = true;
  }
  tell();
}

// Watching a privileged session: lines of the screen, as text.
const screen = $("[data-watch]");
if (screen) {
  const source = new EventSource(screen.dataset.watch);
  source.addEventListener("screen", (e) => {
    screen.textContent = JSON.parse(e.data).join("\n");
    soon ??= setTimeout(more, 500);
    // A command is recorded a moment after it is seen.
    clearTimeout(later);
    later = setTimeout(more, 2500);
  });
  source.addEventListener("over", () => {
    source.close();
    $(".pill.live", screen.parentElement).hidden = true;
    $("[data-state]").textContent = screen.dataset.over;
  });
}

// Replaying a recording: frames that the server drew.
const tape = $("[data-replay]");
if (tape) {
  let frames = [], at = 0, timer;
  const range = $("#position"), play = $("#play"), speed = $("#speed"), clock = $("#clock");
  const mmss = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const show = () => {
    const f = frames[at];
    if (!f) return;
    tape.textContent = f.lines.join("\n");
    range.value = at;
    clock.textContent = `${mmss(f.at)} / ${mmss(frames.at(-1).at)}`;
  };
  const step = () => {
    if (at + 1 >= frames.length) { play.setAttribute("aria-pressed", "false"); return; }
    const wait = Math.min((frames[at + 1].at - frames[at].at) * 1000, 2000) / Number(speed.value);
    timer = setTimeout(() => { at += 1; show(); step(); }, wait);
  };
  play.addEventListener("click", () => {
    clearTimeout(timer);
    const on = play.getAttribute("aria-pressed") !== "true";
    play.setAttribute("aria-pressed", String(on));
    if (on) { if (at + 1 >= frames.length) at = 0; show(); step(); }
  });
  range.addEventListener("input", () => { clearTimeout(timer); play.setAttribute("aria-pressed", "false"); at = Number(range.value); show(); });
  $("#load").addEventListener("click", async (e) => {
    e.target.disabled = true;
    const r = await fetch(tape.dataset.replay);
    if (!r.ok) { tape.textContent = (await r.json()).detail; return; }
    frames = await r.json();
    range.max = frames.length - 1;
    $("#controls").hidden = false;
    e.target.hidden = true;
    show();
  });
}

for (const b of $$("[data-print]")) b.addEventListener("click", () => print());
for (const b of $$("[data-save]")) {
  b.addEventListener("click", () => {
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([b.dataset.save + "\n"], { type: "text/plain" }));
    a.download = "doorward-recovery-codes.txt";
    a.click();
    URL.revokeObjectURL(a.href);
  });
}
