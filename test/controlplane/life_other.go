//go:build !linux

package main

import "syscall"

// ownLife keeps the terminal's Ctrl-C from the children, which are stopped in order.
func ownLife() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
