/// Looking at and steering a running platform from outside, through a socket on the same machine.
package dev.portcullis.vmm.platform.control;
