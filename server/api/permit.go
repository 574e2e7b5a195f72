package api

import (
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tarozi/tarozi"
)

// needs is the action that each call with a body asks for. Package scoring decides; this is looked at before a body is read, so
// that whoever may not make the call cannot have one checked either.
var needs = map[string]tarozi.Action{
	"createAssessment": tarozi.Assess, "createAssessments": tarozi.Assess,
	"lockView": tarozi.Decide, "skipView": tarozi.Decide, "addReview": tarozi.Decide, "answerChallenge": tarozi.Decide,
	"countersign": tarozi.CountersignOther, "addChallenge": tarozi.Object,
	"disputeRecord": tarozi.Object, "decideDispute": tarozi.Decide,
	"putHistory": tarozi.WriteHistory, "addEvents": tarozi.WriteHistory,
	"addOutcomes": tarozi.WriteOutcomes, "putProtected": tarozi.WriteProtected, "addProtected": tarozi.WriteProtected,
	"makeFairnessReport": tarozi.ReadReports, "proposeDecision": tarozi.ProposeLevers,
}

// permit refuses whoever may not make a call that has a body. A call that is not in needs is nobody's.
func permit(who tarozi.Actor, o *openapi3.Operation) error {
	if o.RequestBody == nil {
		return nil
	}
	return who.Allow(needs[o.OperationID])
}
