package main

import (
	"fmt"
	"os"
)

func main() {
	data, err := os.ReadFile("hello.txt")
	// Type below, for example: if err !=
	fmt.Println(string(data))
}
