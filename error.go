package tarozi

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code classifies an Error by what the caller can do about it; the HTTP edge turns it into a status.
type Code string

// The codes.
const (
	Malformed    Code = "malformed"         // 400: the request is not of the vocabulary
	Unauthorised Code = "unauthorised"      // 401: nobody is signed in, or the key is wrong
	Forbidden    Code = "forbidden"         // 403: signed in, but not allowed
	NotFound     Code = "not_found"         // 404: absent, or not the caller's to see
	Conflict     Code = "conflict"          // 409: it contradicts what is stored
	TooLarge     Code = "too_large"         // 413
	NotScorable  Code = "not_scorable"      // 422: well-formed, but no score can be given
	TooMany      Code = "too_many_requests" // 429
	Unavailable  Code = "unavailable"       // 503: the service cannot store just now; nothing was stored
	Internal     Code = "internal"          // 500: a fault of ours
)

// Error is the one error type that reaches people. Message says what is wrong and what to do; Fields point at the places.
type Error struct {
	Code    Code
	Message string
	Fields  []FieldError
	// RetryAfter is how long to wait before asking again; zero: it is not said.
	RetryAfter time.Duration
	cause      error
}

// FieldError is one fault at one place of the request.
type FieldError struct {
	Pointer string `json:"pointer"` // JSON pointer into the request, such as /events/3/at
	Code    string `json:"code"`    // stable name of the fault, such as unknown_value
	Message string `json:"message"`
}

// Errorf makes an Error; a %w argument becomes its cause, which is logged but not shown.
func Errorf(code Code, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: wrapped.Error(), cause: errors.Unwrap(wrapped)}
}

// Wrap gives cause a code and a message for people; the cause is kept for the log and left out of Message.
func Wrap(code Code, cause error, message string) *Error {
	return &Error{Code: code, Message: message, cause: cause}
}

// Error is the message followed by each field's fault.
func (e *Error) Error() string {
	parts := make([]string, 0, 1+len(e.Fields))
	parts = append(parts, e.Message)
	for _, f := range e.Fields {
		parts = append(parts, f.Pointer+": "+f.Message)
	}
	return strings.Join(parts, "; ")
}

// Unwrap is the cause, nil where there is none.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf is the code of the first Error in err's chain; Internal for any other error, empty for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
