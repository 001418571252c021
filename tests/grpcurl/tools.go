//go:build tools

// Package grpcurl pins the grpcurl that the tests call; go.sum pins every byte of it.
package grpcurl

import _ "github.com/fullstorydev/grpcurl/cmd/grpcurl"
