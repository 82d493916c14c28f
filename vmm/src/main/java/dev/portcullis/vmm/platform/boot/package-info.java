/// What a partition boots from, and who is asked before it does. Start with [BootGate].
package dev.portcullis.vmm.platform.boot;
