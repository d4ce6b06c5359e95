package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
)

const (
	headerBytes = 16
	longest     = 64 << 20
	opMsg       = 2013
	moreToCome  = 1 << 1
	flagsAt     = headerBytes
	lengthAt    = 0
	operationAt = 12
	flagsEnd    = flagsAt + 4
)

// serveOneByOne hands the commands of all connections to the database one at a time. MongoDB changes a document atomically; FerretDB
// 1.24 reads it, then writes it, so that of two conditional updates at once both may succeed. One command at a time keeps that promise.
// It also keeps more than MongoDB does: updates and deletions of many documents are one step here. The adapters must not rely on it.
func serveOneByOne(door net.Listener, database string) {
	var turn sync.Mutex
	for {
		client, err := door.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			server, err := net.Dial("tcp", database)
			if err != nil {
				return
			}
			defer server.Close()
			for {
				if relay(client, server, &turn) != nil {
					return
				}
			}
		}()
	}
}

func relay(client, server net.Conn, turn *sync.Mutex) error {
	command, err := readMessage(client)
	if err != nil {
		return err
	}
	reply, err := ask(server, command, turn)
	if err != nil || reply == nil {
		return err
	}
	_, err = client.Write(reply)
	return err
}

func ask(server net.Conn, command []byte, turn *sync.Mutex) ([]byte, error) {
	turn.Lock()
	defer turn.Unlock()
	if _, err := server.Write(command); err != nil {
		return nil, err
	}
	if isUnanswered(command) {
		return nil, nil
	}
	return readMessage(server)
}

// A message of MongoDB's wire protocol: its length comes first.
func readMessage(from io.Reader) ([]byte, error) {
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header[lengthAt:])
	if length < headerBytes || length > longest {
		return nil, errors.New("no message of MongoDB's protocol")
	}
	message := make([]byte, length)
	copy(message, header)
	_, err := io.ReadFull(from, message[headerBytes:])
	return message, err
}

func isUnanswered(message []byte) bool {
	return len(message) >= flagsEnd &&
		binary.LittleEndian.Uint32(message[operationAt:]) == opMsg &&
		binary.LittleEndian.Uint32(message[flagsAt:])&moreToCome != 0
}
