/// Partitions: a window of physical memory each, and where guest physical addresses lead.
package dev.portcullis.vmm.partition;
