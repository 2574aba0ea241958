package setup

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the files of testdata")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(m.Run())
}
