/** A table of expectations: one to begin with, and where it does not read. */

/** Holds with the policies of a new house, for whoever reads it. */
export function example(me: string, about: { mine: string; prod: string }): string {
  const who = JSON.stringify(me);
  return `[[expect]]
name = ${JSON.stringify(about.mine)}
principal = ${who}
action = "sign-in"
factors = ["password", "totp"]
expect = "permit"

# ${about.prod}
# [[expect]]
# principal = "noor"
# action = "session:open"
# resource = "deploy@web-1"
# factors = ["passkey"]
# expect = "reason approvals=1 max-duration=14400"
`;
}

export interface TableProblem {
  /** In the text, from 1. */
  line?: number;
  column?: number;
  /** Of the rows, from 1. */
  row?: number;
  message: string;
}

/** What the server says of a table that cannot be run: where, and what is wrong there. */
export function tableProblem(detail: string): TableProblem {
  const row = detail.match(/^row (\d+): ([\s\S]*)$/);
  if (row) return { row: Number(row[1]), message: row[2]?.trim() ?? '' };
  const at = detail.match(/line (\d+), column (\d+)/);
  if (!at) return { message: detail.trim() };
  const lines = detail.split('\n');
  const mark = lines.findIndex(l => /^\s*\|\s*\^/.test(l));
  const message = lines
    .slice(mark + 1)
    .filter(l => !/line \d+, column \d+|^\s*(\d+\s*)?\|/.test(l))
    .join(' ')
    .trim();
  return { line: Number(at[1]), column: Number(at[2]), message: message || detail.trim() };
}
