// Command uiscsi is a stranger's initiator: it logs in, asks a LUN for its facts, writes blocks, reads them back, and
// prints what it saw as one JSON object. It does not discover: version 1.4.1 offers MaxConnections in discovery and
// takes the answer Irrelevant, which RFC 7143 provides for, for a number.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/uiscsi/uiscsi"
)

type report struct {
	Luns      []uint64 `json:"luns"`
	Vendor    string   `json:"vendor"`
	Product   string   `json:"product"`
	Blocks    uint64   `json:"blocks"`
	BlockSize uint32   `json:"blockSize"`
	Written   string   `json:"written"`
	Read      string   `json:"read"`
	Reset     uint8    `json:"reset"`
}

func main() {
	portal := flag.String("portal", "", "host:port")
	target := flag.String("target", "", "target name")
	lun := flag.Uint64("lun", 0, "logical unit")
	lba := flag.Uint64("lba", 0, "first block")
	count := flag.Uint64("blocks", 64, "blocks to write and read back")
	digests := flag.Bool("digests", false, "ask for both digests")
	flag.Parse()
	if err := run(*portal, *target, *lun, *lba, uint32(*count), *digests); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(portal, target string, lun, lba uint64, count uint32, digests bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	silent := uiscsi.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))

	var out report
	options := []uiscsi.Option{silent, uiscsi.WithTarget(target)}
	if digests {
		options = append(options, uiscsi.WithHeaderDigest("CRC32C"), uiscsi.WithDataDigest("CRC32C"))
	}
	session, err := uiscsi.Dial(ctx, portal, options...)
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	defer session.Close()

	scsi := session.SCSI()
	// A unit attention after the login is no failure; the second answer counts.
	if err := scsi.TestUnitReady(ctx, lun); err != nil {
		if err := scsi.TestUnitReady(ctx, lun); err != nil {
			return fmt.Errorf("test unit ready: %w", err)
		}
	}
	if out.Luns, err = scsi.ReportLuns(ctx); err != nil {
		return fmt.Errorf("report luns: %w", err)
	}
	for index, raw := range out.Luns {
		out.Luns[index] = uiscsi.DecodeLUN(raw)
	}
	inquiry, err := scsi.Inquiry(ctx, lun)
	if err != nil {
		return fmt.Errorf("inquiry: %w", err)
	}
	out.Vendor, out.Product = inquiry.VendorID, inquiry.ProductID
	capacity, err := scsi.ReadCapacity(ctx, lun)
	if err != nil {
		return fmt.Errorf("read capacity: %w", err)
	}
	out.BlockSize, out.Blocks = capacity.BlockSize, capacity.LBA+1

	data := make([]byte, int(count)*int(capacity.BlockSize))
	for index := range data {
		data[index] = byte(index*7 + index>>9)
	}
	if err := scsi.WriteBlocks(ctx, lun, lba, count, capacity.BlockSize, data); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := scsi.SynchronizeCache(ctx, lun); err != nil {
		return fmt.Errorf("synchronize cache: %w", err)
	}
	back, err := scsi.ReadBlocks(ctx, lun, lba, count, capacity.BlockSize)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if !bytes.Equal(data, back) {
		return fmt.Errorf("read back %d bytes that differ from the %d written", len(back), len(data))
	}
	out.Written, out.Read = hash(data), hash(back)

	reset, err := session.TMF().LUNReset(ctx, lun)
	if err != nil {
		return fmt.Errorf("lun reset: %w", err)
	}
	out.Reset = reset.Response
	return json.NewEncoder(os.Stdout).Encode(out)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
