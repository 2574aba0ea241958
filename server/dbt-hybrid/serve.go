package main

type serveCommand struct{}

func (c *serveCommand) Run() error { return nil }
