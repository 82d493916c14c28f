/// A whole platform at work: a machine, the monitor on it, partitions with their engines, the
/// cables between them. Start with [RunningPlatform].
package dev.portcullis.vmm.platform;
