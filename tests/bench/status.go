package main

import "fmt"

const maxStatus = 1.2 // × check

// measureStatus compares the status of a large project with its check, of which
// it is most.
func measureStatus(b *bench) error {
	const models = 10_000
	folder, err := b.project(models)
	if err != nil {
		return err
	}
	took, err := b.turns(b.times(15), []string{b.ours, "status", "--no-probe", "--offline", folder}, b.check(folder))
	if err != nil {
		return err
	}
	status, check := took[0], took[1]
	wall, cpu := quotient(status.wall.median(), check.wall.median()), quotient(status.cpu.median(), check.cpu.median())
	b.table.add(row{
		work: fmt.Sprintf("T17 status of %s models", thousands(models)), ours: status.text(), floor: "check " + check.text(),
		ratio: fmt.Sprintf("%.2f ×, CPU %.2f ×", wall, cpu), bar: "≤ 1.2 × check",
		verdict: worst(holds(wall, maxStatus), holds(cpu, maxStatus)),
	})
	return nil
}
