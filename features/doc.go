// Package features turns what is known about a person as of a day into the inputs of a model.
//
// The catalogue (Catalogue) lists every feature with its kind, unit, range, window and sources. Extract reads a case history
// as of the end of a day and gives one Entry for each feature: the value with the records behind it, or why there is none.
// It is a pure function of the history and the Moment: no clock, no state, no I/O, and the history is left as it came.
//
// What binds every rule here:
//
//   - Of an event, the latest version received by the as-of day is read. What happened or was received later is not read.
//   - Only what is established counts against a person (tarozi.Event.Established). A record in the person's favour that is
//     disputed keeps counting until it is decided. See Feature.Adverse.
//   - Nothing is guessed: where no record speaks of a feature its value is missing, never zero.
//   - A window of n days ends with the as-of day and includes it: what happened n days earlier is just outside.
//   - The day of an instant is its day in the service's time zone, whatever zone it was written in.
//
// The package cannot reach protected attributes, names or addresses: the vocabulary of a history has no place for them, and a
// test holds that no source file here mentions the types that do.
package features
