/// Short commands on the host: start, feed nothing, read the output, end in time. No QEMU machine
/// runs here; see `dev.portcullis.qemu.run` for that.
package dev.portcullis.qemu.host;
