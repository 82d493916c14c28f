/// Where interrupts go: those of assigned functions through the unit's interrupt table, those of
/// the monitor's own devices without it, all to the partition they belong to.
package dev.portcullis.vmm.interrupt;
