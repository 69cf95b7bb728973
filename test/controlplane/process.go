package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// process is one component: this same binary under another first argument, its output in DIR/NAME.log.
type process struct {
	name string
	dir  string
	args []string
	// died gets an error when the component ends unasked.
	died chan<- error

	mutex    sync.Mutex
	command  *exec.Cmd
	ended    chan struct{}
	stopping bool
}

const stopWithin = 20 * time.Second

func (p *process) start() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	logFile := filepath.Join(p.dir, p.name+".log")
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(binary, append([]string{p.name}, p.args...)...)
	command.Stdout, command.Stderr = log, log
	// A quarter of the processor time of a start would go into collecting garbage of a process that lives for minutes.
	command.Env = append(os.Environ(), "GOGC=400")
	command.SysProcAttr = ownLife()
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	p.command, p.ended, p.stopping = command, ended, false
	go func() {
		err := command.Wait()
		p.mutex.Lock()
		unasked := !p.stopping
		p.mutex.Unlock()
		close(ended)
		if unasked {
			p.died <- fmt.Errorf("%s ended (%v); its last words are in %s", p.name, err, logFile)
		}
	}()
	return nil
}

// stop asks politely, then insists, and returns when the process is gone.
func (p *process) stop() {
	p.mutex.Lock()
	command, ended := p.command, p.ended
	p.stopping = true
	p.mutex.Unlock()
	if command == nil {
		return
	}
	_ = command.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(stopWithin):
		_ = command.Process.Kill()
		<-ended
	}
}
