/// The proof with the real thing: an unmodified Linux, in a real QEMU, on our units and devices.
/// Nothing is skipped; without a QEMU these tests fail.
package dev.portcullis.system;
