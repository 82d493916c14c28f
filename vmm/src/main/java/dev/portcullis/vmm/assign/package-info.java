/// Which function belongs to which partition.
package dev.portcullis.vmm.assign;
