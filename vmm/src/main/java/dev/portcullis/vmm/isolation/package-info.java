/// Whether partitions reach what is theirs, and no more.
package dev.portcullis.vmm.isolation;
