package main

import (
	"fmt"
	"os"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// openLog makes the program's log. It never goes to stdout, which belongs to
// the reports and to the protocol.
func openLog(level, path string) (log *zap.Logger, closeLog func(), err error) {
	at, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, nil, err
	}
	out := os.Stderr
	if path != "" {
		if out, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return nil, nil, fmt.Errorf("log file: %w", err)
		}
	}
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.ISO8601TimeEncoder
	log = zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(config), zapcore.Lock(out), at))
	if path == "" {
		return log, func() {}, nil // nothing is held back; where stderr is a file, to wait for its disk takes long
	}
	return log, func() {
		_ = log.Sync()
		_ = out.Close()
	}, nil
}
