// Package scoring turns a request into a stored assessment, and carries it through its review.
//
// Evaluate is the pure middle: a bundle and the values that it reads become scores, contributions and warnings, with no clock, store
// or person. Assessor stands before it and reads a history into those values. Service stands around both: it checks what the actor
// may do, scores, has the result stored with its audit entry, and takes every later step (own view, decision, countersignature,
// objection, dispute) by rules that are asked within the transaction that stores the step.
//
// Which bundle scores for whom is a committee's word: deploy.go says where bundles stand, committee.go and levers.go what was signed
// about them, remedy.go what a signed remedy adds. retention.go and custody.go say what is kept, and whose a person is.
//
// What all this needs of a database is declared here (Store and the interfaces that it joins) and fulfilled by package store. Every
// error that a caller can do something about is a *tarozi.Error.
package scoring
