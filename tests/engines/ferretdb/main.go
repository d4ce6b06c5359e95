// The wire protocol of MongoDB on SQLite, for suites that need a MongoDB where none can be had: FerretDB as a library. It is a
// stand-in, not MongoDB.
//
// It prints its address once it listens, and ends on a signal or when its standard input ends, so that it never outlives the run
// that started it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on")
	folder := flag.String("folder", "", "folder for the SQLite files")
	flag.Parse()
	if err := run(*listen, *folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(listen, folder string) error {
	running, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()

	database, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- database.Run(running) }()

	behind, err := url.Parse(database.MongoDBURI()) // waits until it listens
	if err != nil {
		return err
	}
	door, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	defer door.Close()
	go serveOneByOne(door, behind.Host)
	fmt.Printf("mongodb://%s/\n", door.Addr())
	return <-ended
}
