package main

import "syscall"

// ownLife keeps the terminal's Ctrl-C from the children, which are stopped in order, and ends them with their parent however it ends.
func ownLife() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
