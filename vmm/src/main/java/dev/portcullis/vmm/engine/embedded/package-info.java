/// Partitions without a virtual machine: their software is Java, on threads of its own, and what a
/// processor would do it does through the monitor.
package dev.portcullis.vmm.engine.embedded;
