package main

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// startEtcd runs a one-member etcd in this process. It trades durability for speed: nothing of a test outlives it.
func startEtcd(dir string, clientPort, peerPort int) (stop func(), err error) {
	config := embed.NewConfig()
	config.Dir = dir
	config.LogLevel, config.LogOutputs = "error", []string{dir + ".log"}
	config.UnsafeNoFsync = true
	// A member without others waits for one election only; by default for a second.
	config.TickMs, config.ElectionMs = 10, 100
	client, peer := loopback(clientPort), loopback(peerPort)
	config.ListenClientUrls, config.AdvertiseClientUrls = client, client
	config.ListenPeerUrls, config.AdvertisePeerUrls = peer, peer
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd.Close, nil
	case err := <-etcd.Err():
		etcd.Close()
		return nil, err
	case <-time.After(time.Minute):
		etcd.Close()
		return nil, errors.New("not ready after a minute")
	}
}

func loopback(port int) []url.URL {
	return []url.URL{{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}}
}
