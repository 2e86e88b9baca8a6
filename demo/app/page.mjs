// The pages of Rota.

const escape = (text) =>
  String(text ?? '').replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]);

const style = `
:root { color-scheme: light dark; --ink: #1c1f1d; --soft: #5d655f; --line: #dfe4de; --paper: #fbfbf8; --card: #fff; --mark: #2f6b4f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceee9; --soft: #9da69f; --line: #2f3531; --paper: #141715; --card: #1b1f1c; --mark: #8fd0ad; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 ui-sans-serif, system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; flex-wrap: wrap; }
h1 { font-size: 1.6rem; letter-spacing: -0.02em; margin: 0; }
h1 span { color: var(--mark); }
p { color: var(--soft); max-width: 34rem; }
button, a.button { font: inherit; border: 1px solid var(--line); background: var(--card); color: var(--ink); padding: .45rem .9rem; border-radius: .5rem; cursor: pointer; text-decoration: none; display: inline-block; }
button:hover, a.button:hover { border-color: var(--mark); }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
ol { list-style: none; padding: 0; margin: 2rem 0; border: 1px solid var(--line); border-radius: .75rem; background: var(--card); overflow: hidden; }
li { display: grid; grid-template-columns: 7rem 1fr auto; gap: 1rem; padding: .8rem 1.1rem; border-top: 1px solid var(--line); }
li:first-child { border-top: 0; }
li.now { background: color-mix(in srgb, var(--mark) 12%, transparent); font-weight: 600; }
li span { color: var(--soft); font-weight: 400; }
@media (max-width: 30rem) {
  li { grid-template-columns: 1fr auto; gap: 0 1rem; }
  li span:first-child { grid-column: 1 / -1; font-size: .85rem; }
}
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 1.5rem 0; font-size: .92rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
`;

const whole = (title, body) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><style>${style}</style></head><body><main>${body}</main></body></html>`;

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const people = ['Eve Lindqvist', 'Noor Haddad', 'Tomás Vega', 'Eve Lindqvist', 'Ines Moreau', 'Noor Haddad', 'Tomás Vega'];

export const page = {
  rota(info, claims) {
    const today = (new Date().getDay() + 6) % 7;
    const rows = days.map((day, i) => `<li${i === today ? ' class="now"' : ''}><span>${day}</span>${escape(people[i])}<span>${i === today ? 'on call now' : '09:00 – 09:00'}</span></li>`);
    const list = (names) => (names?.length ? names.map(escape).join(', ') : 'none');
    return whole('Rota', `
      <header><h1>Rota<span>.</span></h1>
      <form method="post" action="/sign-out"><button>Sign out</button></form></header>
      <p>Good to see you, <strong>${escape(info.name ?? info.preferred_username)}</strong>. You did not have to sign in again: Doorward said who you are.</p>
      <ol>${rows.join('')}</ol>
      <dl><dt>Groups</dt><dd>${list(info.groups)}</dd><dt>Roles</dt><dd>${list(info.roles)}</dd>
      <dt>Proof</dt><dd>${escape(claims.acr)} (${escape((claims.amr ?? []).join(' + '))})</dd>
      <dt>Subject</dt><dd>${escape(info.sub)}</dd></dl>`);
  },
  out() {
    return whole('Signed out', `<h1>Rota<span>.</span></h1><p>Your session here is over: your access was ended, or you signed out.</p><a class="button" href="/sign-in">Sign in</a>`);
  },
  missing() {
    return whole('Nothing here', `<h1>Rota<span>.</span></h1><p>There is no such page.</p><a class="button" href="/">To the rota</a>`);
  },
  failed(error) {
    return whole('It did not work', `<h1>Rota<span>.</span></h1><p>Signing in did not work: ${escape(error.message)}</p><a class="button" href="/sign-in">Try again</a>`);
  },
};
