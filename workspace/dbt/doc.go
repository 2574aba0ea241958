// Package dbt holds the files of dbt with a meaning of their own (dbt_project.yml,
// profiles.yml, packages.yml, dependencies.yml, dbt_cloud.yml) and what the
// engine concludes from them: the connection, the link to dbt platform,
// deferral, and the packages and projects that it loads.
//
// Everything here is a function of contents and parameters: no file is opened,
// no clock and no environment is read.
package dbt
