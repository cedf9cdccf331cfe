package s3

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/minio/minio-go/v7"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
)

// told puts into words what a service says (Amazon S3, API Reference, Error Responses).
func (s *settings) told(err error) error {
	if err == nil {
		return nil
	}
	said := minio.ToErrorResponse(err)
	if said.StatusCode == 0 && said.Code == "" || !saidByService(err) {
		return s.unreached(err)
	}
	what := said.Message
	if what == "" {
		what = said.Code
	}
	switch said.Code {
	case "NoSuchKey", "NotFound", "NoSuchUpload":
		return fs.ErrNotExist
	case "NoSuchBucket":
		return s.noBucket()
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		return fs.ErrPermission
	case "InvalidAccessKeyId":
		return kit.Fail(kit.Denied, "%s does not know the access key %s", s.Endpoint, s.KeyID).On("key_id").Hint("check the access key of the connection, or make a new one")
	case "SignatureDoesNotMatch", "InvalidSecurity":
		return kit.Fail(kit.Denied, "%s does not take the secret key of %s", s.Endpoint, s.KeyID).On("secret").Hint("type the secret key again, or make a new one; check the region too")
	case "ExpiredToken", "InvalidToken":
		return kit.Fail(kit.Denied, "the session token has expired").On("token").Hint("sign in anew and set the new keys and token")
	case "RequestTimeTooSkewed":
		return kit.Fail(kit.Refused, "the clock of this machine differs from the service's by more than it allows").Hint("set the clock of this machine")
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException":
		return kit.Fail(kit.Invalid, "the bucket is in another region: %s", what).On("region").Hint("set the bucket's region, or leave it empty to ask the service")
	case "SlowDown", "TooManyRequests", "RequestLimitExceeded", "ThrottlingException":
		return kit.Fail(kit.Throttled, "%s asks to slow down: %s", s.Endpoint, what).Hint("retry later, or set the rate of the connection lower")
	case "QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity", "StorageFull":
		return syscall.ENOSPC
	case "EntityTooLarge":
		return kit.Fail(kit.Invalid, "the object is larger than the service takes: %s", what).Hint("part it into several")
	case "KeyTooLongError", "InvalidObjectName", "InvalidURI", "XMinioInvalidObjectName":
		return kit.Fail(kit.Invalid, "the service does not take that path: %s", what).On("path").Hint("choose a shorter one with plainer characters")
	case "PreconditionFailed":
		return kit.Fail(kit.Refused, "it was changed in the meantime").Hint("read it again, and then decide")
	}
	switch {
	case said.StatusCode == http.StatusInsufficientStorage:
		return syscall.ENOSPC
	case said.StatusCode == http.StatusNotFound:
		return fs.ErrNotExist
	case said.StatusCode == http.StatusForbidden, said.StatusCode == http.StatusUnauthorized:
		return fs.ErrPermission
	case said.StatusCode == http.StatusTooManyRequests, said.StatusCode == http.StatusServiceUnavailable:
		return kit.Fail(kit.Throttled, "%s takes no more for now: %s", s.Endpoint, what).Hint("retry later, or set the rate of the connection lower")
	case said.StatusCode >= 500:
		return kit.Fail(kit.Unavailable, "%s has a fault of its own: %s", s.Endpoint, what).Hint("retry later; if it stays so, tell those who run the service").Unsure()
	}
	return kit.Fail(kit.Refused, "%s refuses: %s (%s)", s.Endpoint, what, said.Code).Hint("look up the code %s in the service's documents", said.Code)
}

// saidByService tells an answer apart from what went wrong on the way.
func saidByService(err error) bool {
	var response minio.ErrorResponse
	return errors.As(err, &response)
}

// unreached puts into words why no answer came.
func (s *settings) unreached(err error) error {
	host, _ := s.Service()
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if f := auth.Distrust(host, err); f != nil {
		return f
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	var timeout net.Error
	f := kit.AsFailure(err)
	switch {
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return kit.Fail(kit.TimedOut, "%s does not answer", host).Hint("retry; raise the time-out, or see why the service is slow").Unsure()
	case f.Kind == kit.Unknown && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isNetwork(err) || strings.HasPrefix(err.Error(), "Connection closed by foreign host")):
		return kit.Fail(kit.Unavailable, "the connection to %s was lost", host).Hint("retry; nothing half is visible there").Unsure()
	case f.Kind == kit.Unknown:
		return err
	}
	f.What = "ask " + host + ": " + f.What
	return f
}

func isNetwork(err error) bool {
	var op *net.OpError
	return errors.As(err, &op)
}
