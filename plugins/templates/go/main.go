// NAME: how many files a directory holds, and how large they are together.
//
// hostward runs it once in each interval and reads what it prints. `make test` compares that with expected.prom, `make install` puts it
// where hostward looks. A failure is an exit code other than 0, with the reason on standard error: hostward then tells no
// numbers rather than wrong ones.
package main

import (
	"fmt"
	"os"
	"strings"
)

var escape = strings.NewReplacer("\\", "\\\\", "\"", "\\\"", "\n", "\\n")

func main() {
	directory := "/var/spool"
	if len(os.Args) > 1 {
		directory = os.Args[1]
	}
	entries, err := os.ReadDir(directory)
	fail(err)
	var files, bytes int64
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		of, err := entry.Info()
		fail(err)
		files++
		bytes += of.Size()
	}
	label := escape.Replace(directory)
	fmt.Printf("# HELP NAME_files Files in the directory.\n# TYPE NAME_files gauge\n")
	fmt.Printf("NAME_files{directory=\"%s\"} %d\n", label, files)
	fmt.Printf("# HELP NAME_size_bytes Size of the files in the directory.\n# TYPE NAME_size_bytes gauge\n")
	fmt.Printf("# UNIT NAME_size_bytes bytes\nNAME_size_bytes{directory=\"%s\"} %d\n# EOF\n", label, bytes)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
