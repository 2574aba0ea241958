package lspdrive_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/lspdrive"
)

func TestDrivesTheFloorServer(t *testing.T) {
	floor := filepath.Join(t.TempDir(), "floor")
	if out, err := exec.Command("go", "build", "-o", floor, "../floor/lsp").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	folder := t.TempDir()
	server, start, err := lspdrive.Start(lspdrive.Command{Name: "floor", Args: []string{floor}, LanguageID: "dotenv"}, folder)
	if err != nil {
		t.Fatal(err)
	}
	if start <= 0 {
		t.Errorf("start took %v", start)
	}
	document, err := server.Open(filepath.Join(folder, ".env"), "A=one\nB=two\n", " ", 9)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if took, err := document.Key(); err != nil || took <= 0 {
			t.Errorf("a key took %v, %v", took, err)
		}
	}
	if took, err := document.Burst(51); err != nil || took <= 0 {
		t.Errorf("a burst took %v, %v", took, err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}
