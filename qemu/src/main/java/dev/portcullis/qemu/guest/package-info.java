/// Inside the machine: the initial file system that we build, and the session that runs commands as
/// root in a booted guest and brings back their output and exit code.
package dev.portcullis.qemu.guest;
