/// A Linux that runs on a machine of ours: put together, booted in QEMU, given commands, and looked
/// at afterwards. Start with [LinuxRun].
package dev.portcullis.machine.guest;
