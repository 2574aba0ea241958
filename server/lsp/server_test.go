package lsp

import (
	"encoding/json"
	"testing"
)

const shop = `
-- dbt_project.yml --
name: shop
profile: shop
-- profiles.yml --
shop:
  target: dev
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('DBT_HOST') }}"
      port: 5432
      user: shop
      password: "{{ env_var('DBT_ENV_SECRET_PASSWORD') }}"
      dbname: shop
      schema: dev
-- .env --
DBT_HOST=localhost
DBT_ENV_SECRET_PASSWORD=CANARY-7f3a
DBT_HOST=elsewhere
-- .env.example --
DBT_HOST=
DBT_ENV_SECRET_PASSWORD=
-- .gitignore --
.env
-- models/orders.sql --
select 1
`

func TestFirstLook(t *testing.T) {
	s := newSession(t, shop)
	var result struct {
		Capabilities struct{ PositionEncoding string }
		ServerInfo   struct{ Name, Version string }
	}
	if err := json.Unmarshal(s.start(all, nil), &result); err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", result)
	t.Log(s.diagnostics(".env"))
	s.shutdown()
}
