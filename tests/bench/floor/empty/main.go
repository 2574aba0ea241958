// Floor empty does nothing. The benchmark builds it together with an import of
// every package that our binary links, so that its start costs what their
// package-level work costs, and nothing else.
package main

func main() {}
