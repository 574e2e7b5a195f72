// Package fairness measures how often a score is wrong, for whom, and how sure that is.
//
// A [Table] holds people: score, observed outcome, group attributes, and optionally the final decision, the reviewer's
// own view, a weight and the time of follow-up. [Compute] turns it into a [Frame]: every metric for every group of
// every attribute, for the intersections of two attributes, and for each operating threshold, once. Everything else
// (disparities, verdicts, the report and its CSV, text, HTML and JSON forms) only reads the frame.
//
// Conventions that hold everywhere:
//
//   - outcome 1 is the event that the score warns of (a new arrest, a violation); 0 means followed and not seen;
//   - a person is selected ("called high risk") at a threshold t when score >= t;
//   - a value that cannot be computed is undefined with a [Reason], never zero and never left out;
//   - the order of rows and the names of groups change no figure, interval limits included.
//
// docs/fairness.md gives each formula with its source and its edge cases.
package fairness
