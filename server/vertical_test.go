package server_test

import (
	"net/http"
	"testing"
)

func TestAssessmentIsStoredReadAndReplayed(t *testing.T) {
	s := start(t)
	made := s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated)
	location := made.header.Get("Location")
	read := s.call("GET", location, "").want(http.StatusOK)
	if string(read.body) != string(made.body) {
		t.Errorf("made:\n%s\nread:\n%s", made.body, read.body)
	}
	replay := s.call("GET", location+"/replay", "").want(http.StatusOK).object()
	if replay["same"] != true || replay["difference"] != 0.0 || replay["input_unchanged"] != true || replay["extraction"] != "same" {
		t.Errorf("replay: %v", replay)
	}
}
