package main

import (
	"fmt"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
)

// gross is how far over its bar something may be on a busy machine.
const gross = 2

// measureFloors compares processor time with that of the floors in the same run,
// which a busy machine slows alike. The bars are those of the whole benchmark, or
// what was measured where that has none of this kind, and twice as high.
func measureFloors(b *bench) error {
	folder, err := b.project(2000)
	if err != nil {
		return err
	}
	env, err := b.envProject(generate.Clean, 1000)
	if err != nil {
		return err
	}
	for _, test := range []struct {
		work        string
		ours, floor []string
		limit       float64
	}{
		{"version", []string{b.ours, "version"}, []string{b.linkedFloor}, maxVersionCPU},
		{"check of a .env of 1,000 lines", b.check(env), []string{b.emptyFloor}, 2.5},
		{"check of 2,000 models", b.check(folder), []string{b.scanFloor, folder}, 2},
	} {
		took, err := b.turns(15, test.ours, test.floor)
		if err != nil {
			return err
		}
		b.addFloor(test.work, took[0].cpu.percentile(20), took[1].cpu.percentile(20), test.limit)
	}
	for _, test := range []struct {
		work  string
		page  page
		limit float64
	}{
		{"key in a .env of 10 lines", envPage(generate.Clean, 10), maxKeyMedian},
		{"key in a .env of 1,000 lines", envPage(generate.Clean, 1000), 8},
	} {
		if err := b.keyFloor(test.work, test.page, test.limit); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) keyFloor(work string, page page, limit float64) error {
	var r results
	all, err := b.seatAll(&r, keyTest{text: page, keys: 20})
	if err == nil {
		err = typeInTurns(all, 5)
	}
	if err := closeAll(all, err); err != nil {
		return err
	}
	b.addFloor(work, r.ours.perKey(), r.floor.perKey(), limit)
	return nil
}

func (b *bench) addFloor(work string, ours, floor time.Duration, limit float64) {
	ratio := quotient(ours, floor)
	b.table.add(row{
		work: work, ours: "CPU " + text(ours), floor: "CPU " + text(floor), ratio: fmt.Sprintf("%.2f ×", ratio),
		bar: fmt.Sprintf("≤ %d × %.2f ×", gross, limit), verdict: holds(ratio, gross*limit),
	})
}
