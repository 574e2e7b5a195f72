// Package explain turns the terms of a model into contributions that add up: to the log-odds, and to the probability in
// percentage points.
package explain
