// Package explain turns a model's score into contributions that add up: to the log-odds, and to the probability in percentage
// points. Product does it for the terms of additive models, whatever runs them; NewHead chooses a method for any graph and
// Explain applies it. Changes looks for what could change a score, Compare says what moved it since last time.
//
// docs/explanations.md has the formulas, their sources, worked examples and the measured speed.
package explain
