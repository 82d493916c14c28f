/// Where QEMU, kernels and guest programs come from: the Debian mirror that the host's own apt is
/// configured for, unpacked into a cache directory, without root and without touching the host.
package dev.portcullis.qemu.install;
