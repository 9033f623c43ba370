/** How bad a finding is: an error breaks the protocol or loses data, a warning costs or threatens, a note explains. */
export type Severity = 'error' | 'warning' | 'note';

/** A rule as a line of its table: id, severity, title, clause, and what to look at next. */
export type RuleRow = readonly [id: string, severity: Severity, title: string, clause: string, hint: string];
