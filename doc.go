// Package tarozi is the vocabulary of the service: what a case system sends (CaseHistory), what comes back
// (Assessment), what people decide about it (Review), and what happened later (Outcome); and the few formulas that more than one
// package needs: log-odds, and the interval of an observed share.
//
// The package does no I/O and imports no other package of this module. A CaseHistory has no place for a name, an
// address or a protected attribute; those live in types of their own (Identity, ProtectedAttributes) that no package
// between a history and a score imports.
package tarozi
